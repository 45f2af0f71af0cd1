import assert from "node:assert/strict";
import { test } from "node:test";
import { startIdentityEndpoint } from "../../local/identity.ts";
import { createCredential } from "../../shared/adapters/credential.ts";

const scope = "https://vault.azure.net/.default";

test("the real managed identity credential gets a token for the identity that the map names", async (context) => {
  const identity = await startIdentityEndpoint({ clientIds: ["known-client"] });
  context.after(() => identity.close());
  Object.assign(process.env, identity.environment);
  const token = await createCredential({ clientId: "known-client" }).getToken(scope);
  const request = { resource: "https://vault.azure.net", clientId: "known-client" };
  assert.deepEqual(identity.issuedFor(token?.token ?? ""), request);
  assert.equal(identity.issuedFor("another"), undefined);
  await assert.rejects(async () => createCredential({ clientId: "unknown-client" }).getToken(scope));
  const system = await createCredential().getToken(scope);
  assert.equal(identity.issuedFor(system?.token ?? "")?.clientId, undefined);
  assert.equal(identity.issued.length, 2);
});

test("without the secret header, a resource or an identity there is no token, and tokens expire", async (context) => {
  let now = Date.UTC(2026, 0, 1);
  const identity = await startIdentityEndpoint({
    systemAssigned: false,
    tokens: "opaque",
    lifetimeSeconds: 60,
    now: () => now,
  });
  context.after(() => identity.close());
  const { IDENTITY_ENDPOINT: endpoint, IDENTITY_HEADER: header } = identity.environment;
  const headers = { "X-IDENTITY-HEADER": header };
  const good = `${endpoint}?api-version=2019-08-01&resource=https%3A%2F%2Fvault.azure.net&client_id=one`;
  assert.equal((await fetch(good)).status, 401);
  assert.equal((await fetch(`${endpoint}?api-version=2019-08-01`, { headers })).status, 400);
  assert.equal((await fetch(good.replace("&client_id=one", ""), { headers })).status, 400);
  identity.failWith(503);
  assert.equal((await fetch(good, { headers })).status, 503);
  identity.failWith(undefined);
  const answer: unknown = await (await fetch(good, { headers })).json();
  assert.ok(typeof answer === "object" && answer !== null && "access_token" in answer && "expires_on" in answer);
  assert.equal(answer.expires_on, String(now / 1000 + 60));
  assert.equal(identity.issuedFor(String(answer.access_token))?.clientId, "one");
  now += 60_000;
  assert.equal(identity.issuedFor(String(answer.access_token)), undefined);
});
