/** Workloads that mount a class and must not be restarted, where the driver rotates: its own refresh is awaited. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { workload } from "./manifests.ts";
import type { WorkloadSpec } from "./manifests.ts";
import { applyApp, passwords, pods, started, unheard } from "./one-app.ts";
import { driverRefreshesIn } from "./set-ups.ts";
import { witness } from "./truth.ts";
import { World, bothGenerations } from "./world.ts";

const map = "workloads: [{ kind: Deployment, name: app, restart: never }]";
const env = { PASSWORD: ["app", "k"] } as const;

/** The workload has run for a quarter of an hour, beside others where there are some, when the bridge is installed. */
async function set(
  generation: "1.5" | "1.6",
  app: Partial<WorkloadSpec>,
  others: readonly Record<string, unknown>[] = [],
): Promise<World> {
  const world = new World({ generation, rotation: "on", map });
  world.set("db", "old");
  await unheard(world, 660_000);
  applyApp(world, { replicas: 2, ...app });
  await unheard(world, 60_000);
  for (const other of others) world.blue.apply(other);
  await unheard(world, 900_000);
  world.start();
  return world;
}

function mountedFiles(world: World): readonly (string | undefined)[] {
  return pods(world).map((pod) => world.blue.mountedFiles("default", pod)["db"]);
}

const secret = (world: World) => world.blue.secretValue("default", "app", "k");

/** The driver looks at every pod of the workload, so 1.6 writes what these have mounted. */
function lookAt(world: World): void {
  for (const pod of pods(world)) world.blue.tick("default", pod);
}

for (const generation of bothGenerations) {
  const on = `driver ${generation}`;

  for (const refreshMs of [500, 3000, 30_000, 85_000]) {
    test(`B9: the mounts of an app that reloads its files follow ${refreshMs} ms after the version, and then it is proven, ${on}`, async () => {
      const world = await set(generation, { env: {} });
      const seen = witness(world);
      await driverRefreshesIn(world, refreshMs);
      world.set("db", "new");
      if (refreshMs > 10_000) {
        await world.untilOutcome("kv", "waiting(driver-refresh)", "blue/default", 10_000);
        assert.deepEqual(world.about("kv"), ["Deployment/app"]);
        assert.deepEqual([mountedFiles(world), secret(world)], [["old", "old"], "new"], "written before the refresh");
      }
      await world.untilOutcome("kv", "converged", "blue/default", 5 * 60_000);
      assert.deepEqual([mountedFiles(world), secret(world)], [["new", "new"], "new"]);
      await world.pass(2 * 60 * 60_000);
      assert.equal(world.outcome("kv"), "converged");
      assert.deepEqual([mountedFiles(world), secret(world)], [["new", "new"], "new"]);
      assert.deepEqual(seen.values("app", "k"), ["old", "new"]);
      assert.deepEqual([started(world), seen.restarts("Deployment/app")], [2, []]);
      world.stop();
    });
  }

  for (const [when, old] of [
    ["before the bridge restarts", 2],
    ["while all wait for the refresh", 2],
    ["when half of them are refreshed", 1],
  ] as const) {
    test(`B9: the driver looks at the mounts ${when}: Secret and reader end new, ${on}`, async () => {
      const world = await set(generation, { env: {} }, [workload({ name: "reader", env })]);
      const seen = witness(world);
      if (generation === "1.5") await driverRefreshesIn(world, 70_000);
      world.set("db", "new");
      if (when.startsWith("before")) await world.pass(2500);
      else if (when.startsWith("while")) await world.pass(10_000);
      else await world.until("half of them", () => new Set(mountedFiles(world)).size === 2, 120_000);
      assert.equal(mountedFiles(world).filter((file) => file === "old").length, old);
      lookAt(world);
      await world.untilOutcome("kv", "converged", "blue/default", 10 * 60_000);
      await world.pass(2 * 60 * 60_000);
      assert.equal(world.outcome("kv"), "converged");
      assert.deepEqual([mountedFiles(world), secret(world)], [["new", "new"], "new"]);
      assert.deepEqual(passwords(world, "reader"), ["new"]);
      assert.equal(seen.restarts("Deployment/reader").length, 1, "its reader is restarted once");
      assert.deepEqual([started(world), seen.restarts("Deployment/app")], [2, []]);
      if (generation === "1.5") assert.deepEqual(seen.values("app", "k"), ["old", "new"], "1.5 puts nothing back");
      world.stop();
    });
  }

  test(`B9: a reader beside it is restarted ${generation === "1.5" ? "at once" : "when no mount can put the old value back"}, ${on}`, async () => {
    const world = await set(generation, { env: {} }, [workload({ name: "reader", env })]);
    const seen = witness(world);
    if (generation === "1.5") await driverRefreshesIn(world, 70_000);
    world.set("db", "new");
    await world.until("the reader's restart", () => seen.restarts("Deployment/reader").length === 1, 10 * 60_000);
    assert.deepEqual(mountedFiles(world), generation === "1.5" ? ["old", "old"] : ["new", "new"]);
    await world.untilOutcome("kv", "converged", "blue/default", 10 * 60_000);
    assert.deepEqual(passwords(world, "reader"), ["new"]);
    assert.deepEqual([mountedFiles(world), secret(world)], [["new", "new"], "new"]);
    world.stop();
  });

  test(`B9: a mounter beside it is restarted at once, and both are proven in the end, ${on}`, async () => {
    const world = await set(generation, { env: {} }, [workload({ name: "other", mounts: ["kv"], env })]);
    const seen = witness(world);
    await driverRefreshesIn(world, 85_000);
    world.set("db", "new");
    await world.until("the other's start", () => passwords(world, "other").join() === "new", 20_000);
    await world.untilOutcome("kv", "converged", "blue/default", 5 * 60_000);
    assert.deepEqual([mountedFiles(world), secret(world)], [["new", "new"], "new"]);
    await world.pass(2 * 60 * 60_000);
    assert.equal(world.outcome("kv"), "converged");
    assert.equal(seen.restarts("Deployment/other").length, 1);
    assert.deepEqual([started(world), seen.restarts("Deployment/app")], [2, []]);
    world.stop();
  });

  test(`B9: where it reads the Secret by env too, its mounts are awaited and then its owner is asked, ${on}`, async () => {
    const world = await set(generation, {});
    await driverRefreshesIn(world, 85_000);
    world.set("db", "new");
    await world.untilOutcome("kv", "waiting(driver-refresh)", "blue/default", 10_000);
    await world.untilOutcome("kv", "refused(restart-never)", "blue/default", 5 * 60_000);
    assert.deepEqual(world.about("kv"), ["Deployment/app"]);
    assert.deepEqual([mountedFiles(world), secret(world)], [["new", "new"], "new"]);
    assert.deepEqual(passwords(world), ["old", "old"]);
    await world.pass(2 * 60 * 60_000);
    assert.deepEqual([started(world), secret(world)], [2, "new"]);
    world.stop();
  });
}
