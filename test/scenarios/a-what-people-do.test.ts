import assert from "node:assert/strict";
import { test } from "node:test";
import { walkthrough } from "./set-ups.ts";
import { assertRuns, startsOf, witness } from "./truth.ts";
import { World, bothGenerations } from "./world.ts";
import type { WorldOptions } from "./world.ts";

/** From a new version until it is proven: one restart, and every pod holds the new value. */
async function rotates(world: World): Promise<void> {
  const seen = witness(world);
  world.start();
  await world.pass(20 * 60_000);
  assert.deepEqual(seen.restarts("Deployment/app"), [], "installing the bridge restarts nothing");
  world.set("Secret", "new");
  await world.untilOutcome("kv", "converged", "blue/default", 60_000);
  assert.equal(world.blue.secretValue("default", "syncedsecret", "mysecret"), "new");
  const wanted = { env: { PASSWORD: "new" }, files: { "/mnt/kv/Secret": "new" }, mounted: { Secret: "new" } };
  assertRuns(world.blue, "app", wanted);
  await world.pass(60 * 60_000);
  assertRuns(world.blue, "app", wanted);
  assert.equal(seen.restarts("Deployment/app").length, 1);
  assert.equal(startsOf(world.blue, "app").length, 2, "the first start and one restart");
  assert.deepEqual(seen.values("syncedsecret", "mysecret"), ["old", "new"]);
  assert.equal(seen.lost("syncedsecret"), 0);
  assert.equal(world.outcome("kv"), "converged");
  world.stop();
}

for (const generation of bothGenerations) {
  test(`A1: the plain walkthrough, driver ${generation}`, async () => {
    const world = new World({ generation });
    await walkthrough(world);
    await rotates(world);
  });

  // The local cluster's driver does not rotate yet: here only the map says so, as it would of a driver whose poll is
  // still to come. What the driver's own poll does afterwards is shown where a driver rotates.
  test(`A2: the map says that the driver rotates, driver ${generation}`, async () => {
    const options: WorldOptions = { generation, clusterMap: "    driver: { rotation: on, pollInterval: 2m }" };
    const world = new World(options);
    await walkthrough(world);
    await rotates(world);
  });

  for (const [how, parameters] of [
    ["pod identity", { usePodIdentity: "true" }],
    [
      "a managed identity of the nodes",
      { useVMManagedIdentity: "true", userAssignedIdentityID: "33333333-3333-3333-3333-333333333333" },
    ],
  ] as const) {
    test(`A6: an old class that signs in with ${how} rotates like any other, driver ${generation}`, async () => {
      const world = new World({ generation });
      await walkthrough(world, { class: { parameters } });
      await rotates(world);
    });
  }
}
