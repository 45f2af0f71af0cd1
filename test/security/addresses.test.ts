/** No text of a tenant, an event or a message decides which address is asked, or which path below it. */

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { test, type TestContext } from "node:test";
import * as fc from "fast-check";
import { realClock } from "../../local/clock.ts";
import { listen } from "../../local/listening.ts";
import { createKubernetesCluster } from "../../shared/adapters/kubernetes/cluster.ts";
import { createVault } from "../../shared/adapters/key-vault/vault.ts";
import { objectNamePattern, vaultNamePattern } from "../../shared/core/names.ts";
import { parseProviderClass } from "../../shared/core/parse-provider-class.ts";
import { mappedVault, parseRotationMap } from "../../shared/core/rotation-map.ts";
import { readMessage } from "../../shared/core/secret-event.ts";
import { providerClass } from "../scenarios/manifests.ts";
import { applyApp, unheard } from "../scenarios/one-app.ts";
import { bothGenerations, World } from "../scenarios/world.ts";

/** Addresses, paths and parts of them that somebody may hope to be taken for names. */
const hostile = [
  "https://evil.example",
  "//evil.example/",
  "evil.example",
  "contoso.vault.azure.net.evil.example",
  "contoso@evil.example",
  "contoso#",
  "contoso/secrets/jewel",
  "169.254.169.254",
  "localhost:6443",
  "[::1]",
  ".",
  "..",
  "../keys/x",
  "..%2f..%2fkeys",
  "%2e%2e",
  "a?api-version=1&x=",
  "a\r\nHost: evil.example",
  "a\u0000",
  "ⅽontoso",
];
const texts = fc.oneof(fc.constantFrom(...hostile), fc.string({ unit: "binary", maxLength: 40 }), fc.webUrl());

test("whatever a class writes as vault, object, version or cloud: it names names, or it is refused", () => {
  const words = fc.record(
    { vault: texts, objectName: texts, objectVersion: texts, cloudName: texts, tenantId: texts },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(words, ({ vault, cloudName, tenantId, ...object }) => {
      const item = JSON.stringify({ objectName: "db", objectType: "secret", ...object });
      const parameters = {
        cloudName: cloudName ?? "",
        tenantId: tenantId ?? "t",
        objects: `array:\n- ${JSON.stringify(item)}`,
      };
      const { content } = parseProviderClass(
        providerClass({ name: "kv", objects: [], vault: vault ?? "contoso", parameters }),
      );
      if (!content.ok) return;
      assert.match(content.vault, vaultNamePattern);
      for (const { object: named, pin } of content.objects) {
        assert.match(named.name, objectNamePattern);
        assert.equal(named.vault, content.vault);
        assert.match(pin ?? "", /^[-0-9A-Za-z]*$/);
      }
    }),
    { numRuns: 2000 },
  );
});

test("the address of a vault is the map's, whatever its name is made of elsewhere", () => {
  const parsed = parseRotationMap(
    'vaults: [{ name: contoso, flowsTo: [{ cluster: "*", namespaces: ["*"] }] }]\nclusters: [{ name: blue, server: "https://blue.example" }]',
    "map.yaml",
  );
  assert.ok(parsed.ok);
  for (const name of hostile) assert.equal(mappedVault(parsed.map, name), undefined, name);
  assert.equal(mappedVault(parsed.map, "CONTOSO")?.url, "https://contoso.vault.azure.net");
});

test("an event names names, or it is dropped: the address in its Id is never asked", () => {
  const version = "a".repeat(32);
  for (const host of ["evil.example", "contoso.vault.azure.net.evil.example", "contoso@evil.example", "127.0.0.1"]) {
    const data = {
      Id: `https://${host}/secrets/db/${version}`,
      VaultName: "contoso",
      ObjectType: "Secret",
      ObjectName: "db",
    };
    const { events } = readMessage({
      id: "1",
      eventType: "Microsoft.KeyVault.SecretNewVersionCreated",
      subject: "db",
      data,
    });
    for (const { object } of events) assert.deepEqual(object, { vault: "contoso", type: "secret", name: "db" });
    assert.ok(!JSON.stringify(events).includes("evil.example"));
  }
  for (const name of hostile) {
    const data = { VaultName: name, ObjectType: "Secret", ObjectName: name, Version: version };
    const { events } = readMessage({
      id: "1",
      eventType: "Microsoft.KeyVault.SecretNewVersionCreated",
      subject: name,
      data,
    });
    assert.deepEqual(events, [], name);
  }
});

