import assert from "node:assert/strict";
import { createServer } from "node:http";
import { test, type TestContext } from "node:test";
import type { TokenCredential } from "@azure/identity";
import { realClock } from "../../../local/clock.ts";
import { startKeyVault } from "../../../local/key-vault/http-server.ts";
import { VaultStore } from "../../../local/key-vault/vault-store.ts";
import { listen } from "../../../local/listening.ts";
import { createVault } from "../../../shared/adapters/key-vault/vault.ts";
import type { LogFields } from "../../../shared/ports.ts";
import { quickClock } from "./quick-clock.ts";

const db = { vault: "shop", type: "secret", name: "db-password" } as const;
const credential: TokenCredential = {
  getToken: async () => ({ token: "token", expiresOnTimestamp: Date.now() + 3_600_000 }),
};

async function shop(context: TestContext) {
  const store = new VaultStore({ clock: realClock() });
  const server = await startKeyVault({ store, vault: "shop" });
  context.after(() => server.close());
  const clock = quickClock();
  const vaults = new Map([["shop", { url: server.url }]]);
  return { store, server, clock, vaults };
}

test("a vault that hangs is given up after its time-out and three more tries", async (context) => {
  const { store, server, clock, vaults } = await shop(context);
  store.faults.add({}, { kind: "hang" });
  const vault = createVault({ vaults, credential, clock, timeoutMs: 400 });
  assert.deepEqual(await vault.current(db), { ok: false, problem: "unavailable" });
  // Three waits are four tries; on a busy machine the first may end before it reaches the server.
  assert.deepEqual(clock.waits, [500, 1000, 2000]);
  assert.ok(server.requests.length >= 3 && server.requests.length <= 4);
});

test("a later page of a list that hangs or fails is no silent end of the list", async (context) => {
  const { store, clock, vaults } = await shop(context);
  const start = Date.UTC(2026, 0, 1);
  for (let count = 0; count < 60; count += 1) {
    store.setSecret("shop", "db-password", "value", { createdOn: start + count * 1000, enabled: false });
  }
  const { version = "" } = store.versions("shop", "db-password").at(-1) ?? {};
  const vault = createVault({ vaults, credential, clock, timeoutMs: 100 });
  const problems = [
    { fault: { kind: "hang" }, problem: "unavailable" },
    { fault: { kind: "forbidden" }, problem: "forbidden" },
    { fault: { kind: "server-error" }, problem: "unavailable" },
    { fault: { kind: "throttled" }, problem: "throttled" },
  ] as const;
  for (const { fault, problem } of problems) {
    // The first page of each of five tries is good, the second is not.
    const stops = [1, 2, 3, 4, 5].flatMap(() => [
      store.faults.add({ call: "list" }, { kind: "slow", ms: 0 }, 1),
      store.faults.add({ call: "list" }, fault, 1),
    ]);
    assert.deepEqual(await vault.version(db, version), { known: false, problem }, fault.kind);
    for (const stop of stops) stop();
  }
  assert.equal((await vault.version(db, version)).known, true);
});

test("a 429 without Retry-After is asked again after 1, 2, 4 and 8 seconds, with it when the vault says", async (context) => {
  const { store, clock, vaults } = await shop(context);
  store.setSecret("shop", "db-password", "value");
  const vault = createVault({ vaults, credential, clock });
  store.faults.add({}, { kind: "throttled" }, 5);
  assert.deepEqual(await vault.current(db), { ok: false, problem: "throttled" });
  assert.deepEqual(clock.waits, [1000, 2000, 4000, 8000]);
  store.faults.add({}, { kind: "throttled", retryAfterSeconds: 7 }, 1);
  assert.equal((await vault.current(db)).ok, true);
  assert.equal(clock.waits.at(-1), 7000);
});

test("an answer that can't be read is unavailable, and an empty error answer keeps its status", async (context) => {
  let answer: { readonly status: number; readonly body: string } = { status: 200, body: "" };
  const server = await listen(
    createServer((request, response) => {
      request.resume();
      response.writeHead(answer.status, { "Content-Type": "application/json" }).end(answer.body);
    }),
    "http",
    0,
  );
  context.after(() => server.close());
  const vaults = new Map([["shop", { url: server.url }]]);
  const vault = createVault({ vaults, credential, clock: quickClock() });
  const bundle = { value: "v", id: `${server.url}/secrets/db-password/abc`, attributes: { enabled: true } };
  const table = [
    { status: 200, body: "", problem: "unavailable" },
    { status: 200, body: "<html>", problem: "unavailable" },
    { status: 200, body: "{}", problem: "unavailable" },
    { status: 200, body: JSON.stringify({ ...bundle, value: null }), problem: "unavailable" },
    { status: 200, body: JSON.stringify({ ...bundle, id: "nonsense" }), problem: "unavailable" },
    { status: 429, body: "", problem: "throttled" },
    { status: 404, body: "", problem: "not-found" },
    { status: 403, body: "<html>", problem: "forbidden" },
    { status: 403, body: JSON.stringify({ error: { code: "SecretDisabled" } }), problem: "disabled" },
    { status: 401, body: "", problem: "forbidden" },
    { status: 302, body: "", problem: "unavailable" },
    { status: 500, body: "null", problem: "unavailable" },
  ];
  for (const { problem, ...given } of table) {
    answer = given;
    assert.deepEqual(await vault.current(db), { ok: false, problem }, JSON.stringify(given));
  }
  answer = { status: 200, body: JSON.stringify(bundle) };
  assert.equal((await vault.current(db)).ok, true);
  assert.deepEqual(await vault.current(db, "another"), { ok: false, problem: "unavailable" });
});

