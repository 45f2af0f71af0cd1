/** B14: whatever is put on the queue. Good events work, bad ones are ignored with a reason, none is retried for ever. */

import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { test } from "node:test";
import { fixture } from "../fixtures/fixture.ts";
import { providerClass, workload } from "./manifests.ts";
import { World, bothGenerations } from "./world.ts";

const shop = "shop";
const sample = "sample";

/** Fixture -> the namespace whose class must get its new value, and the reasons for what is dropped. */
const table: Readonly<
  Record<string, { readonly works?: typeof shop | typeof sample; readonly ignored?: readonly string[] }>
> = {
  "secret-as-delivered": { works: shop },
  "secret-dates-as-numbers": { works: shop },
  "secret-as-documented": { works: sample },
  "secret-camel-case": { works: shop },
  "secret-wrong-casing": { works: shop },
  "secret-name-from-subject": { works: shop },
  "secret-only-id": { works: shop },
  "secret-odd-version": { works: shop },
  "secret-versions-differ": { works: shop },
  "secret-sovereign-cloud": { works: shop },
  "secret-other-vault": { ignored: ["unknown-vault"] },
  "cloud-event": { works: shop },
  "cloud-event-array": { works: shop },
  "cloud-event-dates-as-strings": { works: shop },
  certificate: { works: shop },
  key: { ignored: ["no-target"] },
  "array-of-one": { works: shop },
  "array-good-and-bad": {
    works: shop,
    ignored: ["other-event", "not-an-event", "not-an-event", "not-an-event", "incomplete-event"],
  },
  "empty-array": { ignored: ["not-an-event"] },
  "near-expiry": { ignored: ["other-event"] },
  expired: { ignored: ["other-event"] },
  "access-policy-changed": { ignored: ["other-event"] },
  "validation-handshake": { ignored: ["other-event"] },
  "storage-event": { ignored: ["other-event"] },
  "malformed-no-type": { ignored: ["not-an-event"] },
  "malformed-type-number": { ignored: ["not-an-event"] },
  "malformed-no-data": { ignored: ["incomplete-event"] },
  "malformed-data-array": { ignored: ["incomplete-event"] },
  "malformed-no-vault": { ignored: ["incomplete-event"] },
  "malformed-vault-name": { ignored: ["incomplete-event"] },
  "malformed-object-name": { ignored: ["incomplete-event"] },
  "malformed-long-name": { ignored: ["incomplete-event"] },
  "malformed-id": { ignored: ["incomplete-event"] },
  "mismatch-id-of-other-vault": { ignored: ["incomplete-event"] },
  "mismatch-id-of-other-object": { ignored: ["incomplete-event"] },
  "mismatch-id-of-other-type": { ignored: ["incomplete-event"] },
  "mismatch-topic": { ignored: ["incomplete-event"] },
  "mismatch-object-type": { ignored: ["incomplete-event"] },
  "cloud-event-other-specversion": { ignored: ["not-an-event"] },
  "target-message": { ignored: ["not-mapped"] },
  "text-json": { works: shop },
  "text-base64": { works: shop },
  "text-base64-array": { works: shop },
  "text-not-json": { ignored: ["not-json"] },
  "text-empty": { ignored: ["not-json"] },
  number: { ignored: ["not-json"] },
  "hostile-log-text": { ignored: ["other-event"] },
  "hostile-prototype": { works: shop },
};

const odd: readonly { readonly name: string; readonly body: unknown; readonly reason: string }[] = [
  { name: "null", body: null, reason: "not-json" },
  { name: "a large text", body: "x".repeat(1_100_000), reason: "too-large" },
  { name: "large data", body: { padding: "x".repeat(1_100_000) }, reason: "too-large" },
  { name: "an empty object", body: {}, reason: "not-an-event" },
  {
    name: "a message of ours of a later version",
    body: { kind: "target", v: 2, target: { cluster: "blue", namespace: shop } },
    reason: "unknown-message",
  },
  {
    name: "a message of ours with more in it",
    body: { ...target("blue", shop), value: "x" },
    reason: "unknown-message",
  },
];

