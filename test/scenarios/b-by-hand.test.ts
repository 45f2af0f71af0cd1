/** A person says `rotate`: what waits for a word of theirs is restarted, once, and nothing else. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { StoredVersion } from "../../local/key-vault/stored-version.ts";
import { hintsOf, rotateMessages } from "../../shared/look-messages.ts";
import { providerClass, workload } from "./manifests.ts";
import {
  applyApp,
  assertRuns,
  assertUntouched,
  marker,
  passwords,
  reconcile,
  soFar,
  started,
  unheard,
} from "./one-app.ts";
import type { OneApp } from "./one-app.ts";
import { unknownStart } from "./start-unknown.ts";
import { World, bothGenerations } from "./world.ts";

const hour = 3_600_000;

/** Puts the messages of `rotation-bridge rotate --secret contoso/NAME` on the queue. Clocks of people may be ahead. */
function rotate(world: World, name: string = "db", aheadMs: number = 0): void {
  const begin = () => ({ now: world.clock.now() + aheadMs, id: world.clock.id() });
  world.mark();
  for (const message of rotateMessages(hintsOf("contoso", name), ["blue"], undefined, begin)) world.queue.put(message);
}

/** A bridge comes to what nothing proves, and its timer finds it. */
async function foundUnknown(generation: "1.5" | "1.6"): Promise<OneApp> {
  const world = new World({ generation, eventDelayMs: undefined });
  await unknownStart(world);
  const { bridge } = world.start();
  world.mark();
  // The timer's own chain looks after everything here by now, and waits for a person.
  await reconcile({ world, bridge });
  assert.equal(world.outcome("kv"), "waiting(start-unknown)");
  return { world, bridge };
}

for (const generation of bothGenerations) {
  const on = `driver ${generation}`;

  test(`start-unknown: the reader is restarted once, however often somebody asks, ${on}`, async () => {
    const { world, bridge } = await foundUnknown(generation);
    for (let times = 0; times < 3; times += 1) rotate(world);
    await world.untilOutcome("kv", "converged");
    assertRuns(world, "new", "reader");
    const after = soFar(world);
    rotate(world);
    await world.pass(hour);
    await reconcile({ world, bridge });
    assertUntouched(world, after);
    assert.equal(world.steps("restart").filter((step) => step === "restart Deployment/reader").length, 1);
    assert.equal(world.queue.size, 0, "nothing goes on for ever");
    world.stop();
  });

  test(`start-unknown: the wish outlives a crash between hand-over and restart, ${on}`, async () => {
    const { world } = await foundUnknown(generation);
    const victim = world.start();
    world.before = ({ verb, name }) => {
      if (verb === "patch" && name === "reader") {
        world.before = () => undefined;
        victim.kill();
        throw new Error("killed");
      }
    };
    rotate(world);
    await world.untilOutcome("kv", "converged", "blue/default", hour);
    assertRuns(world, "new", "reader");
    world.stop();
  });

  test(`a word for one object is none for another, whatever else is looked at with it, ${on}`, async () => {
    const { world } = await foundUnknown(generation);
    world.set("other", "value");
    world.blue.apply(providerClass({ name: "other", objects: ["other"], secrets: { other: { k: "other" } } }));
    world.blue.apply(workload({ name: "another", mounts: ["other"], env: { PASSWORD: ["other", "k"] } }));
    await world.pass(60_000);
    const before = [started(world, "app"), started(world, "reader")];
    rotate(world, "other");
    await world.untilOutcome("kv", "waiting(start-unknown)", "blue/default", hour);
    await world.pass(hour);
    assert.deepEqual([started(world, "app"), started(world, "reader")], before);
    rotate(world);
    await world.untilOutcome("kv", "converged", "blue/default", hour);
    assertRuns(world, "new", "reader");
    world.stop();
  });

  for (const aheadMs of [0, 3 * hour])
    test(`rolled-back: rotate starts anew, and an undo of that is not fought${aheadMs > 0 ? ", although the clock of who asks is ahead" : ""}, ${on}`, async () => {
      const world = new World({ generation });
      world.set("db", "old");
      applyApp(world, { replicas: 2, spec: { progressDeadlineSeconds: 600 } });
      await unheard(world, 660_000);
      const { bridge } = world.start();
      const working = world.blue.crashWhen((start) => start.env["PASSWORD"] === "new");
      world.set("db", "new");
      await world.until("the first new pod crashes", () => marker(world) !== undefined);
      await world.pass(20_000);
      world.blue.rolloutUndo("Deployment", "default", "app");
      await world.untilOutcome("kv", "refused(rolled-back)", "blue/default", 2 * hour);
      await reconcile({ world, bridge });
      assert.equal(world.outcome("kv"), "refused(rolled-back)");

      await world.pass(60_000);

      // They ask for it, it crashes again, and they undo it while that chain still watches.
      rotate(world, "db", aheadMs);
      await world.until("it is restarted again", () => marker(world) !== undefined);
      await world.pass(20_000);
      world.blue.rolloutUndo("Deployment", "default", "app");
      const starts = started(world, "app");
      await world.pass(hour);
      assert.equal(marker(world), undefined, "an undo is fought");
      assert.ok(started(world, "app") <= starts + 2);

      // The application is mended; the value was right.
      working();
      rotate(world);
      await world.untilOutcome("kv", "converged", "blue/default", hour);
      assertRuns(world, "new");
      await world.pass(hour);
      assert.equal(world.queue.size, 0);
      world.stop();
    });
}

for (const [generation, rotation] of [
  ["1.5", "on"],
  ["1.6", "off"],
] as const)
  test(`start-unknown: a key that is pinned beside the version that is followed takes one restart a word, ${generation}, rotation ${rotation}`, async () => {
    const world = new World({ generation, rotation });
    const pinnedTo = ({ version }: StoredVersion) => {
      const objects = [{ objectName: "db", objectVersion: version }];
      return providerClass({ name: "held", objects, secrets: { app: { k: "db" } } });
    };
    world.blue.apply(pinnedTo(world.set("db", "one")));
    world.blue.apply(providerClass({ name: "follow", objects: ["db"] }));
    world.blue.apply(workload({ name: "holder", mounts: ["held"] }));
    await unheard(world, 20_000);
    const slow = { minReadySeconds: 5 };
    world.blue.apply(workload({ name: "app", mounts: ["follow"], env: { PASSWORD: ["app", "k"] }, spec: slow }));
    await unheard(world, 660_000);
    const bridge = world.start();
    const [two] = [world.set("db", "two"), world.set("db", "three")];
    await world.untilOutcome("follow", "converged", "blue/default", hour);
    assert.deepEqual(passwords(world), ["one"]);
    bridge.kill();

    // Its owner moves the pin, and the driver has written the Secret when the bridge looks again.
    world.blue.apply(pinnedTo(two));
    world.blue.rolloutRestart("Deployment", "default", "holder");
    await unheard(world, 180_000);
    world.start();
    world.mark();
    rotate(world);
    await world.untilOutcome("held", "converged", "blue/default", hour);
    assert.deepEqual(passwords(world), ["two"]);
    await world.pass(hour);
    assert.deepEqual(world.steps("restart"), ["restart Deployment/app", "restart Deployment/app"]);
    assert.deepEqual(world.steps("write"), []);
    world.stop();
  });
