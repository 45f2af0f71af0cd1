import assert from "node:assert/strict";
import { test } from "node:test";
import { driverRefreshesIn, walkthrough } from "./set-ups.ts";
import { assertRuns, startsOf, witness } from "./truth.ts";
import { World, bothGenerations } from "./world.ts";

/**
 * From a new version until it is proven: one restart, and every pod holds the new value. So it stays for an hour of the
 * driver's own looks, and of its polls where it rotates.
 */
async function rotates(world: World, ready: () => Promise<void> = async () => undefined): Promise<void> {
  const seen = witness(world);
  world.start();
  await world.pass(20 * 60_000);
  assert.deepEqual(seen.restarts("Deployment/app"), [], "installing the bridge restarts nothing");
  await ready();
  world.set("Secret", "new");
  await world.untilOutcome("kv", "converged", "blue/default", 60_000);
  assert.equal(world.blue.secretValue("default", "syncedsecret", "mysecret"), "new");
  const wanted = { env: { PASSWORD: "new" }, files: { "/mnt/kv/Secret": "new" }, mounted: { Secret: "new" } };
  assertRuns(world.blue, "app", wanted);
  const steps = world.steps("write").length;
  await world.pass(60 * 60_000);
  assertRuns(world.blue, "app", wanted);
  assert.equal(seen.restarts("Deployment/app").length, 1);
  assert.equal(startsOf(world.blue, "app").length, 2, "the first start and one restart");
  assert.deepEqual(seen.values("syncedsecret", "mysecret"), ["old", "new"]);
  assert.equal(world.steps("write").length, steps, "nothing had to be put right");
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

  test(`A2: the driver rotates too, and changes and restarts nothing afterwards, driver ${generation}`, async () => {
    const world = new World({ generation, rotation: "on" });
    await walkthrough(world);
    await rotates(world);
  });

  // The bridge writes 1.5 to 2 s after the version, restarts a second later, and is done after 15 s.
  for (const [ms, writes] of [
    [100, 0],
    [1000, 0],
    [2000, 1],
    [2600, 1],
    [4000, 1],
    [6000, 1],
    [9000, 1],
    [15_000, 1],
  ] as const) {
    const first = writes === 0 ? "before the bridge writes" : "after the bridge wrote";
    test(`A2: the driver's own refresh comes ${ms} ms after the version, ${first}, driver ${generation}`, async () => {
      const world = new World({ generation, rotation: "on" });
      await walkthrough(world);
      await rotates(world, () => driverRefreshesIn(world, ms));
      assert.equal(world.steps("write").length, writes);
    });
  }

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
