import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { realClock } from "../../../local/clock.ts";
import { startKeyVault } from "../../../local/key-vault/http-server.ts";
import { VaultStore } from "../../../local/key-vault/vault-store.ts";

const authorized = { headers: { Authorization: "Bearer anything" } };

async function shop(context: TestContext) {
  const store = new VaultStore({ clock: realClock() });
  const server = await startKeyVault({ store, vault: "shop" });
  context.after(() => server.close());
  const ask = async (path: string, method = "GET", body?: object) => {
    const sent = body === undefined ? {} : { body: JSON.stringify(body) };
    const response = await fetch(`${server.url}${path}`, { ...authorized, method, ...sent });
    const answer: unknown = await response.json();
    return { status: response.status, headers: response.headers, answer };
  };
  return { store, server, ask };
}

test("who has no token is told for which resource to get one", async (context) => {
  const { server } = await shop(context);
  const response = await fetch(`${server.url}/secrets/a?api-version=7.6`);
  assert.equal(response.status, 401);
  const challenge = response.headers.get("WWW-Authenticate") ?? "";
  assert.match(
    challenge,
    /^Bearer authorization="https:\/\/[^"]+\/[0-9a-f-]{36}", resource="https:\/\/vault.azure.net"$/,
  );
  assert.deepEqual(server.requests, []);
});

test("a person sets, reads, disables and deletes a secret", async (context) => {
  const { store, server, ask } = await shop(context);
  const body = { value: "s3cret", contentType: "text/plain", attributes: { exp: 1_798_761_600 } };
  const set = await ask("/secrets/db?api-version=7.6", "PUT", body);
  assert.equal(set.status, 200);
  const [version] = store.versions("shop", "db");
  assert.ok(version !== undefined);
  const attributes = {
    enabled: true,
    exp: 1_798_761_600,
    created: version.createdOn / 1000,
    updated: version.createdOn / 1000,
    recoveryLevel: "Recoverable+Purgeable",
    recoverableDays: 90,
  };
  const id = `${server.url}/secrets/db/${version.version}`;
  assert.deepEqual(set.answer, { value: "s3cret", id, contentType: "text/plain", attributes });
  assert.deepEqual((await ask("/secrets/db/?api%2Dversion=2026-04-01")).answer, set.answer);
  assert.deepEqual((await ask(`/secrets/db/${version.version}?api-version=7.6`)).answer, set.answer);
  const off = { attributes: { enabled: false } };
  assert.equal((await ask(`/secrets/db/${version.version}?api-version=7.6`, "PATCH", off)).status, 200);
  const disabled = await ask("/secrets/db?api-version=7.6");
  assert.equal(disabled.status, 403);
  assert.deepEqual(disabled.answer, {
    error: {
      code: "Forbidden",
      message: "Operation get is not allowed on a disabled secret.",
      innererror: { code: "SecretDisabled" },
    },
  });
  assert.equal((await ask("/secrets/db?api-version=7.6", "DELETE")).status, 200);
  const gone = await ask("/secrets/db?api-version=7.6");
  assert.equal(gone.status, 404);
  assert.match(JSON.stringify(gone.answer), /"code":"SecretNotFound"/);
});

test("versions come in pages of 25 without values", async (context) => {
  const { store, ask } = await shop(context);
  for (let count = 0; count < 60; count += 1) store.setSecret("shop", "db", "sentinel");
  const { answer } = await ask("/secrets/db/versions?api-version=7.6");
  const text = JSON.stringify(answer);
  assert.equal(text.match(/"id":/g)?.length, 25);
  assert.match(text, /"nextLink":"http:[^"]+skiptoken=25"/);
  assert.ok(!text.includes("sentinel"));
});

test("bad requests and throttling answer as the service does", async (context) => {
  const { store, ask } = await shop(context);
  const table = [
    { path: "/secrets/db", status: 400 },
    { path: "/keys/db?api-version=7.6", status: 404 },
    { path: "/storage/db?api-version=7.6", status: 400 },
    { path: "/secrets/a_b?api-version=7.6", status: 400 },
    { path: "/secrets/db/1/2?api-version=7.6", status: 400 },
    { path: "/secrets/db?api-version=7.6", method: "PUT", body: { value: 1 }, status: 400 },
    { path: "/secrets/db?api-version=7.6", method: "POST", body: {}, status: 404 },
  ];
  for (const { path, status, method, body } of table) {
    assert.equal((await ask(path, method, body)).status, status, path);
  }
  store.faults.add({}, { kind: "throttled", retryAfterSeconds: 3 }, 1);
  const throttled = await ask("/secrets/db?api-version=7.6");
  assert.equal(throttled.status, 429);
  assert.equal(throttled.headers.get("Retry-After"), "3");
  assert.match(JSON.stringify(throttled.answer), /"code":"Throttled"/);
});
