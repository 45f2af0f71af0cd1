/** B11: the new value makes pods crash; somebody undoes the restart; a good version comes. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { workload } from "./manifests.ts";
import { applyApp, assertRuns, marker, passwords, reconcile, reconcileUntil, started, unheard } from "./one-app.ts";
import { World, bothGenerations } from "./world.ts";

for (const generation of bothGenerations) {
  test(`B11: a value that makes pods crash stops at the first wave, an undo is not fought, a good version converges, driver ${generation}`, async () => {
    const world = new World({ generation });
    world.set("db", "old");
    applyApp(world, { replicas: 4, spec: { progressDeadlineSeconds: 60 } });
    await world.pass(120_000);
    world.blue.apply(workload({ name: "reader", env: { PASSWORD: ["app", "k"] } }));
    await unheard(world, 660_000);
    const { bridge } = world.start();
    world.blue.crashWhen((start) => start.env["PASSWORD"] === "bad");
    const readers = started(world, "reader");

    world.set("db", "bad");
    await world.untilOutcome("kv", "failed(rollout-stuck)");
    assert.ok(world.about("kv").includes("Deployment/app"));
    assert.match(world.about("kv").join(), /Pod\/app-\S+: .*CrashLoopBackOff/, "the pod's own reason is named");
    assert.equal(started(world, "reader"), readers, "nothing is restarted after the first wave");
    assert.equal(passwords(world).filter((value) => value === "old").length, 3, "old pods still serve");
    const marked = marker(world);
    await world.pass(2 * 3_600_000);
    assert.equal(started(world, "reader"), readers);
    assert.equal(marker(world), marked);
    assert.equal(world.queue.size, 0);

    world.blue.rolloutUndo("Deployment", "default", "app");
    const undone = marker(world);
    assert.notEqual(undone, marked);
    await reconcileUntil({ world, bridge }, "kv", "refused(rolled-back)");
    assert.equal(world.about("kv")[0], "Deployment/app");
    for (let times = 0; times < 3; times += 1) {
      await reconcile({ world, bridge });
      await world.pass(900_000);
    }
    assert.equal(marker(world), undone, "the undo is not fought");
    assert.equal(started(world, "reader"), readers);

    world.set("db", "good");
    await world.untilOutcome("kv", "converged", "blue/default", 3_600_000);
    assertRuns(world, "good");
    assertRuns(world, "good", "reader");
    assert.equal(passwords(world).length, 4);
    await reconcile({ world, bridge });
    assert.equal(world.outcome("kv"), "converged");
    world.stop();
  });

  test(`B11: a good version while pods still crash is carried at once, driver ${generation}`, async () => {
    const world = new World({ generation });
    world.set("db", "old");
    applyApp(world, { replicas: 2 });
    await unheard(world, 660_000);
    world.start();
    world.blue.crashWhen((start) => start.env["PASSWORD"] === "bad");
    world.set("db", "bad");
    await world.pass(90_000);
    assert.equal(world.outcome("kv"), "waiting(rollout-running)");
    world.set("db", "good");
    await world.untilOutcome("kv", "converged");
    assertRuns(world, "good");
    world.stop();
  });

  test(`B11: pods of a StatefulSet that crash stop it at its last pod, driver ${generation}`, async () => {
    const world = new World({ generation });
    world.set("db", "old");
    applyApp(world, { kind: "StatefulSet", replicas: 3 });
    await unheard(world, 660_000);
    world.start();
    world.blue.crashWhen((start) => start.env["PASSWORD"] === "bad");
    world.set("db", "bad");
    await world.untilOutcome("kv", "failed(rollout-stuck)", "blue/default", 3_600_000);
    assert.match(world.about("kv").join(), /Pod\/app-2: .*CrashLoopBackOff/);
    assert.deepEqual(
      passwords(world).filter((value) => value === "old"),
      ["old", "old"],
    );
    // Kubernetes does not replace a broken StatefulSet pod by itself, so a good version needs a person first.
    world.set("db", "good");
    await world.untilOutcome("kv", "waiting(broken-revision)");
    assert.match(world.about("kv").join(), /^StatefulSet\/app,Pod\/app-2: /);
    world.blue.delete("Pod", "default", "app-2");
    await world.untilOutcome("kv", "converged", "blue/default", 2 * 3_600_000);
    assertRuns(world, "good");
    world.stop();
  });
}

for (const generation of bothGenerations) {
  test(`B11: pods that are ready for a moment before they crash stop it too, and no reader follows them, driver ${generation}`, async () => {
    const world = new World({ generation, timing: { readyAfterMs: 100, crashAfterMs: 1500 } });
    world.set("db", "old");
    applyApp(world, { replicas: 1 });
    await world.pass(120_000);
    world.blue.apply(workload({ name: "reader", env: { PASSWORD: ["app", "k"] } }));
    await unheard(world, 660_000);
    world.start();
    world.blue.crashWhen((start) => start.env["PASSWORD"] === "bad");
    const readers = started(world, "reader");
    world.set("db", "bad");
    await world.untilOutcome("kv", "failed(rollout-stuck)", "blue/default", 3_600_000);
    assert.match(world.about("kv").join(), /Pod\/app-\S+: .*CrashLoopBackOff/);
    assert.equal(started(world, "reader"), readers, "nothing is restarted after the first wave");
    assert.ok(
      !world.log.some((line) => line.event === "outcome" && line.fields["outcome"] === "converged"),
      "it was never proven",
    );
    world.set("db", "good");
    await world.untilOutcome("kv", "converged", "blue/default", 3_600_000);
    assertRuns(world, "good");
    assertRuns(world, "good", "reader");
    world.stop();
  });
}
