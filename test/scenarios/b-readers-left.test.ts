/** B9: readers beside mounts that were right before the bridge looked: the driver's own poll, or the owner's rollout. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { StoredVersion } from "../../local/key-vault/stored-version.ts";
import { barePod, providerClass, workload } from "./manifests.ts";
import { applyApp, assertRuns, passwords, reconcile, unheard } from "./one-app.ts";
import { driverRefreshesIn } from "./set-ups.ts";
import { World, bothGenerations } from "./world.ts";

const env = { PASSWORD: ["app", "k"] } as const;

const leftAlone = [
  {
    name: "must not be restarted",
    map: "workloads: [{ kind: Deployment, name: app, restart: never }]",
    annotations: {},
    outcome: "refused(restart-never)",
  },
  {
    name: "was opted out",
    map: "",
    annotations: { "rotation-bridge/ignore": "true" },
    outcome: "refused(workload-ignored)",
  },
];

const cases = bothGenerations.flatMap((generation) => leftAlone.map((entry) => ({ generation, ...entry })));

for (const { generation, name, map, annotations, outcome } of cases) {
  test(`B9: a mounter that ${name} holds up no reader once its mount is current, driver ${generation}`, async () => {
    const world = new World({ generation, rotation: "on", map });
    world.set("db", "old");
    await unheard(world, 660_000);
    applyApp(world, { annotations });
    await unheard(world, 60_000);
    world.blue.apply(workload({ name: "reader", env }));
    await unheard(world, 900_000);
    world.set("db", "new");
    await unheard(world, 130_000);
    assert.equal(world.blue.secretValue("default", "app", "k"), "new", "the driver was first");
    const { bridge } = world.start();
    await reconcile({ world, bridge });
    await world.until("the reader has the new value", () => passwords(world, "reader").join() === "new");
    await world.pass(600_000);
    assert.equal(world.outcome("kv"), outcome);
    assert.deepEqual(world.about("kv"), ["Deployment/app"]);
    assert.deepEqual(passwords(world), ["old"], "its env is its owner's affair, so it is named");
    assert.deepEqual(world.steps("restart"), ["restart Deployment/reader"]);
    assert.equal(world.blue.secretValue("default", "app", "k"), "new");
    world.stop();
  });
}

const lateReaders = [
  { name: "a bare pod", manifest: barePod, outcome: "waiting(unmanaged-pod)", about: "Pod/reader" },
  { name: "a Deployment", manifest: workload, outcome: "waiting(start-unknown)", about: "Deployment/reader" },
];

for (const { name, manifest, outcome, about } of lateReaders) {
  test(`B9: ${name} that started between the version and the driver's poll is named`, async () => {
    const world = new World({ generation: "1.5", rotation: "on" });
    world.set("db", "old");
    await unheard(world, 660_000);
    world.blue.apply(providerClass({ name: "kv", objects: ["db"], secrets: { app: { k: "db" } } }));
    world.blue.apply(workload({ name: "holder", mounts: ["kv"] }));
    await unheard(world, 900_000);
    await driverRefreshesIn(world, 90_000);
    world.set("db", "new");
    await unheard(world, 30_000);
    world.blue.apply(manifest({ name: "reader", env }));
    await unheard(world, 760_000);
    const { bridge } = world.start();
    await reconcile({ world, bridge });
    await world.pass(600_000);
    assert.deepEqual([passwords(world, "reader"), world.blue.secretValue("default", "app", "k")], [["old"], "new"]);
    assert.equal(world.outcome("kv"), outcome);
    assert.deepEqual(world.about("kv"), [about]);
    world.stop();
  });
}

interface Pinned {
  readonly world: World;
  /** What its owner does: the pin goes to the newer version, and the mounter is rolled out. */
  readonly movePin: () => Promise<void>;
}

/** Mounter and reader run with `one`, to which the class is pinned beside the newer `two`. */
async function pinnedToOne(generation: "1.5" | "1.6"): Promise<Pinned> {
  const world = new World({ generation });
  const one = world.set("db", "one");
  await unheard(world, 60_000);
  const two = world.set("db", "two");
  await unheard(world, 660_000);
  const pinnedTo = ({ version }: StoredVersion) => {
    const objects = [{ objectName: "db", objectVersion: version }];
    return providerClass({ name: "kv", objects, secrets: { app: { k: "db" } } });
  };
  world.blue.apply(pinnedTo(one));
  world.blue.apply(workload({ name: "app", mounts: ["kv"], env }));
  await unheard(world, 60_000);
  world.blue.apply(workload({ name: "reader", env }));
  await unheard(world, 660_000);
  const movePin = async () => {
    world.blue.apply(pinnedTo(two));
    world.blue.rolloutRestart("Deployment", "default", "app");
    await world.pass(60_000);
    world.mark();
  };
  return { world, movePin };
}

test("B9: an owner who moves a pin and rolls out the mounter gets the readers too, driver 1.5", async () => {
  const { world, movePin } = await pinnedToOne("1.5");
  const { bridge } = world.start();
  await reconcile({ world, bridge });
  assert.equal(world.outcome("kv"), "converged");
  assertRuns(world, "one");
  await movePin();
  await reconcile({ world, bridge });
  await world.untilOutcome("kv", "converged");
  assertRuns(world, "two");
  assertRuns(world, "two", "reader");
  await reconcile({ world, bridge });
  await world.pass(300_000);
  assert.equal(world.steps("write").length, 1);
  world.stop();
});

test("B9: where the driver carries a moved pin itself, a reader that started before is named, driver 1.6", async () => {
  const { world, movePin } = await pinnedToOne("1.6");
  const { bridge } = world.start();
  await movePin();
  await reconcile({ world, bridge });
  assert.equal(world.blue.secretValue("default", "app", "k"), "two");
  assert.equal(world.outcome("kv"), "waiting(start-unknown)");
  assert.deepEqual(world.about("kv"), ["Deployment/reader"]);
  world.blue.rolloutRestart("Deployment", "default", "reader");
  world.mark();
  await world.pass(900_000);
  await reconcile({ world, bridge });
  assert.equal(world.outcome("kv"), "converged");
  assertRuns(world, "two", "reader");
  assert.equal(world.steps("restart").length, 0);
  world.stop();
});
