import { test } from "node:test";
import assert from "node:assert/strict";
import { HttpRequest } from "@azure/functions";
import { type App, ConfigurationProblem } from "../../functions/deps.ts";
import { type HttpOn, httpFunction, httpRoutes } from "../../functions/http.ts";
import type { HttpWork } from "../../functions/http-work.ts";
import { createLog } from "../../functions/log.ts";
import { parseCallers } from "../../shared/core/http-caller.ts";
import { RemoteProblem } from "../../shared/core/remote-problem.ts";
import { readMessage } from "../../shared/core/secret-event.ts";

const tenant = "99999999-9999-4999-8999-999999999999";
const reader = "aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa";
const operator = "bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb";
const stranger = "cccccccc-cccc-4ccc-8ccc-cccccccccccc";

const entra: HttpOn = {
  kind: "entra",
  tenant,
  readers: parseCallers(reader) ?? assert.fail(),
  operators: parseCallers(`${operator} role:Bridge.Operator`) ?? assert.fail(),
};

function principal(objectId: string, more: readonly (readonly [string, string])[] = []): string {
  const claims = [["oid", objectId], ["tid", tenant], ...more].map(([typ, val]) => ({ typ, val }));
  return Buffer.from(JSON.stringify({ auth_typ: "aad", claims })).toString("base64");
}

interface Ask {
  readonly route: "plan" | "status" | "rotate" | "replay";
  readonly as?: string;
  readonly method?: string;
  readonly query?: string;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly settings?: HttpOn;
}

/** An app in memory: what is asked of it, what is answered and logged. */
function setUp(change: Partial<HttpWork> = {}, app?: () => Promise<App>) {
  const asked: unknown[] = [];
  const lines: Record<string, unknown>[] = [];
  const note = (line: string) => void lines.push(JSON.parse(line));
  const context = { invocationId: "i", functionName: "f", info: note, warn: note, error: note };
  const http: HttpWork = {
    plan: async (request) => {
      asked.push(request);
      return { secret: "kv-shop/db", objects: [], targets: [], unread: [] };
    },
    status: async (query) => {
      asked.push(query);
      return { allCurrent: true, targets: [], unread: [] };
    },
    rotate: async (order) => {
      asked.push(order);
      return { about: ["blue/* kv-shop/secret/db"] };
    },
    replay: async (body) => {
      asked.push(body);
      const { events, ignored } = readMessage(body);
      return { about: events.map(({ vault }) => vault), ignored: ignored.map(({ reason }) => reason) };
    },
    ...change,
  };
  const unused = () => assert.fail();
  const bridge = { onMessage: unused, reconcile: unused, onPoison: unused };
  const whole: App = { bridge, readMessage, checkEnvelope: unused, enqueue: unused, http };
  const deps = { log: createLog("info", note), app: app ?? (async () => whole) };

  async function ask({ route, as, settings = entra, ...given }: Ask) {
    const found = httpRoutes.find((one) => one.route === route) ?? assert.fail();
    const method = given.method ?? found.method;
    const headers = {
      ...(as === undefined ? {} : { "x-ms-client-principal": as }),
      ...(given.body === undefined ? {} : { "content-type": "application/json" }),
      ...given.headers,
    };
    const body = given.body === undefined || method === "GET" ? {} : { body: { string: given.body } };
    const url = `https://func-bridge.azurewebsites.net/api/${route}${given.query ?? ""}`;
    const request = new HttpRequest({ method, url, headers, ...body });
    const response = await httpFunction(deps, settings, found)(request, context);
    const answer: unknown = response.jsonBody;
    return { status: response.status, headers: new Headers(response.headers ?? {}), answer };
  }
  return { ask, asked, lines };
}

const order = JSON.stringify({ secret: "kv-shop/db" });
const event = {
  id: "1",
  eventType: "Microsoft.KeyVault.SecretNewVersionCreated",
  subject: "db",
  data: { VaultName: "kv-shop", ObjectType: "Secret", ObjectName: "db", Version: "a".repeat(32) },
};

