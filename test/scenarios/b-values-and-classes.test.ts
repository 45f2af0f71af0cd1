/** B12b to B12d: values that change nothing, several classes of one workload, a deploy before the event. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { providerClass, workload } from "./manifests.ts";
import { assertRuns, assertUntouched, oneApp, passwords, reconcileUntil, soFar, started, unheard } from "./one-app.ts";
import { driverRefreshesIn } from "./set-ups.ts";
import { World, bothGenerations } from "./world.ts";

const hour = 3_600_000;

for (const generation of bothGenerations) {
  const on = `driver ${generation}`;

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

  test(`B12b: where the driver rotates, the same value saved again is awaited and restarts nobody, ${on}`, async () => {
    const { world } = await oneApp({ generation, rotation: "on" });
    const before = soFar(world);
    await driverRefreshesIn(world, 85_000);
    world.set("db", "old");
    await world.untilOutcome("kv", "waiting(driver-refresh)", "blue/default", 10_000);
    assert.deepEqual(world.about("kv"), ["Deployment/app"]);
    await world.untilOutcome("kv", "converged", "blue/default", 5 * 60_000);
    await world.pass(6 * hour);
    assert.equal(world.outcome("kv"), "converged");
    assertUntouched(world, before);
    assertRuns(world, "old");
    world.stop();
  });

  test(`B12b: where the map says so and no driver refreshes, it is awaited for long, seldom looked at, ${on}`, async () => {
    const { world } = await oneApp({ generation, clusterMap: "    driver: { rotation: on }" });
    const before = soFar(world);
    world.set("db", "old");
    await world.untilOutcome("kv", "waiting(driver-refresh)");
    assert.deepEqual(world.about("kv"), ["Deployment/app"]);
    await world.pass(6 * hour);
    assert.equal(world.outcome("kv"), "waiting(driver-refresh)");
    assertUntouched(world, before);
    assert.ok(world.queue.sent.length < 30);
    world.stop();
  });

  test(`B12c: a key that its class now feeds with another object, which the marker names too, ${on}`, async () => {
    const world = new World({ generation });
    for (const name of ["db", "mail"]) world.set(name, `${name}-old`);
    const feedsWith = (object: string) =>
      world.blue.apply(providerClass({ name: "kv", objects: ["db", "mail"], secrets: { app: { k: object } } }));
    feedsWith("db");
    world.blue.apply(workload({ name: "app", mounts: ["kv"], env: { PASSWORD: ["app", "k"] } }));
    await unheard(world, 660_000);
    const { bridge } = world.start();
    world.set("db", "db-new");
    await world.untilOutcome("kv", "converged");
    feedsWith("mail");
    await reconcileUntil({ world, bridge }, "kv", "converged");
    assert.deepEqual(passwords(world), ["mail-old"]);
    await world.pass(12 * hour);
    assert.equal(world.steps("restart").length, 2, world.timeline());
    assert.equal(world.outcome("kv"), "converged");
    world.stop();
  });

  test(`B12c: a workload of two classes that both change is restarted once, ${on}`, async () => {
    const world = new World({ generation });
    for (const name of ["db", "mail"]) world.set(name, "old");
    world.blue.apply(providerClass({ name: "kv", objects: ["db"], secrets: { app: { k: "db" } } }));
    world.blue.apply(providerClass({ name: "kv2", objects: ["mail"], secrets: { post: { key: "mail" } } }));
    world.blue.apply(
      workload({
        name: "app",
        replicas: 2,
        mounts: ["kv", "kv2"],
        env: { PASSWORD: ["app", "k"], MAIL: ["post", "key"] },
      }),
    );
    await unheard(world, 660_000);
    world.start();
    world.set("db", "new");
    await world.pass(700);
    world.set("mail", "new");
    await world.untilOutcome("kv2", "converged");
    await world.untilOutcome("kv", "converged");
    await world.pass(hour);
    assertRuns(world, "new");
    assert.deepEqual(
      world.blue.running("default").map((start) => start.env["MAIL"]),
      ["new", "new"],
    );
    assert.deepEqual(world.steps("restart"), ["restart Deployment/app"]);
    world.stop();
  });

  test(`B12c: an object in two classes of one workload is one restart, ${on}`, async () => {
    const world = new World({ generation });
    for (const name of ["db", "mail"]) world.set(name, "old");
    world.blue.apply(providerClass({ name: "kv", objects: ["db"], secrets: { app: { k: "db" } } }));
    world.blue.apply(
      providerClass({ name: "kv2", objects: ["db", "mail"], secrets: { both: { a: "db", b: "mail" } } }),
    );
    world.blue.apply(
      workload({ name: "app", mounts: ["kv", "kv2"], env: { PASSWORD: ["app", "k"], OTHER: ["both", "a"] } }),
    );
    await unheard(world, 660_000);
    world.start();
    world.set("db", "new");
    await world.untilOutcome("kv", "converged");
    await world.untilOutcome("kv2", "converged");
    await world.pass(hour);
    assertRuns(world, "new");
    assert.deepEqual(
      world.blue.running("default").map((start) => start.env["OTHER"]),
      ["new"],
    );
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
    assert.deepEqual(
      world.blue
        .running("default")
        .map((start) => start.env["MAIL"])
        .filter((value) => value !== undefined),
      ["new"],
    );
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
