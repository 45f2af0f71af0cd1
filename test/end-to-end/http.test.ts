/** The HTTP functions of the packed app, by real requests: who gets in, what an order does, what an answer never holds. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Authentication, Claim } from "../../local/functions-host/app-service-authentication.ts";
import type { App } from "./app.ts";
import { leaksIn } from "./leaks.ts";
import { vaultName } from "./names.ts";
import { startStage } from "./stage.ts";
import { secrets, sentinel } from "./sentinels.ts";
import { assertRotated, eventOf, setUp, type Walkthrough } from "./walkthrough.ts";

const stage = await startStage();
test.after(() => stage.close());
const { blue, green } = stage;

const tenant = "99999999-9999-4999-8999-999999999999";
const reader = "aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa";
const operator = "bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb";
const stranger = "cccccccc-cccc-4ccc-8ccc-cccccccccccc";

const claims = (objectId: string, of = tenant): readonly Claim[] => [
  { typ: "http://schemas.microsoft.com/identity/claims/objectidentifier", val: objectId },
  { typ: "http://schemas.microsoft.com/identity/claims/tenantid", val: of },
];
const tokens = new Map([
  ["reader", claims(reader)],
  ["operator", claims(operator)],
  ["stranger", claims(stranger)],
  ["guest", claims(operator, stranger)],
]);
const authentication: Authentication = { required: true, tokens };
const entra = {
  ROTATION_HTTP: "entra",
  ROTATION_HTTP_TENANT: tenant,
  ROTATION_HTTP_READERS: reader,
  ROTATION_HTTP_OPERATORS: operator,
};
const keys = { ROTATION_HTTP: "local", AZURE_FUNCTIONS_ENVIRONMENT: "Development" };

const [off, open, lax, guarded, keyed, local] = await Promise.all([
  stage.startApp({ name: "http-off", namespaces: ["http-none"] }),
  stage.startApp({ name: "http-open", namespaces: ["http-none"], env: entra }),
  stage.startApp({
    name: "http-lax",
    namespaces: ["http-none"],
    env: entra,
    authentication: { required: false, tokens },
  }),
  stage.startApp({ name: "http-guarded", namespaces: ["http-a", "http-b"], env: entra, authentication }),
  stage.startApp({ name: "http-keyed", namespaces: ["http-none"], env: { ...keys, WEBSITE_SKU: "FlexConsumption" } }),
  stage.startApp({ name: "http-local", namespaces: ["http-none"], env: keys }),
]);

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly headers: Headers;
}

async function ask(app: App, route: string, token?: string, body?: object): Promise<Answer> {
  const forged = Buffer.from(JSON.stringify({ auth_typ: "aad", claims: claims(operator) })).toString("base64");
  const answer = await fetch(`${app.host().url}/api/${route}`, {
    headers: {
      "x-ms-client-principal": forged,
      "x-ms-client-principal-id": operator,
      "x-ms-client-principal-idp": "aad",
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    },
    ...(body === undefined ? {} : { method: "POST", body: JSON.stringify(body) }),
  });
  return { status: answer.status, text: await answer.text(), headers: answer.headers };
}

const routes = [
  ["plan?secret=contoso/db", undefined],
  ["status", undefined],
  ["rotate", { secret: "contoso/db" }],
  ["replay", {}],
] as const;

/** What all four answer to somebody who says to be the operator. */
async function statuses(app: App, token?: string): Promise<readonly number[]> {
  const answers = await Promise.all(routes.map(([route, body]) => ask(app, route, token, body)));
  return answers.map(({ status }) => status);
}

const httpFunctions = (app: App) =>
  app
    .host()
    .functions.flatMap(({ name, trigger: { type, route, methods, authLevel } }) =>
      type === "httpTrigger" ? [`${name} ${String(methods)} ${route ?? ""} ${authLevel ?? ""}`] : [],
    );

test("by default there is no HTTP function, and a forged header opens nothing", async () => {
  assert.deepEqual(httpFunctions(off), []);
  assert.deepEqual(await statuses(off), [404, 404, 404, 404]);
});

test("without App Service authentication there is none either, and the log says what is missing", async () => {
  assert.deepEqual(httpFunctions(open), []);
  assert.deepEqual(await statuses(open), [404, 404, 404, 404]);
  const printed = () => open.lines.some(({ message }) => message.includes('"event":"http-off"'));
  await open.until("the word of it", printed);
  await open.deliver({ hello: "world" });
  await open.until("a message that is worked on all the same", () => open.said("message-ignored").length === 1);
});

test("function keys in Azure: nothing is registered, and every invocation names the fix", async () => {
  assert.deepEqual(httpFunctions(keyed), []);
  assert.deepEqual(await statuses(keyed), [404, 404, 404, 404]);
  await assert.rejects(keyed.host().fireTimer("reconcile"), /configuration-invalid/);
  const [line] = keyed.said("configuration-invalid");
  assert.match(String(line?.["problems"]), /ROTATION_HTTP: .*this is Azure.* Write entra and turn App Service/);
});

