/** B17: forged pod statuses, crafted messages, namespaces beyond the map. They cause a look at most. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { emptyMemory } from "../../shared/core/memory.ts";
import { applyApp, assertRuns, assertUntouched, marker, pods, soFar, unheard } from "./one-app.ts";
import { assertNoLeak, crownJewel, devClass, tenants, vaultsMap } from "./tenants.ts";
import { World, bothGenerations } from "./world.ts";

const hour = 3_600_000;

function secretsOf(world: World, namespace: string): string {
  return JSON.stringify(world.blue.store.list("Secret", namespace).items.map((secret) => secret["data"]));
}

for (const generation of bothGenerations) {
  const on = `driver ${generation}`;

  const forgeries = [
    { what: "an id that the vault does not know", object: "secret/db", version: "f".repeat(32) },
    { what: "text that is no id", object: "secret/db", version: "../../keys/x?y=" },
    { what: "an object of a vault that may not flow here", object: "secret/jewel", version: "e".repeat(32) },
  ];
  for (const { what, object, version } of forgeries) {
    test(`B17: a forged pod status with ${what} stops nothing for long and brings nothing, ${on}`, async () => {
      const world = await tenants(generation);
      const [pod = ""] = pods(world, "app", "dev");
      world.blue.apply(devClass({ name: "forged", vault: "other", secrets: { loot: { k: "db" } } }));
      for (const className of ["kv", "forged"]) {
        world.blue.apply({
          apiVersion: "secrets-store.csi.x-k8s.io/v1",
          kind: "SecretProviderClassPodStatus",
          metadata: {
            name: `forged-${className}`,
            namespace: "dev",
            ownerReferences: [{ apiVersion: "v1", kind: "Pod", name: pod, uid: "no-such-uid" }],
          },
          status: {
            podName: pod,
            secretProviderClassName: className,
            mounted: true,
            objects: [{ id: object, version }],
          },
        });
      }
      world.start();
      world.set("db", "new");
      await world.untilOutcome("kv", "converged", "blue/dev");
      assertRuns(world, "new", "app", "dev");
      assert.equal(world.outcome("forged", "blue/dev"), undefined);
      assert.ok(!secretsOf(world, "dev").includes(Buffer.from(crownJewel).toString("base64")));
      assertNoLeak(world);
      world.stop();
    });
  }

  test(`B17: crafted messages cause a look at what the map names and nothing else, ${on}`, async () => {
    const world = new World({ generation, map: "", vaultsMap });
    world.set("db", "old");
    applyApp(world, { namespace: "dev" });
    await unheard(world, 660_000);
    world.start();
    const before = soFar(world);
    const memory = {
      ...emptyMemory,
      firstSeen: { [`right/app@x`]: 1, "stale/contoso/secret/db": 1 },
      counts: { "rewrite/right/app@": 1_000_000 },
      reverted: ["Deployment/app@1x2y3z"],
    };
    const message = {
      kind: "target",
      v: 1,
      target: { cluster: "blue", namespace: "dev" },
      chain: "zzzzzzzzz-forged",
      scope: "all",
      memory,
    };
    const crafted: readonly (readonly [string, unknown, string])[] = [
      ["another cluster", { ...message, target: { cluster: "green", namespace: "dev" } }, "not-mapped"],
      ["a search of everything", { ...message, target: { cluster: "blue", namespace: "*" } }, "not-mapped"],
      [
        "a path for a namespace",
        { ...message, target: { cluster: "blue", namespace: "../kube-system" } },
        "unknown-message",
      ],
      ["a value", { ...message, data: { k: "x" } }, "unknown-message"],
      [
        "a scope of another shape",
        { ...message, scope: [{ object: "contoso/secret/db", version: "v", value: "x" }] },
        "unknown-message",
      ],
    ];
    for (const [what, body, reason] of crafted) {
      const { length } = world.results;
      world.queue.put(body);
      await world.pass(2000);
      assert.deepEqual(
        world.results.slice(length).flatMap(({ ignored }) => ignored.map((part) => part.reason)),
        [reason],
        what,
      );
    }
    world.queue.put(message);
    world.queue.put({ ...message, scope: [{ object: "other/secret/db", version: "a".repeat(32) }] });
    await world.pass(hour);
    assertUntouched(world, before);
    assert.equal(marker(world, "Deployment", "app", "dev"), undefined);
    // A forged chain name must not stop later work.
    world.set("db", "new");
    await world.untilOutcome("kv", "converged", "blue/dev");
    assertRuns(world, "new", "app", "dev");
    assert.deepEqual(world.queue.poison, []);
    world.stop();
  });

  test(`B17: a namespace that the map does not name is never looked into, ${on}`, async () => {
    const world = new World({ generation, clusterMap: "    namespaces: [shop]" });
    world.set("db", "old");
    applyApp(world, { namespace: "shop" });
    applyApp(world, { namespace: "private" });
    await unheard(world, 660_000);
    world.start();
    world.set("db", "new");
    world.queue.put({
      kind: "target",
      v: 1,
      target: { cluster: "blue", namespace: "private" },
      chain: "c1",
      scope: "all",
      memory: emptyMemory,
    });
    await world.untilOutcome("kv", "converged", "blue/shop");
    await world.pass(hour);
    assertRuns(world, "new", "app", "shop");
    assertRuns(world, "old", "app", "private");
    assert.ok(world.calls.every((call) => call.namespace !== "private"));
    world.stop();
  });

  test(`B17: a volume that overrides parameters of its class is refused, ${on}`, async () => {
    const world = new World({ generation });
    world.set("db", "old");
    applyApp(world, { volumeAttributes: { keyvaultName: "other" } });
    await unheard(world, 660_000);
    world.start();
    const before = soFar(world);
    world.set("db", "new");
    await world.untilOutcome("kv", "refused(volume-attributes)");
    await world.pass(hour);
    assertUntouched(world, before);
    world.stop();
  });
}
