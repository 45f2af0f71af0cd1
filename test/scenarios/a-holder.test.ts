import assert from "node:assert/strict";
import { test } from "node:test";
import { providerClass } from "./manifests.ts";
import { driverRefreshesIn, holderClass, holderPattern } from "./set-ups.ts";
import { assertRuns, livePods, startsOf, witness } from "./truth.ts";
import type { Witness } from "./truth.ts";
import { World, bothGenerations } from "./world.ts";

/** What must be so when `db` has its second version everywhere. */
function assertRotated(world: World, seen: Witness, at: number): void {
  assert.equal(world.blue.secretValue("default", "database", "password"), "db-2");
  assert.equal(world.blue.secretValue("default", "theme", "color"), "color-1");
  assertRuns(world.blue, "holder", { files: { "/mnt/kv/db": "db-2" }, mounted: { db: "db-2", color: "color-1" } });
  assertRuns(world.blue, "shop", { pods: 2, env: { DB: "db-2" } });
  assertRuns(world.blue, "billing", { env: { password: "db-2" } });
  assertRuns(world.blue, "painter", { env: { COLOR: "color-1" } });
  const [first, ...others] = seen.order();
  assert.equal(first, "Deployment/holder", "the holder comes first");
  assert.deepEqual(
    [...others].sort(),
    ["Deployment/billing", "Deployment/shop"],
    "then the readers of this Secret, once",
  );
  for (const app of ["shop", "billing"]) {
    const late = startsOf(world.blue, app).filter((start) => start.at > at);
    assert.ok(
      late.every((start) => (start.env["DB"] ?? start.env["password"]) === "db-2"),
      `no pod of ${app} starts with the old value`,
    );
  }
  for (const name of ["database", "theme", "post"]) assert.equal(seen.lost(name), 0);
}

/** It converges, and nothing of it has changed an hour later. */
async function assertRotatesForGood(world: World, seen: Witness, at: number): Promise<void> {
  await world.untilOutcome("kv", "converged", "blue/default", 60_000);
  assertRotated(world, seen, at);
  await world.pass(60 * 60_000);
  assertRotated(world, seen, at);
}