/** A server on this machine that answers 404 and remembers the raw request lines. */
async function recorder(t: TestContext) {
  const seen: string[] = [];
  const server = createServer((request, response) => {
    seen.push(`${request.method ?? ""} ${request.url ?? ""}`);
    response.writeHead(404, { "content-type": "application/json" });
    response.end(JSON.stringify({ kind: "Status", code: 404, error: { code: "SecretNotFound" } }));
  });
  const listening = await listen(server, "http", 0);
  t.after(() => listening.close());
  return { seen, url: listening.url };
}

const credential = { getToken: async () => ({ token: "token", expiresOnTimestamp: Date.now() + 3_600_000 }) };

test("no request leaves for an object or a version that no vault can have", async (t) => {
  const { seen, url } = await recorder(t);
  const vaults = new Map([["contoso", { url }]]);
  const vault = createVault({ vaults, credential, clock: realClock(), timeoutMs: 2000 });
  for (const type of ["secret", "cert", "key"] as const) {
    for (const text of hostile) {
      assert.deepEqual(await vault.current({ vault: "contoso", type, name: text }), {
        ok: false,
        problem: "not-found",
      });
      const known = await vault.version({ vault: "contoso", type, name: "db" }, text);
      assert.deepEqual(known, { known: false, problem: "not-found" });
    }
  }
  for (const text of hostile) await assert.rejects(vault.current({ vault: text, type: "secret", name: "db" }));
  assert.equal(seen.length, 0, seen.join());
  await vault.current({ vault: "contoso", type: "secret", name: "db" });
  assert.ok(seen.length > 0 && seen.every((line) => line.startsWith("GET /secrets/db/?")), seen.join("\n"));
});

test("no request leaves for a Secret that no cluster can have: `.` is not the list of them all", async (t) => {
  const { seen, url } = await recorder(t);
  const cluster = createKubernetesCluster({ server: url, clock: realClock() });
  t.after(() => cluster.close());
  for (const name of hostile.filter((text) => !/^[a-z0-9.]+$/.test(text) || /^\.+$/.test(text)))
    assert.equal(await cluster.secret("shop", name), undefined, name);
  assert.equal(seen.length, 0, seen.join());
  for (const name of ["db", "evil.example", "a..b"]) await cluster.secret("shop", name);
  assert.deepEqual(
    seen.map((line) => line.split("/").slice(0, -1).join("/")),
    Array.from({ length: 3 }, () => "GET /api/v1/namespaces/shop/secrets"),
  );
});

for (const generation of bothGenerations) {
  test(`a class whose Secrets have names of paths: these are refused, the others are written, driver ${generation}`, async () => {
    const world = new World({ generation });
    world.set("db", "old");
    const names = [".", "..", "../configmaps/settings", "Upper", "a/b"];
    const secrets = Object.fromEntries(names.map((name) => [name, { k: "db" }]));
    applyApp(world);
    world.blue.apply(providerClass({ name: "kv", objects: ["db"], secrets: { ...secrets, app: { k: "db" } } }));
    await unheard(world, 660_000);
    world.start();
    world.set("db", "new");
    await world.until("the good Secret", () => world.blue.secretValue("default", "app", "k") === "new");
    await world.untilOutcome("kv", "refused(secret-invalid)");
    const asked = world.calls.filter(({ kind }) => kind === "Secret").map(({ name }) => name);
    assert.deepEqual([...new Set(asked)], ["app"]);
    world.stop();
  });
}
