/** B9: pods that the bridge cannot replace keep the old version mounted; driver 1.6 writes it back at their ticks. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { barePod, job, workload } from "./manifests.ts";
import { applyApp, assertRuns, passwords, pods, started, unheard } from "./one-app.ts";
import { World, bothGenerations } from "./world.ts";

const hour = 3_600_000;

interface Side {
  readonly name: string;
  readonly manifest: Record<string, unknown>;
  readonly map?: string;
  /** What the outcome names, of the pod. */
  readonly named: (pod: string) => readonly string[];
  readonly remove: (world: World) => void;
}

const spec = { name: "side", mounts: ["kv"] } as const;

const sides: readonly Side[] = [
  {
    name: "a Deployment that must not be restarted",
    manifest: workload(spec),
    map: `workloads: [{ kind: Deployment, name: side, restart: never }]`,
    named: (pod) => ["Deployment/side", `Pod/${pod}`],
    remove: (world) => world.blue.delete("Deployment", "default", "side"),
  },
  {
    name: "a Deployment that its owner opted out",
    manifest: workload({ ...spec, annotations: { "rotation-bridge/ignore": "true" } }),
    named: (pod) => ["Deployment/side", `Pod/${pod}`],
    remove: (world) => world.blue.rolloutRestart("Deployment", "default", "side"),
  },
  {
    name: "a Job",
    manifest: job(spec),
    named: (pod) => [`Pod/${pod} of Job/side`],
    remove: (world) => pods(world, "side").forEach((pod) => world.blue.finish("default", pod)),
  },
  {
    name: "a bare pod",
    manifest: barePod(spec),
    named: (pod) => [`Pod/${pod}`],
    remove: (world) => world.blue.delete("Pod", "default", "side"),
  },
];

/** The app, a reader of its Secret that mounts nothing, and the side. */
async function withSide(generation: "1.5" | "1.6", side: Side): Promise<World> {
  const world = new World({ generation, ...(side.map === undefined ? {} : { map: side.map }) });
  world.set("db", "old");
  applyApp(world);
  await world.pass(60_000);
  world.blue.apply(side.manifest);
  await world.pass(120_000);
  world.blue.apply(workload({ name: "reader", env: { PASSWORD: ["app", "k"] } }));
  await unheard(world, 660_000);
  world.start();
  return world;
}

for (const side of sides) {
  test(`B9: ${side.name} writes the old value back on driver 1.6 until it is gone`, async () => {
    const world = await withSide("1.6", side);
    const [pod = ""] = pods(world, "side");
    const starts = started(world);
    world.set("db", "new");
    await world.untilOutcome("kv", "waiting(old-mount)");
    assert.deepEqual(world.about("kv"), side.named(pod));
    assertRuns(world, "new");
    assert.equal(world.blue.secretValue("default", "app", "k"), "new");
    assert.deepEqual(passwords(world, "reader"), ["old"], "a reader must not start while the Secret can be reverted");

    const writes = world.steps("write").length;
    world.blue.tick("default", pod);
    await world.pass(1000);
    assert.equal(world.blue.secretValue("default", "app", "k"), "old", "the driver wrote the old value back");
    await world.until("patched again", () => world.blue.secretValue("default", "app", "k") === "new", 2 * hour);

    await world.pass(5 * hour);
    const looks = world.steps("write").length - writes;
    assert.ok(looks <= 20, `${looks} writes in five hours`);
    assert.equal(started(world), starts + 1, "the app was restarted once");
    assert.deepEqual(passwords(world, "reader"), ["old"]);

    side.remove(world);
    await world.untilOutcome("kv", "converged", "blue/default", 2 * hour);
    assertRuns(world, "new");
    assertRuns(world, "new", "reader");
    await world.pass(hour);
    assertRuns(world, "new", "reader");
    assert.equal(started(world), starts + 1);
    assert.equal(world.queue.size, 0);
    world.stop();
  });

  test(`B9: ${side.name} reverts nothing on driver 1.5, so readers go on and only the outcome waits`, async () => {
    const world = await withSide("1.5", side);
    const [pod = ""] = pods(world, "side");
    world.set("db", "new");
    await world.until("the reader runs with the new value", () => passwords(world, "reader").join() === "new", 120_000);
    await world.untilOutcome("kv", "waiting(old-mount)");
    assert.deepEqual(world.about("kv"), side.named(pod));
    assertRuns(world, "new");
    const writes = world.steps("write").length;
    await world.pass(2 * hour);
    assert.equal(world.steps("write").length, writes);
    side.remove(world);
    await world.untilOutcome("kv", "converged", "blue/default", 2 * hour);
    assertRuns(world, "new");
    assertRuns(world, "new", "reader");
    world.stop();
  });
}