test("readers read, operators read and order", async () => {
  const rows: readonly (readonly [Ask, number])[] = [
    [{ route: "plan", query: "?secret=kv-shop/db" }, 200],
    [{ route: "status" }, 200],
    [{ route: "rotate", body: order }, 202],
    [{ route: "replay", body: JSON.stringify(event) }, 202],
  ];
  for (const [row, status] of rows) {
    const { ask } = setUp();
    const reads = status === 200;
    assert.equal((await ask({ ...row, as: principal(operator) })).status, status, `${row.route} by an operator`);
    assert.equal((await ask({ ...row, as: principal(reader) })).status, reads ? 200 : 403, `${row.route} by a reader`);
    assert.equal((await ask({ ...row, as: principal(stranger) })).status, 403, `${row.route} by a stranger`);
    assert.equal((await ask(row)).status, 401, `${row.route} by nobody`);
    const byRole = principal(stranger, [["roles", "Bridge.Operator"]]);
    assert.equal((await ask({ ...row, as: byRole })).status, status, `${row.route} by a role`);
  }
});

test("who may not call learns nothing and reaches nothing, and the refusal is logged", async () => {
  const { ask, asked, lines } = setUp();
  for (const as of [undefined, "forged", principal("*"), principal(stranger), principal(reader)])
    await ask({ route: "rotate", ...(as === undefined ? {} : { as }), body: "x".repeat(100_000) });
  assert.deepEqual(asked, []);
  assert.deepEqual(
    lines.map((line) => [line["level"], line["event"], line["route"], line["why"], line["caller"]]),
    [
      ["warn", "http-refused", "rotate", "not-signed-in", undefined],
      ["warn", "http-refused", "rotate", "not-signed-in", undefined],
      ["warn", "http-refused", "rotate", "not-signed-in", undefined],
      ["warn", "http-refused", "rotate", "not-allowed", stranger],
      ["warn", "http-refused", "rotate", "not-allowed", reader],
    ],
  );
});

test("the request is parsed before anything is done with it", async () => {
  const bad = { status: 400, error: "bad-request" };
  const rows: readonly (readonly [Ask, { readonly status: number; readonly error: string }])[] = [
    [{ route: "plan" }, bad],
    [{ route: "plan", query: "?secret=kv-shop" }, bad],
    [{ route: "plan", query: "?secret=kv-shop/secret/db" }, bad],
    [{ route: "plan", query: "?secret=kv-shop/db&secret=kv-shop/other&verbose=1" }, bad],
    [{ route: "plan", query: "?secret=https://evil.example/db" }, bad],
    [{ route: "plan", query: "?secret=kv-shop/..%2F..%2Fdb" }, bad],
    [{ route: "plan", query: "?secret=kv-shop/db%0Aforged" }, bad],
    [{ route: "status", query: "?namespace=*" }, bad],
    [{ route: "status", query: "?namespace=shop&__proto__=1" }, bad],
    [{ route: "rotate", body: "" }, bad],
    [{ route: "rotate", body: "{" }, bad],
    [{ route: "rotate", body: "[]" }, bad],
    [{ route: "rotate", body: '{"secret":"kv-shop/db","force":true}' }, bad],
    [{ route: "rotate", body: '{"secret":["kv-shop/db"]}' }, bad],
    [{ route: "rotate", body: '{"cluster":"blue","namespace":"shop"}' }, bad],
    [{ route: "rotate", body: '{"secret":"kv-shop/db","namespace":"shop"}' }, bad],
    [{ route: "rotate", body: '{"secret":"kv-shop/db","cluster":"blue","namespace":"*"}' }, bad],
    [{ route: "rotate", body: '{"secret":"kv-shop/db","__proto__":{"secret":"x"}}' }, bad],
    [
      { route: "rotate", body: order, headers: { "content-type": "text/plain" } },
      { status: 415, error: "not-json" },
    ],
    [
      { route: "rotate", body: order, headers: { "content-type": "application/x-www-form-urlencoded" } },
      { status: 415, error: "not-json" },
    ],
    [
      { route: "rotate", body: order, headers: { "content-type": "" } },
      { status: 415, error: "not-json" },
    ],
    [
      { route: "rotate", body: order, headers: { "content-type": "application/jsonp" } },
      { status: 415, error: "not-json" },
    ],
    [
      { route: "rotate", body: `{"secret":"${"x".repeat(70_000)}"}` },
      { status: 413, error: "too-large" },
    ],
    [
      { route: "rotate", body: order, headers: { "content-length": "70000" } },
      { status: 413, error: "too-large" },
    ],
    [
      { route: "replay", body: `["${"é".repeat(33_000)}"]` },
      { status: 413, error: "too-large" },
    ],
    [
      { route: "rotate", body: order, method: "PUT" },
      { status: 405, error: "method-not-allowed" },
    ],
    [
      { route: "plan", body: order, method: "POST" },
      { status: 405, error: "method-not-allowed" },
    ],
  ];
  for (const [row, expected] of rows) {
    const { ask, asked } = setUp();
    const { status, answer } = await ask({ ...row, as: principal(operator) });
    const what = `${row.route} ${row.query ?? ""} ${row.body?.slice(0, 80) ?? ""}`;
    assert.equal(status, expected.status, what);
    assert.match(JSON.stringify(answer), new RegExp(`^\\{"error":"${expected.error}"`), what);
    assert.deepEqual(asked, [], what);
  }
});

