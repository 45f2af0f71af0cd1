/** B12a: the bridge comes to a cluster that has run without it, is taken away, and comes again. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { workload } from "./manifests.ts";
import { applyApp, assertRuns, assertUntouched, marker, reconcile, reconcileUntil, soFar, unheard } from "./one-app.ts";
import type { OneApp } from "./one-app.ts";
import { unknownStart } from "./start-unknown.ts";
import { World, bothGenerations } from "./world.ts";

const hour = 3_600_000;
const day = 24 * hour;

/** An app, a reader, a StatefulSet, a job's worth of versions before: what a cluster looks like after some months. */
async function longRun(generation: "1.5" | "1.6"): Promise<World> {
  const world = new World({ generation });
  world.set("db", "older", { createdOn: world.clock.now() - 90 * day });
  world.set("db", "old", { createdOn: world.clock.now() - 60 * day });
  applyApp(world, { replicas: 2 });
  world.blue.apply(
    workload({ kind: "StatefulSet", name: "set", replicas: 2, mounts: ["kv"], env: { PASSWORD: ["app", "k"] } }),
  );
  await world.pass(120_000);
  world.blue.apply(workload({ name: "reader", env: { PASSWORD: ["app", "k"] } }));
  await unheard(world, 2 * hour);
  return world;
}

async function timers({ world, bridge }: OneApp, times: number): Promise<void> {
  for (let time = 0; time < times; time += 1) {
    await reconcile({ world, bridge });
    await world.pass(900_000);
  }
}

for (const generation of bothGenerations) {
  const on = `driver ${generation}`;

  test(`B12a: observe mode writes nothing and says what it would do, ${on}`, async () => {
    const world = await longRun(generation);
    const { bridge } = world.start({ mode: "observe" });
    const before = soFar(world);
    await timers({ world, bridge }, 3);
    // The class is younger than the version, so nothing made through it ever held other bytes (decision 13).
    assert.equal(world.outcome("kv"), "converged");
    world.set("db", "new");
    await world.untilOutcome("kv", "waiting(observe-only)");
    assert.deepEqual(world.about("kv"), ["write Secret/app (k)"]);
    await world.pass(2 * hour);
    await timers({ world, bridge }, 3);
    assertUntouched(world, before);
    assert.deepEqual(
      world.calls.filter((call) => call.verb === "patch"),
      [],
    );
    assert.equal(world.queue.size, 0, "observing sends nothing more");
    world.stop();
  });

  test(`B12a: the stop switch writes nothing whatever the mode says, ${on}`, async () => {
    const world = await longRun(generation);
    world.start({ map: "writes: stopped" });
    const before = soFar(world);
    world.set("db", "new");
    await world.untilOutcome("kv", "waiting(writes-stopped)");
    await world.pass(hour);
    assertUntouched(world, before);
    assert.deepEqual(
      world.calls.filter((call) => call.verb === "patch"),
      [],
    );
    world.stop();
  });

  test(`B12a: acting on a cluster where all is right restarts nothing, ${on}`, async () => {
    const world = await longRun(generation);
    const { bridge } = world.start();
    const before = soFar(world);
    await timers({ world, bridge }, 5);
    assertUntouched(world, before);
    assert.deepEqual(
      world.calls.filter((call) => call.verb === "patch"),
      [],
    );
    assertRuns(world, "old");
    world.stop();
  });

  test(`B12a: taken away and installed again it restarts nothing that is right, ${on}`, async () => {
    const world = await longRun(generation);
    const first = world.start();
    world.set("db", "second");
    await world.untilOutcome("kv", "converged");
    await world.pass(hour);
    first.kill();
    const marked = marker(world);
    const before = soFar(world);
    await world.pass(2 * hour);
    const again = world.start();
    await timers({ world, bridge: again.bridge }, 3);
    assertUntouched(world, before);
    again.kill();

    // While it is away a version comes and its owner restarts everything, twice, as one does on driver 1.5.
    world.set("db", "third");
    await unheard(world, 60_000);
    world.blue.delete("Secret", "default", "app");
    for (const [kind, name] of [
      ["Deployment", "app"],
      ["StatefulSet", "set"],
    ] as const)
      world.blue.rolloutRestart(kind, "default", name);
    await world.pass(180_000);
    world.blue.rolloutRestart("Deployment", "default", "reader");
    await world.pass(2 * hour);
    assertRuns(world, "third");
    assertRuns(world, "third", "reader");
    const { starts } = soFar(world);
    const third = world.start();
    await timers({ world, bridge: third.bridge }, 3);
    assert.equal(world.blue.starts.length, starts);
    assert.equal(marker(world), marked, "a workload that is right keeps the marker that it has");
    // On 1.5 the pod that made the Secret is older than it, and the class is older than the version: nothing proves it.
    assert.equal(world.outcome("kv"), generation === "1.5" ? "waiting(start-unknown)" : "converged");
    world.stop();
  });

  test(`B12a: installed after a version came that nobody carried, it carries it, ${on}`, async () => {
    const world = await longRun(generation);
    world.set("db", "new");
    await unheard(world, hour);
    const { bridge } = world.start();
    await reconcileUntil({ world, bridge }, "kv", "converged");
    for (const app of ["app", "set", "reader"]) assertRuns(world, "new", app);
    assert.deepEqual([...world.steps("restart")].sort(), [
      "restart Deployment/app",
      "restart Deployment/reader",
      "restart StatefulSet/set",
    ]);
    world.stop();
  });

  test(`B12a: where nothing proves what a pod was started with, it is named and not restarted, ${on}`, async () => {
    const world = new World({ generation, eventDelayMs: undefined });
    await unknownStart(world);
    const { bridge } = world.start();
    const before = soFar(world);
    world.mark();
    await reconcile({ world, bridge });
    assert.equal(world.outcome("kv"), "waiting(start-unknown)");
    assert.ok(world.about("kv").includes("Deployment/reader"));
    await timers({ world, bridge }, 3);
    assertUntouched(world, before);
    world.set("db", "newer");
    await reconcileUntil({ world, bridge }, "kv", "converged");
    assertRuns(world, "newer");
    assertRuns(world, "newer", "reader");
    world.stop();
  });
}