function target(cluster: string, namespace: string): object {
  return {
    kind: "target",
    v: 1,
    target: { cluster, namespace },
    chain: "c1",
    scope: "all",
    memory: { firstSeen: {}, counts: {}, reverted: [], delayMs: 0 },
  };
}

/** Namespace `shop` with three objects of vault kv-shop, namespace `sample` with one of sample-kv. No events come by themselves. */
async function listening(generation: "1.5" | "1.6"): Promise<World> {
  const vaultsMap = ["kv-shop", "sample-kv"]
    .map((name) => `  - { name: ${name}, flowsTo: [{ cluster: "*", namespaces: ["*"] }] }`)
    .join("\n");
  const world = new World({
    generation,
    eventDelayMs: undefined,
    vaults: ["kv-shop", "sample-kv", "kv-other"],
    vaultsMap,
  });
  setAll(world, "old");
  const secrets = { app: { k: "db-password", a: "api-key", t: "shop-tls" } };
  world.blue.apply(
    providerClass({
      name: "kv",
      namespace: shop,
      vault: "kv-shop",
      objects: ["db-password", "api-key", "shop-tls"],
      secrets,
    }),
  );
  world.blue.apply(
    providerClass({
      name: "kv",
      namespace: sample,
      vault: "sample-kv",
      objects: ["newsecret"],
      secrets: { app: { k: "newsecret" } },
    }),
  );
  for (const namespace of [shop, sample])
    world.blue.apply(workload({ name: "app", namespace, mounts: ["kv"], env: { PASSWORD: ["app", "k"] } }));
  await world.pass(660_000);
  world.start();
  return world;
}

function setAll(world: World, value: string): void {
  for (const name of ["db-password", "api-key", "shop-tls"]) world.set(name, value, {}, "kv-shop");
  world.set("newsecret", value, {}, "sample-kv");
}

/** Puts one body on the queue, waits until nothing of it is left, and gives what was dropped of it. */
async function put(world: World, body: unknown): Promise<readonly string[]> {
  const { length } = world.results;
  world.queue.put(body);
  await world.pass(1000);
  await world.until("the queue is empty", () => world.queue.size === 0, 3_600_000);
  return world.results
    .slice(length)
    .flatMap(({ ignored }) => ignored.map(({ reason }) => reason))
    .filter((reason) => reason !== "older-chain");
}

for (const generation of bothGenerations) {
  test(`B14: every event fixture works or is dropped with its reason, driver ${generation}`, async () => {
    const world = await listening(generation);
    const running = (namespace: string) => world.blue.running(namespace).map((start) => start.env["PASSWORD"]);
    for (const [name, { works, ignored = [] }] of Object.entries(table)) {
      const before = new Map([shop, sample].map((namespace) => [namespace, running(namespace)]));
      setAll(world, name);
      assert.deepEqual(await put(world, await fixture(`events/${name}.json`)), ignored, name);
      for (const namespace of [shop, sample]) {
        assert.deepEqual(
          running(namespace),
          namespace === works ? [name] : before.get(namespace),
          `${name} in ${namespace}\n${world.timeline().slice(-2000)}`,
        );
      }
    }
    assert.deepEqual(world.queue.poison, []);
    world.stop();
  });

  test(`B14: other bodies are dropped with a reason and touch nothing, driver ${generation}`, async () => {
    const world = await listening(generation);
    setAll(world, "new");
    const calls = world.calls.length;
    for (const { name, body, reason } of odd) assert.deepEqual(await put(world, body), [reason], name);
    assert.equal(world.calls.length, calls, "nothing was asked for");
    assert.deepEqual(world.queue.poison, []);
    world.stop();
  });
}

test("B14: every event fixture is in the table", () => {
  const files = readdirSync(new URL("../fixtures/events/", import.meta.url)).map((file) => file.replace(/\.json$/, ""));
  assert.deepEqual(files.sort(), Object.keys(table).sort());
});