test("what is asked for arrives as names, and an order is logged with who gave it", async () => {
  const { ask, asked, lines } = setUp();
  const as = principal(operator);
  await ask({ route: "plan", as, query: "?secret=KV-Shop/Db" });
  await ask({ route: "status", as, query: "?cluster=blue&namespace=shop" });
  await ask({ route: "rotate", as, body: order, headers: { "content-type": "application/json; charset=utf-8" } });
  const one = { secret: "kv-shop/db", cluster: "blue", namespace: "shop" };
  await ask({ route: "rotate", as, body: JSON.stringify(one) });
  await ask({ route: "replay", as, body: JSON.stringify([event]) });
  assert.deepEqual(asked, [
    { vault: "KV-Shop", name: "Db" },
    { cluster: "blue", namespace: "shop" },
    { secret: { vault: "kv-shop", name: "db" } },
    { ...one, secret: { vault: "kv-shop", name: "db" } },
    [event],
  ]);
  const given = { level: "info", event: "http-order", function: "f", caller: operator };
  const about = ["blue/* kv-shop/secret/db"];
  assert.deepEqual(lines, [
    { ...given, route: "rotate", about },
    { ...given, route: "rotate", about },
    { ...given, route: "replay", about: ["kv-shop"] },
  ]);
});

test("no text of the caller comes back, in an answer or in a log line", async () => {
  const marks = ["evil<script>", "\u001b[31mred", "\r\nset-cookie: a=b", '","event":"forged', "%{jndi:ldap://x}"];
  for (const mark of marks) {
    const { ask, lines } = setUp();
    const as = principal(operator, [["name", mark]]);
    const said: unknown[] = [];
    for (const row of [
      { route: "plan", query: `?secret=${encodeURIComponent(mark)}` },
      { route: "status", query: `?${encodeURIComponent(mark)}=1` },
      { route: "rotate", body: JSON.stringify({ secret: mark }) },
      { route: "rotate", body: JSON.stringify({ [mark]: 1 }) },
      { route: "rotate", body: mark },
      { route: "replay", body: JSON.stringify({ ...event, eventType: mark, subject: mark }) },
      { route: "replay", body: JSON.stringify({ ...event, data: { ...event.data, VaultName: mark } }) },
    ] as const) {
      const { answer, headers } = await ask({ ...row, as });
      said.push(answer, [...headers]);
      const unsigned = await ask({ ...row, as: Buffer.from(mark).toString("base64") });
      said.push(unsigned.answer, [...unsigned.headers]);
    }
    const text = JSON.stringify([said, lines]);
    for (const shown of [mark, JSON.stringify(mark).slice(1, -1)]) assert.ok(!text.includes(shown), shown);
  }
});

test("no answer may be kept or taken for anything but JSON", async () => {
  const { ask } = setUp();
  for (const as of [undefined, principal(operator)]) {
    const { headers } = await ask({ route: "status", ...(as === undefined ? {} : { as }) });
    assert.deepEqual([headers.get("cache-control"), headers.get("x-content-type-options")], ["no-store", "nosniff"]);
  }
});

