/** B12a to B12d: the bridge comes to a cluster that has run without it, values that change nothing, several classes. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { providerClass, workload } from "./manifests.ts";
import { applyApp, assertRuns, assertUntouched, marker, oneApp, passwords, reconcile, reconcileUntil, soFar, started, unheard } from "./one-app.ts";
import type { OneApp } from "./one-app.ts";
import { World, bothGenerations } from "./world.ts";

const hour = 3_600_000;
const day = 24 * hour;

/** An app, a reader, a StatefulSet, a job's worth of versions before: what a cluster looks like after some months. */
async function longRun(generation: "1.5" | "1.6"): Promise<World> {
  const world = new World({ generation });
  world.set("db", "older", { createdOn: world.clock.now() - 90 * day });
  world.set("db", "old", { createdOn: world.clock.now() - 60 * day });
  applyApp(world, { replicas: 2 });
  world.blue.apply(workload({ kind: "StatefulSet", name: "set", replicas: 2, mounts: ["kv"], env: { PASSWORD: ["app", "k"] } }));
  await world.pass(120_000);
  world.blue.apply(workload({ name: "reader", env: { PASSWORD: ["app", "k"] } }));
  await unheard(world, 6 * hour);
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
  // On 1.5 with rotation off a pod that made its Secret is older than it, so nothing proves what it was started with.
  const adopted = generation === "1.5" ? "waiting(start-unknown)" : "converged";

  test(`B12a: observe mode writes nothing and says what it would do, ${on}`, async () => {
    const world = await longRun(generation);
    const { bridge } = world.start({ mode: "observe" });
    const before = soFar(world);
    await timers({ world, bridge }, 3);
    assert.equal(world.outcome("kv"), adopted);
    world.set("db", "new");
    await world.untilOutcome("kv", "waiting(observe-only)");
    assert.deepEqual(world.about("kv"), ["write Secret/app (k)"]);
    await world.pass(day);
    await timers({ world, bridge }, 3);
    assertUntouched(world, before);
    assert.deepEqual(world.calls.filter((call) => call.verb === "patch"), []);
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
    assert.deepEqual(world.calls.filter((call) => call.verb === "patch"), []);
    world.stop();
  });

  test(`B12a: acting on a cluster where all is right restarts nothing, ${on}`, async () => {
    const world = await longRun(generation);
    const { bridge } = world.start();
    const before = soFar(world);
    await timers({ world, bridge }, 5);
    assertUntouched(world, before);
    assert.deepEqual(world.calls.filter((call) => call.verb === "patch"), []);
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
    await world.pass(day);
    const again = world.start();
    await timers({ world, bridge: again.bridge }, 3);
    assertUntouched(world, before);
    again.kill();

    // While it is away a version comes and its owner restarts everything, twice, as one does on driver 1.5.
    world.set("db", "third");
    await unheard(world, 60_000);
    world.blue.delete("Secret", "default", "app");
    for (const [kind, name] of [["Deployment", "app"], ["StatefulSet", "set"]] as const) world.blue.rolloutRestart(kind, "default", name);
    await world.pass(180_000);
    world.blue.rolloutRestart("Deployment", "default", "reader");
    await world.pass(day);
    assertRuns(world, "third");
    assertRuns(world, "third", "reader");
    const { starts } = soFar(world);
    const third = world.start();
    await timers({ world, bridge: third.bridge }, 3);
    assert.equal(world.blue.starts.length, starts);
    assert.equal(marker(world), marked, "a workload that is right keeps the marker that it has");
    assert.equal(world.outcome("kv"), adopted);
    world.stop();
  });

  test(`B12a: installed after a version came that nobody carried, it carries it, ${on}`, async () => {
    const world = await longRun(generation);
    world.set("db", "new");
    await unheard(world, hour);
    const { bridge } = world.start();
    await reconcileUntil({ world, bridge }, "kv", "converged");
    for (const app of ["app", "set", "reader"]) assertRuns(world, "new", app);
    assert.deepEqual([...world.steps("restart")].sort(), ["restart Deployment/app", "restart Deployment/reader", "restart StatefulSet/set"]);
    world.stop();
  });

  test(`B12a: where nothing proves what a pod was started with, it is named and not restarted, ${on}`, async () => {
    const world = new World({ generation, eventDelayMs: undefined });
    world.set("db", "old");
    applyApp(world);
    await world.pass(120_000);
    world.blue.apply(workload({ name: "reader", env: { PASSWORD: ["app", "k"] } }));
    await world.pass(hour);
    // Somebody writes the Secret by hand and restarts: the bridge never wrote it, and the driver's entry is no clock.
    world.set("db", "new");
    await world.pass(60_000);
    world.blue.rolloutRestart("Deployment", "default", "reader");
    await world.pass(60_000);
    world.blue.patch("Secret", "default", "app", { data: { k: Buffer.from("new").toString("base64") } });
    world.blue.rolloutRestart("Deployment", "default", "app");
    await world.pass(hour);
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

  test(`B12b: the same value saved again restarts mounters (rotation is off) and no reader, ${on}`, async () => {
    const { world } = await oneApp({ generation });
    world.blue.apply(workload({ name: "reader", env: { PASSWORD: ["app", "k"] } }));
    await unheard(world, 660_000);
    const readers = started(world, "reader");
    world.set("db", "old");
    await world.untilOutcome("kv", "converged");
    await world.pass(2 * hour);
    assert.equal(started(world, "reader"), readers);
    assert.deepEqual(world.steps("restart"), ["restart Deployment/app"]);
    assert.deepEqual(world.steps("write"), []);
    assertRuns(world, "old");
    world.stop();
  });

  test(`B12b: where the map says that the driver rotates, the same value saved again restarts nobody, ${on}`, async () => {
    const { world } = await oneApp({ generation, clusterMap: "    driver: { rotation: on }" });
    const before = soFar(world);
    world.set("db", "old");
    await world.untilOutcome("kv", "waiting(driver-refresh)");
    assert.deepEqual(world.about("kv"), ["Deployment/app"]);
    await world.pass(6 * hour);
    assertUntouched(world, before);
    assert.ok(world.queue.sent.length < 30);
    world.stop();
  });

  test(`B12c: a workload of two classes that both change is restarted once, ${on}`, async () => {
    const world = new World({ generation });
    for (const name of ["db", "mail"]) world.set(name, "old");
    world.blue.apply(providerClass({ name: "kv", objects: ["db"], secrets: { app: { k: "db" } } }));
    world.blue.apply(providerClass({ name: "kv2", objects: ["mail"], secrets: { post: { key: "mail" } } }));
    world.blue.apply(workload({ name: "app", replicas: 2, mounts: ["kv", "kv2"], env: { PASSWORD: ["app", "k"], MAIL: ["post", "key"] } }));
    await unheard(world, 660_000);
    world.start();
    world.set("db", "new");
    await world.pass(700);
    world.set("mail", "new");
    await world.untilOutcome("kv2", "converged");
    await world.untilOutcome("kv", "converged");
    await world.pass(hour);
    assertRuns(world, "new");
    assert.deepEqual(world.blue.running("default").map((start) => start.env["MAIL"]), ["new", "new"]);
    assert.deepEqual(world.steps("restart"), ["restart Deployment/app"]);
    world.stop();
  });

  test(`B12c: an object in two classes of one workload is one restart, ${on}`, async () => {
    const world = new World({ generation });
    for (const name of ["db", "mail"]) world.set(name, "old");
    world.blue.apply(providerClass({ name: "kv", objects: ["db"], secrets: { app: { k: "db" } } }));
    world.blue.apply(providerClass({ name: "kv2", objects: ["db", "mail"], secrets: { both: { a: "db", b: "mail" } } }));
    world.blue.apply(workload({ name: "app", mounts: ["kv", "kv2"], env: { PASSWORD: ["app", "k"], OTHER: ["both", "a"] } }));
    await unheard(world, 660_000);
    world.start();
    world.set("db", "new");
    await world.untilOutcome("kv", "converged");
    await world.untilOutcome("kv2", "converged");
    await world.pass(hour);
    assertRuns(world, "new");
    assert.deepEqual(world.blue.running("default").map((start) => start.env["OTHER"]), ["new"]);
    assert.deepEqual(world.steps("restart"), ["restart Deployment/app"]);
    world.stop();
  });

  test(`B12c: workloads that mount one class and read the other's Secret wait for nobody in a ring, ${on}`, async () => {
    const world = new World({ generation });
    for (const name of ["db", "mail"]) world.set(name, "old");
    world.blue.apply(providerClass({ name: "kv", objects: ["db"], secrets: { app: { k: "db" } } }));
    world.blue.apply(providerClass({ name: "kv2", objects: ["mail"], secrets: { post: { key: "mail" } } }));
    world.blue.apply(workload({ name: "app", mounts: ["kv"], env: { MAIL: ["post", "key"] } }));
    world.blue.apply(workload({ name: "other", mounts: ["kv2"], env: { PASSWORD: ["app", "k"] } }));
    await unheard(world, 660_000);
    world.start();
    world.set("db", "new");
    world.set("mail", "new");
    await world.untilOutcome("kv", "converged");
    await world.untilOutcome("kv2", "converged");
    assert.deepEqual(passwords(world, "other"), ["new"]);
    assert.deepEqual(world.blue.running("default").map((start) => start.env["MAIL"]).filter((value) => value !== undefined), ["new"]);
    assert.equal(world.steps("restart").length, 2);
    world.stop();
  });

  test(`B12d: a deploy between version and event starts pods with the new mount and, on 1.5, the old Secret: found and mended, ${on}`, async () => {
    const { world } = await oneApp({ generation, eventDelayMs: 600_000 }, { replicas: 3 });
    world.set("db", "new");
    await world.pass(60_000);
    world.blue.rolloutRestart("Deployment", "default", "app");
    await world.pass(120_000);
    assert.deepEqual(passwords(world), generation === "1.5" ? ["old", "old", "old"] : ["new", "new", "new"]);
    await world.untilOutcome("kv", "converged", "blue/default", hour);
    assertRuns(world, "new");
    assert.equal(world.steps("restart").length, generation === "1.5" ? 1 : 0);
    await world.pass(2 * hour);
    assertRuns(world, "new");
    world.stop();
  });
}