for (const generation of bothGenerations) {
  test(`B9: where nothing that mounts the class may be restarted, nothing is written, driver ${generation}`, async () => {
    const world = new World({ generation, map: `workloads: [{ kind: Deployment, name: app, restart: never }]` });
    world.set("db", "old");
    applyApp(world);
    await world.pass(120_000);
    world.blue.apply(workload({ name: "reader", env: { PASSWORD: ["app", "k"] } }));
    await unheard(world, 660_000);
    world.start();
    const { length } = world.blue.starts;
    world.set("db", "new");
    await world.untilOutcome("kv", "refused(never-refreshes)");
    assert.deepEqual(world.about("kv"), ["SecretProviderClass/kv"]);
    await world.pass(2 * hour);
    assert.deepEqual([world.steps("write"), world.steps("restart")], [[], []]);
    assert.equal(world.blue.starts.length, length);
    assert.equal(world.queue.size, 0);
    world.stop();
  });

  test(`B9: an opted-out reader and a reader that must not be restarted are named, driver ${generation}`, async () => {
    const world = new World({ generation, map: `workloads: [{ kind: Deployment, name: calm, restart: never }]` });
    world.set("db", "old");
    applyApp(world);
    await world.pass(120_000);
    const env = { PASSWORD: ["app", "k"] } as const;
    world.blue.apply(workload({ name: "calm", env }));
    world.blue.apply(workload({ name: "out", env, annotations: { "rotation-bridge/ignore": "true" } }));
    world.blue.apply(barePod({ name: "bare", env }));
    await unheard(world, 660_000);
    world.start();
    world.set("db", "new");
    await world.until("both are named", () =>
      world.results.some(({ targets }) => targets.some((one) => one.outcome === "refused")),
    );
    const reasons = world.log
      .filter((line) => line.fields["class"] === "kv" && line.fields["outcome"] === "refused")
      .map((line) => String(line.fields["reason"]));
    assert.ok(
      reasons.every((reason) => ["restart-never", "workload-ignored"].includes(reason)),
      reasons.join(),
    );
    assertRuns(world, "new");
    assert.deepEqual(
      [...passwords(world, "calm"), ...passwords(world, "out"), ...passwords(world, "bare")],
      ["old", "old", "old"],
    );
    world.blue.rolloutRestart("Deployment", "default", "out");
    await world.pass(60_000);
    assertRuns(world, "new", "out");
    world.stop();
  });

  test(`B9: a bare pod that read the old value is named until it is gone, driver ${generation}`, async () => {
    const world = new World({ generation });
    world.set("db", "old");
    applyApp(world);
    await world.pass(120_000);
    world.blue.apply(barePod({ name: "bare", env: { PASSWORD: ["app", "k"] } }));
    await unheard(world, 660_000);
    world.start();
    world.set("db", "new");
    await world.untilOutcome("kv", "waiting(unmanaged-pod)");
    assert.deepEqual(world.about("kv"), ["Pod/bare"]);
    assertRuns(world, "new");
    world.blue.delete("Pod", "default", "bare");
    await world.untilOutcome("kv", "converged", "blue/default", 2 * hour);
    world.stop();
  });
}