test("a failure is a word for the caller and a line for the log", async () => {
  const fail = (problem: Error) => ({ rotate: () => Promise.reject(problem) });
  const rows: readonly (readonly [ReturnType<typeof setUp>, number, string])[] = [
    [setUp(fail(new RemoteProblem("unavailable", "Could not send: hunter2"))), 503, "unavailable"],
    [setUp(fail(new TypeError("hunter2"))), 500, "unexpected"],
    [setUp({}, () => Promise.reject(new ConfigurationProblem(["hunter2"]))), 503, "configuration-invalid"],
  ];
  for (const [{ ask, lines }, status, error] of rows) {
    const said = await ask({ route: "rotate", as: principal(operator), body: order });
    assert.deepEqual([said.status, said.answer], [status, { error }]);
    assert.equal(lines.filter(({ level }) => level === "error").length, 1);
  }
});

test("a replay says of what was left out only why", async () => {
  const { ask } = setUp();
  const as = principal(operator);
  const near = { ...event, eventType: "Microsoft.KeyVault.SecretNearExpiry" };
  const some = await ask({ route: "replay", as, body: JSON.stringify([event, near]) });
  assert.deepEqual([some.status, some.answer], [202, { queued: 1, ignored: ["other-event"] }]);
  for (const [body, reason] of [
    [JSON.stringify(near), "other-event"],
    ["[1]", "not-an-event"],
    ['"text"', "not-json"],
  ] as const) {
    const none = await ask({ route: "replay", as, body });
    assert.equal(none.status, 400);
    assert.match(JSON.stringify(none.answer), new RegExp(`"ignored":\\["${reason}"\\]`));
  }
});

test("what the map does not name is not found", async () => {
  const as = principal(operator);
  const { ask } = setUp({ plan: async () => undefined, rotate: async () => ({ refused: "not-mapped" }) });
  const plan = await ask({ route: "plan", as, query: "?secret=kv-other/db" });
  assert.deepEqual([plan.status, plan.answer], [404, { error: "unknown-vault" }]);
  const rotate = await ask({ route: "rotate", as, body: order });
  assert.deepEqual([rotate.status, rotate.answer], [404, { error: "not-mapped" }]);
});

test("reports are made two at a time; more are asked to come again", async () => {
  let finish: () => void = () => undefined;
  const held = new Promise<void>((resolve) => (finish = resolve));
  const slow = async () => {
    await held;
    return { allCurrent: true, targets: [], unread: [] };
  };
  const { ask } = setUp({ status: slow });
  const as = principal(reader);
  const asks = [1, 2, 3].map(() => ask({ route: "status", as }));
  const ordered = await ask({ route: "rotate", as: principal(operator), body: order });
  assert.equal(ordered.status, 202);
  finish();
  const answers = await Promise.all(asks);
  assert.deepEqual(
    answers.map(({ status = 0 }) => status),
    [200, 200, 429],
  );
  assert.deepEqual([answers[2]?.answer, answers[2]?.headers.get("retry-after")], [{ error: "busy" }, "10"]);
  assert.equal((await ask({ route: "status", as })).status, 200);
});

test("on one's own machine nobody is asked who calls, and the rest holds all the same", async () => {
  const { ask, lines } = setUp();
  const settings: HttpOn = { kind: "local" };
  assert.equal((await ask({ route: "status", settings })).status, 200);
  assert.equal((await ask({ route: "rotate", settings, body: order })).status, 202);
  assert.equal(lines.at(-1)?.["caller"], "local");
  const plain = { "content-type": "text/plain" };
  assert.equal((await ask({ route: "rotate", settings, body: order, headers: plain })).status, 415);
});

test("a body that breaks off is a word of ours, and nothing of the error goes on", async () => {
  const lines: string[] = [];
  const note = (line: string) => void lines.push(line);
  const context = { invocationId: "i", functionName: "f", info: note, warn: note, error: note };
  const deps = { log: createLog("info", note), app: async () => assert.fail() };
  const rotate = httpRoutes.find(({ route }) => route === "rotate") ?? assert.fail();
  const headers = new Headers({ "x-ms-client-principal": principal(operator), "content-type": "application/json" });
  const text = () => Promise.reject(new Error("read of 10.0.0.7 aborted"));
  const call = { method: "POST", headers, query: new URLSearchParams(), text };
  const response = await httpFunction(deps, entra, rotate)(call, context);
  assert.deepEqual([response.status, response.jsonBody], [500, { error: "unexpected" }]);
  assert.ok(lines.length > 0 && !lines.join("").includes("10.0.0.7"));
});