test("a vault that refuses connections is unavailable", async (context) => {
  const { server, clock, vaults } = await shop(context);
  await server.close();
  assert.deepEqual(await createVault({ vaults, credential, clock }).current(db), { ok: false, problem: "unavailable" });
});

test("a credential that hangs, fails or is refused ends as a named problem", async (context) => {
  const { store, clock, vaults } = await shop(context);
  store.setSecret("shop", "db-password", "value");
  const refused = Object.assign(new Error("AADSTS: token-text"), { name: "AuthenticationError", statusCode: 400 });
  const table = [
    { getToken: () => new Promise<never>(() => undefined), problem: "unavailable" },
    { getToken: () => Promise.reject(new Error("no network")), problem: "unavailable" },
    { getToken: () => Promise.reject(refused), problem: "forbidden" },
  ];
  for (const { getToken, problem } of table) {
    const vault = createVault({ vaults, credential: { getToken }, clock, timeoutMs: 50 });
    assert.deepEqual(await vault.current(db), { ok: false, problem });
  }
});

test("each vault gets the credential of its own", async (context) => {
  const store = new VaultStore({ clock: realClock(), vaults: ["shop", "other"] });
  const servers = await Promise.all(
    ["shop", "other"].map((vault) => startKeyVault({ store, vault, acceptToken: (token) => token === `for-${vault}` })),
  );
  for (const server of servers) context.after(() => server.close());
  const vaults = new Map(["shop", "other"].map((name, index) => [name, { url: servers[index]?.url ?? "" }]));
  for (const name of ["shop", "other"]) store.setSecret(name, "db-password", name);
  const vault = createVault({
    vaults,
    credential: (name) => ({
      getToken: async () => ({ token: `for-${name}`, expiresOnTimestamp: Date.now() + 60_000 }),
    }),
    clock: quickClock(),
  });
  assert.equal((await vault.current(db)).ok, true);
  assert.equal((await vault.current({ ...db, vault: "other" })).ok, true);
});

test("no more requests run at a time than the vault's bound, and all are answered", async (context) => {
  const { store, server, clock, vaults } = await shop(context);
  store.setSecret("shop", "db-password", "value");
  store.faults.add({}, { kind: "hang" });
  const vault = createVault({ vaults, credential, clock, timeoutMs: 150, concurrency: 3 });
  const answers = Array.from({ length: 10 }, () => vault.current(db));
  await until(() => server.requests.length === 3);
  await new Promise((resolve) => setTimeout(resolve, 30));
  assert.equal(server.requests.length, 3);
  store.faults.clear();
  assert.ok((await Promise.all(answers)).every((answer) => answer.ok));
});

test("what is remembered of versions is bounded in time and number", async (context) => {
  const { store, server, clock, vaults } = await shop(context);
  const [first, second] = ["one", "two"].map((value) => store.setSecret("shop", "db-password", value).version);
  const vault = createVault({ vaults, credential, clock, cacheForMs: 1000, cacheAtMost: 1 });
  const asked = async (version: string | undefined) => {
    const before = server.requests.length;
    assert.equal((await vault.version(db, version ?? "")).known, true);
    return server.requests.length - before;
  };
  assert.equal(await asked(first), 1);
  assert.equal(await asked(first), 0);
  assert.equal(await asked(second), 1);
  assert.equal(await asked(first), 1);
  await clock.sleep(1000);
  assert.equal(await asked(first), 1);
});

test("the log hears of a refusal by names and codes only", async (context) => {
  const { store, clock, vaults } = await shop(context);
  const heard: [string, LogFields][] = [];
  const log = {
    info: () => assert.fail("nothing to tell"),
    error: () => assert.fail("nothing to tell"),
    warn: (event: string, fields: LogFields) => heard.push([event, fields]),
  };
  const vault = createVault({ vaults, credential, clock, log });
  assert.deepEqual(await vault.current(db), { ok: false, problem: "not-found" });
  store.faults.add({}, { kind: "forbidden" });
  assert.deepEqual(await vault.current(db), { ok: false, problem: "forbidden" });
  const fields = { object: "shop/secret/db-password", problem: "forbidden", status: 403, code: "ForbiddenByRbac" };
  assert.deepEqual(heard, [["vault-refused", fields]]);
});

async function until(met: () => boolean): Promise<void> {
  while (!met()) await new Promise((resolve) => setTimeout(resolve, 5));
}