test("on one's own machine the host asks for function keys, if it does", async () => {
  assert.deepEqual(httpFunctions(local), [
    "httpPlan GET plan function",
    "httpStatus GET status function",
    "httpRotate POST rotate function",
    "httpReplay POST replay function",
  ]);
  assert.equal((await ask(local, "status")).status, 200);
});

test("where authentication lets nobodies through, the app does not", async () => {
  assert.deepEqual(await statuses(lax), [401, 401, 401, 401]);
  assert.deepEqual(await statuses(lax, "unknown"), [401, 401, 401, 401]);
});

test("who is not named gets nothing, whatever the header says that was sent along", async () => {
  assert.deepEqual(httpFunctions(guarded), [
    "httpPlan GET plan anonymous",
    "httpStatus GET status anonymous",
    "httpRotate POST rotate anonymous",
    "httpReplay POST replay anonymous",
  ]);
  assert.deepEqual(await statuses(guarded), [401, 401, 401, 401]);
  assert.deepEqual(await statuses(guarded, "stranger"), [403, 403, 403, 403]);
  // The operator's object id in another tenant is somebody else.
  assert.deepEqual(await statuses(guarded, "guest"), [403, 403, 403, 403]);
  assert.deepEqual((await statuses(guarded, "reader")).slice(2), [403, 403]);
  assert.deepEqual(guarded.said("http-order"), []);
  const order = { secret: `${vaultName}/${"x".repeat(70_000)}` };
  assert.equal((await ask(guarded, "rotate", "operator", order)).status, 413);
  assert.equal((await ask(guarded, "rotate", "operator")).status, 404, "a GET");
});

test("an order goes by the queue and rotates; reports before and after show names and versions, never a value", async () => {
  const specs: readonly Walkthrough[] = [blue, green].map((cluster) => ({
    cluster,
    namespace: "http-a",
    object: "Ordered",
    oldValue: sentinel("ordered, before"),
  }));
  await Promise.all(specs.map((spec) => setUp(stage, spec)));
  const value = sentinel("ordered");
  const { version } = stage.vault.setSecret(vaultName, "Ordered", value);
  const answers: Answer[] = [];
  const said = async (route: string, body?: object): Promise<string> => {
    const answer = await ask(guarded, route, body === undefined ? "reader" : "operator", body);
    answers.push(answer);
    assert.equal(answer.status, body === undefined ? 200 : 202, answer.text);
    assert.equal(answer.headers.get("cache-control"), "no-store");
    return answer.text;
  };

  const plan = await said(`plan?secret=${vaultName}/Ordered`);
  for (const name of ["blue", "green", "http-a", "syncedsecret", version]) assert.ok(plan.includes(name), name);
  assert.match(await said("status?cluster=blue&namespace=http-a"), /"allCurrent":false/);
  assert.deepEqual(guarded.said("outcome"), [], "a report does nothing");

  const ordered: unknown = JSON.parse(await said("rotate", { secret: `${vaultName}/ordered` }));
  assert.deepEqual(ordered, { queued: 2 });
  for (const spec of specs) {
    const target = `${spec.cluster.name}/http-a`;
    await guarded.until(`${target} converged`, () => guarded.outcome(target, "kv") === "converged");
    assertRotated(spec, value);
  }
  assert.match(await said("status"), /"allCurrent":true/);
  assert.deepEqual(
    guarded.said("http-order").map(({ route, caller }) => [route, caller]),
    [["rotate", operator]],
  );

  const all = answers.map(({ text, headers }) => `${text}\n${JSON.stringify([...headers])}`).join("\n");
  assert.deepEqual(leaksIn(all, secrets), []);
  assert.deepEqual(leaksIn(guarded.lines.map(({ message }) => message).join("\n"), secrets), []);
  assert.notDeepEqual(leaksIn(`${all}${value}`, secrets), [], "it would have been found");
});

test("an event that was lost is brought again by replay, and a namespace is looked at by name", async () => {
  const spec: Walkthrough = { cluster: blue, namespace: "http-b", object: "Replayed", oldValue: "old" };
  await setUp(stage, spec);
  const event = eventOf("Replayed", stage.vault.setSecret(vaultName, "Replayed", "new"));
  const answer = await ask(guarded, "replay", "operator", [
    event,
    { ...event, eventType: "Microsoft.KeyVault.KeyExpired" },
  ]);
  assert.deepEqual([answer.status, JSON.parse(answer.text)], [202, { queued: 1, ignored: ["other-event"] }]);
  await guarded.until("converged", () => guarded.outcome("blue/http-b", "kv") === "converged");
  assertRotated(spec, "new");
  const looked = () => guarded.said("target-done").filter(({ target }) => target === "blue/http-b").length;
  const before = looked();
  const order = { secret: `${vaultName}/Replayed`, cluster: "blue", namespace: "http-b" };
  assert.equal((await ask(guarded, "rotate", "operator", order)).status, 202);
  await guarded.until("the look", () => looked() > before);
  assertRotated(spec, "new");
  const elsewhere = { ...order, namespace: "kube-system" };
  assert.deepEqual(JSON.parse((await ask(guarded, "rotate", "operator", elsewhere)).text), { error: "not-mapped" });
});
