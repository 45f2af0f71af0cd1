/** B12: what a workload may be in the middle of. Each has its own outcome, and none ends wrong. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { objectAt, textAt } from "../../local/cluster/json.ts";
import { workload } from "./manifests.ts";
import {
  applyApp,
  assertRuns,
  marker,
  oneApp,
  passwords,
  pods,
  reconcile,
  reconcileUntil,
  started,
  unheard,
} from "./one-app.ts";
import { World, bothGenerations } from "./world.ts";

const hour = 3_600_000;

for (const generation of bothGenerations) {
  const on = `driver ${generation}`;

  test(`B12: a paused Deployment is not patched until it is resumed, ${on}`, async () => {
    const { world } = await oneApp({ generation });
    world.blue.patch("Deployment", "default", "app", { spec: { paused: true } });
    await world.pass(1000);
    world.set("db", "new");
    await world.untilOutcome("kv", "waiting(workload-paused)");
    assert.deepEqual(world.about("kv"), ["Deployment/app"]);
    await world.pass(hour);
    assert.equal(marker(world), undefined);
    assert.deepEqual(passwords(world), ["old"]);
    world.blue.patch("Deployment", "default", "app", { spec: { paused: false } });
    await world.untilOutcome("kv", "converged", "blue/default", 2 * hour);
    assertRuns(world, "new");
    world.stop();
  });

  test(`B12: a Deployment that is paused in our rollout waits for its owner, ${on}`, async () => {
    const { world } = await oneApp({ generation }, { replicas: 4 });
    world.set("db", "new");
    await world.until("restarted", () => marker(world) !== undefined);
    await world.pass(600);
    world.blue.patch("Deployment", "default", "app", { spec: { paused: true } });
    await world.untilOutcome("kv", "waiting(workload-paused)");
    await world.pass(2 * hour);
    world.blue.patch("Deployment", "default", "app", { spec: { paused: false } });
    await world.untilOutcome("kv", "converged", "blue/default", 2 * hour);
    assertRuns(world, "new");
    assert.ok(world.steps("restart").length <= (generation === "1.5" ? 1 : 2));
    world.stop();
  });

  test(`B12: a workload scaled to zero is neither restarted nor waited for, its Secret is written, ${on}`, async () => {
    const { world } = await oneApp({ generation });
    // A first rotation, so that the marker shows that the object has been mounted here.
    world.set("db", "second");
    await world.untilOutcome("kv", "converged");
    await world.pass(660_000);
    const first = marker(world);
    world.blue.scale("Deployment", "default", "app", 0);
    await world.pass(30_000);
    world.set("db", "new");
    await world.untilOutcome("kv", "converged");
    assert.equal(world.blue.secretValue("default", "app", "k"), "new");
    assert.equal(marker(world), first);
    // Who starts within the second after a write may have met a kubelet's old cache, and is restarted.
    await world.pass(2000);
    world.blue.scale("Deployment", "default", "app", 2);
    await world.pass(30_000);
    assertRuns(world, "new");
    assert.equal(passwords(world).length, 2);
    await world.pass(hour);
    assert.equal(marker(world), first, "pods that started with the new bytes are not restarted");
    world.stop();
  });

  test(`B12: scaled to zero before anything was ever mounted here at a known version, nothing is written until a pod runs, ${on}`, async () => {
    const app = await oneApp({ generation });
    const { world } = app;
    world.blue.scale("Deployment", "default", "app", 0);
    await world.pass(30_000);
    world.set("db", "new");
    await world.untilOutcome("kv", "waiting(not-yet-mounted)");
    assert.deepEqual(world.about("kv"), ["contoso/secret/db"]);
    await world.pass(60_000);
    assert.equal(world.blue.secretValue("default", "app", "k"), "old");
    world.blue.scale("Deployment", "default", "app", 2);
    await world.pass(30_000);
    await reconcileUntil(app, "kv", "converged");
    assertRuns(world, "new");
    world.stop();
  });

  test(`B12: somebody's rollout that began before our write ends with the new bytes everywhere, ${on}`, async () => {
    const { world } = await oneApp({ generation, eventDelayMs: 3000 }, { replicas: 4 });
    world.set("db", "new");
    await world.pass(500);
    world.blue.rolloutRestart("Deployment", "default", "app");
    await world.untilOutcome("kv", "converged");
    assertRuns(world, "new");
    assert.ok(world.steps("restart").length <= 1);
    await world.pass(hour);
    assertRuns(world, "new");
    world.stop();
  });

  test(`B12: somebody's rollout that begins after our write is proven instead of ours, ${on}`, async () => {
    const { world } = await oneApp({ generation }, { replicas: 4 });
    world.set("db", "new");
    await world.until("written", () => world.blue.secretValue("default", "app", "k") === "new");
    // In the next second, so that creation times tell the pods from the write.
    await world.pass(1000 - (world.clock.now() % 1000) + 10);
    if (marker(world) === undefined) world.blue.rolloutRestart("Deployment", "default", "app");
    await world.untilOutcome("kv", "converged");
    assertRuns(world, "new");
    assert.equal(started(world), 8, "every pod was replaced once");
    world.stop();
  });

  test(`B12: a new image rolled out in the middle of our rollout converges, ${on}`, async () => {
    const { world } = await oneApp({ generation }, { replicas: 4 });
    world.set("db", "new");
    await world.until("restarted", () => marker(world) !== undefined);
    await world.pass(700);
    world.blue.apply(
      workload({ name: "app", replicas: 4, mounts: ["kv"], env: { PASSWORD: ["app", "k"], EXTRA: ["app", "k"] } }),
    );
    await world.untilOutcome("kv", "converged");
    assertRuns(world, "new");
    assert.deepEqual(
      world.blue.running("default").map((start) => start.env["EXTRA"]),
      ["new", "new", "new", "new"],
    );
    assert.equal(world.steps("restart").length, 1);
    world.stop();
  });

  test(`B12: a Deployment whose own rollout has exceeded its deadline says so, and converges once it is mended, ${on}`, async () => {
    const app = await oneApp({ generation }, { replicas: 4, spec: { progressDeadlineSeconds: 60 } });
    const { world } = app;
    world.blue.crashWhen((start) => start.env["BROKEN"] !== undefined);
    const broken = { name: "app", replicas: 4, mounts: ["kv"], spec: { progressDeadlineSeconds: 60 } };
    world.blue.apply(workload({ ...broken, env: { PASSWORD: ["app", "k"], BROKEN: ["app", "k"] } }));
    await world.pass(180_000);
    world.set("db", "new");
    await world.untilOutcome("kv", "failed(rollout-stuck)");
    assert.match(world.about("kv").join(), /^Deployment\/app,.*Pod\/app-\S+: .*CrashLoopBackOff/);
    assert.equal(passwords(world).filter((value) => value === "old").length, 3);
    world.blue.apply(workload({ ...broken, env: { PASSWORD: ["app", "k"] } }));
    await world.pass(60_000);
    await reconcileUntil(app, "kv", "converged");
    assertRuns(world, "new");
    assert.equal(world.steps("restart").length, 1);
    world.stop();
  });

  test(`B12: a workload that is being deleted is planned without, ${on}`, async () => {
    const { world } = await oneApp({ generation });
    world.blue.patch("Deployment", "default", "app", { metadata: { finalizers: ["example.com/wait"] } });
    world.blue.delete("Deployment", "default", "app");
    await world.pass(1000);
    world.set("db", "new");
    await world.pass(60_000);
    assert.equal(marker(world), undefined);
    assert.equal(world.steps("restart").length, 0);
    world.blue.patch("Deployment", "default", "app", { metadata: { finalizers: null } });
    await world.untilOutcome("kv", "converged", "blue/default", 3 * hour);
    assert.deepEqual(pods(world), []);
    world.stop();
  });

  test(`B12: pods that take longer than the map's time-out but not than their own deadline are waited for, ${on}`, async () => {
    const { world } = await oneApp(
      { generation, timing: { readyAfterMs: 900_000 } },
      { spec: { progressDeadlineSeconds: 1800 } },
      2_400_000,
    );
    world.set("db", "new");
    await world.untilOutcome("kv", "converged", "blue/default", hour);
    assert.deepEqual(
      world.log.filter((line) => line.fields["outcome"] === "failed"),
      [],
    );
    assertRuns(world, "new");
    world.stop();
  });

  test(`B12: a workload that nobody restarts for hours is looked at less and less often, ${on}`, async () => {
    const { world } = await oneApp({ generation });
    world.blue.patch("Deployment", "default", "app", { spec: { paused: true } });
    await world.pass(1000);
    world.set("db", "new");
    await world.pass(10 * hour);
    assert.ok(world.queue.sent.length < 40, `${world.queue.sent.length} messages in ten hours`);
    const scope = textAt(objectAt(JSON.parse(world.queue.sent.at(-1) ?? "{}")), "scope");
    assert.notEqual(scope, "all");
    world.stop();
  });

  test(`B12: the timer finds a stuck rollout that has come to its end, ${on}`, async () => {
    const world = new World({ generation });
    world.set("db", "old");
    applyApp(world, { spec: { progressDeadlineSeconds: 60 } });
    await world.pass(120_000);
    world.blue.apply(workload({ name: "reader", env: { PASSWORD: ["app", "k"] } }));
    await unheard(world, 660_000);
    const { bridge } = world.start();
    let healthy = false;
    world.blue.crashWhen((start) => !healthy && start.env["PASSWORD"] === "new");
    world.set("db", "new");
    await world.untilOutcome("kv", "failed(rollout-stuck)");
    assert.deepEqual(passwords(world, "reader"), ["old"]);
    healthy = true;
    await world.pass(600_000);
    await reconcile({ world, bridge });
    assert.equal(world.outcome("kv"), "converged");
    assertRuns(world, "new");
    assertRuns(world, "new", "reader");
    world.stop();
  });
}