for (const generation of bothGenerations) {
  test(`A4: a holder makes the Secrets, others read them by env, driver ${generation}`, async () => {
    const world = new World({ generation });
    const seen = witness(world);
    await holderPattern(world);
    world.start();
    await world.pass(60_000);
    const at = world.clock.now();
    world.set("db", "db-2");
    await assertRotatesForGood(world, seen, at);
    world.stop();
  });

  for (const ms of [500, 2500, 4000, 7000]) {
    test(`A4: the driver rotates too, ${ms} ms after the version, driver ${generation}`, async () => {
      const world = new World({ generation, rotation: "on" });
      const seen = witness(world);
      await holderPattern(world);
      world.start();
      await driverRefreshesIn(world, ms);
      const at = world.clock.now();
      world.set("db", "db-2");
      await assertRotatesForGood(world, seen, at);
      assert.deepEqual(seen.values("database", "password"), ["db-1", "db-2"]);
      world.stop();
    });
  }

  // The old holder pod's look falls anywhere into its own replacement: also after the new pod's mount, where driver
  // 1.6 writes the old value back and nobody but the bridge repairs it.
  for (const afterMs of [0, 300, 700, 1500, 2500]) {
    test(`A4: the old holder pod's 5-minute look falls ${afterMs} ms into the rollout, driver ${generation}`, async () => {
      const world = new World({ generation });
      const seen = witness(world);
      await holderPattern(world);
      world.start();
      await world.pass(60_000);
      const at = world.clock.now();
      const [old = ""] = livePods(world.blue, "holder");
      world.set("db", "db-2");
      await world.until("the holder's restart", () => seen.restarts("Deployment/holder").length === 1, 30_000);
      await world.pass(afterMs);
      assert.ok(livePods(world.blue, "holder").includes(old), "the old pod still lives");
      world.blue.tick("default", old);
      await world.pass(50);
      if (generation === "1.6")
        assert.equal(world.blue.secretValue("default", "database", "password"), "db-1", "the old value is back");
      await assertRotatesForGood(world, seen, at);
      world.stop();
    });
  }

  const changed = providerClass({
    ...holderClass,
    objects: [...holderClass.objects, "token"],
    secrets: { ...holderClass.secrets, theme: { color: "color", "mail-too": "mail" }, extra: { token: "token" } },
  });

  test(`A5: a class gains an object, a key and a Secret while pods run: its owner's rollout brings them, driver ${generation}`, async () => {
    const world = new World({ generation });
    const seen = witness(world);
    await holderPattern(world);
    world.set("token", "token-1");
    const { bridge } = world.start();
    world.blue.apply(changed);
    await world.clock.until(bridge.reconcile());
    assert.equal(world.outcome("kv"), "waiting(class-changed)");
    assert.deepEqual(world.about("kv"), ["contoso/secret/token", "Secret/extra"]);
    assert.deepEqual(seen.order(), [], "the bridge restarts nothing");
    world.blue.rolloutRestart("Deployment", "default", "holder");
    await world.pass(900_000);
    await world.clock.until(bridge.reconcile());
    assert.equal(world.blue.secretValue("default", "extra", "token"), "token-1");
    assert.equal(
      world.blue.secretValue("default", "theme", "mail-too"),
      "mail-1",
      "driver 1.5 never adds a key: the bridge does",
    );
    assert.equal(world.blue.secretValue("default", "theme", "color"), "color-1");
    assert.equal(world.outcome("kv"), "converged");
    await world.pass(2 * 60 * 60_000);
    assert.deepEqual(seen.order(), ["Deployment/holder"], "the owner's own rollout is the only one");
    for (const name of ["database", "theme", "post", "extra"])
      assert.equal(seen.lost(name), 0, `${name} is never lost`);
    world.stop();
  });

  test(`A5: objects that are mounted rotate meanwhile, and that restart mounts the new one too, driver ${generation}`, async () => {
    const world = new World({ generation });
    const seen = witness(world);
    await holderPattern(world);
    world.set("token", "token-1");
    world.start();
    world.blue.apply(changed);
    const at = world.clock.now();
    world.set("db", "db-2");
    await world.untilOutcome("kv", "converged", "blue/default", 60_000);
    assertRotated(world, seen, at);
    assertRuns(world.blue, "holder", { mounted: { token: "token-1" } });
    assert.equal(world.blue.secretValue("default", "extra", "token"), "token-1");
    assert.equal(world.blue.secretValue("default", "theme", "mail-too"), "mail-1");
    await world.pass(2 * 60 * 60_000);
    assertRotated(world, seen, at);
    world.stop();
  });

  test(`A5: with newObjects: restart the bridge restarts one mounter and goes on, driver ${generation}`, async () => {
    const world = new World({ generation, map: "policy: { newObjects: restart }" });
    const seen = witness(world);
    await holderPattern(world);
    world.set("token", "token-1");
    const { bridge } = world.start();
    world.blue.apply(changed);
    await world.clock.until(bridge.reconcile());
    await world.until("converged", () => world.outcome("kv") === "converged", 5 * 60_000);
    assert.equal(world.blue.secretValue("default", "extra", "token"), "token-1");
    assert.equal(world.blue.secretValue("default", "theme", "mail-too"), "mail-1");
    assertRuns(world.blue, "holder", { mounted: { token: "token-1", db: "db-1" } });
    await world.pass(2 * 60 * 60_000);
    assert.deepEqual(seen.order(), ["Deployment/holder"]);
    for (const name of ["database", "theme", "post", "extra"])
      assert.equal(seen.lost(name), 0, `${name} is never lost`);
    world.stop();
  });
}
