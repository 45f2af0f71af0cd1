import assert from "node:assert/strict";
import { test } from "node:test";
import { RemoteProblem } from "../../shared/core/remote-problem.ts";
import { providerClass, workload } from "./manifests.ts";
import { setBefore, walkthrough } from "./set-ups.ts";
import { assertRuns, startsOf, witness } from "./truth.ts";
import type { Witness } from "./truth.ts";
import { World, bothGenerations } from "./world.ts";

const hour = 60 * 60_000;
const secret = "syncedsecret";

function assertHealed(world: World, seen: Witness, restarts: number = 1): void {
  assertRuns(world.blue, "app", { env: { PASSWORD: "new" }, mounted: { Secret: "new" } });
  assert.equal(world.blue.secretValue("default", secret, "mysecret"), "new");
  assert.equal(seen.restarts("Deployment/app").length, restarts);
  assert.equal(world.outcome("kv"), "converged");
}

/** The touch of a pod status is not among the bridge's rights. */
function forbidTouch(world: World): void {
  world.before = (call) => {
    if (call.verb !== "patch" || call.kind !== "SecretProviderClassPodStatus") return;
    throw new RemoteProblem("forbidden", "Could not patch SecretProviderClassPodStatus: the API answered 403.", 403);
  };
}

/** The Secret is lost after the restart, shortly before the final look, and the bridge may not touch a pod status. */
async function loseUntouchable(world: World, seen: Witness): Promise<void> {
  await walkthrough(world);
  forbidTouch(world);
  world.start();
  await world.pass(60_000);
  world.set("Secret", "new");
  await world.until("the restart", () => seen.restarts("Deployment/app").length === 1, 60_000);
  await world.pass(6000);
  world.blue.delete("Secret", "default", secret);
}

for (const generation of bothGenerations) {
  // Our write goes with the Secret: lost in the rollout, nobody can tell what its pods got, and it costs one more.
  const moments = [
    ["before the new version", (world: World) => world.blue.delete("Secret", "default", secret), 0, 1],
    [
      "before the write",
      (world: World) => world.clock.after(500, () => world.blue.delete("Secret", "default", secret)),
      0,
      1,
    ],
    ["as the restart begins", undefined, 0, 2],
    ["in the middle of the restart", undefined, 1200, 1],
    ["after the restart, before the final look", undefined, 6000, 1],
  ] as const;
  for (const [when, atOnce, afterRestartMs, restarts] of moments) {
    test(`B10: the Secret is deleted ${when}: the driver makes it again, driver ${generation}`, async () => {
      const world = new World({ generation });
      const seen = witness(world);
      await walkthrough(world);
      world.start();
      await world.pass(60_000);
      atOnce?.(world);
      world.set("Secret", "new");
      if (atOnce === undefined) {
        await world.until("the restart", () => seen.restarts("Deployment/app").length === 1, 60_000);
        await world.pass(afterRestartMs);
        world.blue.delete("Secret", "default", secret);
      }
      await world.untilOutcome("kv", "converged", "blue/default", 3 * 60_000);
      assert.equal(seen.lost(secret), 1);
      assertHealed(world, seen, restarts);
      await world.pass(2 * hour);
      assertHealed(world, seen, restarts);
      world.stop();
    });
  }

  test(`B10: a rollout faster than the owner patcher loses the Secret to garbage collection: found and made again, driver ${generation}`, async () => {
    const losses: number[] = [];
    for (let phaseMs = 0; phaseMs < 5000; phaseMs += 500) {
      const world = new World({ generation, timing: { startDelayMs: 200, readyAfterMs: 300, stopDelayMs: 200 } });
      const seen = witness(world);
      await walkthrough(world, { app: { replicas: 2, spec: { revisionHistoryLimit: 0 } } });
      world.start();
      await world.pass(60_000 + phaseMs);
      world.set("Secret", "new");
      await world.untilOutcome("kv", "converged", "blue/default", 60_000);
      await world.pass(30_000);
      losses.push(seen.lost(secret));
      assertRuns(world.blue, "app", { pods: 2, env: { PASSWORD: "new" }, mounted: { Secret: "new" } });
      assert.equal(
        world.blue.secretValue("default", secret, "mysecret"),
        "new",
        `${phaseMs} ms into the patcher's period`,
      );
      assert.equal(seen.restarts("Deployment/app").length, 1);
      assert.equal(startsOf(world.blue, "app").length, 4);
      world.stop();
    }
    assert.ok(
      losses.some((count) => count > 0),
      "the race was lost at least once",
    );
  });

  test(`B10: no pod mounts the class: nothing is made, nobody is alarmed, driver ${generation}`, async () => {
    const world = new World({ generation });
    const seen = witness(world);
    setBefore(world, "Secret", "old");
    world.blue.apply(providerClass({ name: "kv", objects: ["Secret"], secrets: { [secret]: { mysecret: "Secret" } } }));
    world.blue.apply(workload({ name: "app", replicas: 0, mounts: ["kv"], env: { PASSWORD: [secret, "mysecret"] } }));
    world.start();
    await world.pass(60_000);
    world.set("Secret", "new");
    await world.untilOutcome("kv", "converged", "blue/default", 60_000);
    await world.pass(2 * hour);
    assert.equal(world.outcome("kv"), "converged");
    assert.equal(world.blue.secretValue("default", secret, "mysecret"), undefined, "never created by the bridge");
    assert.deepEqual(seen.order(), []);
    assert.deepEqual(
      world.log.filter((line) => line.level !== "info"),
      [],
    );
    world.blue.scale("Deployment", "default", "app", 1);
    await world.pass(60_000);
    assertRuns(world.blue, "app", { env: { PASSWORD: "new" }, mounted: { Secret: "new" } });
    world.stop();
  });

  test(`B10: touching is forbidden and the driver looks every 5 minutes: it comes back by itself, driver ${generation}`, async () => {
    const world = new World({ generation });
    const seen = witness(world);
    await loseUntouchable(world, seen);
    await world.pass(10_000);
    assert.equal(world.outcome("kv"), "waiting(secret-missing)");
    assert.deepEqual(world.about("kv"), [`Secret/${secret}`]);
    await world.untilOutcome("kv", "converged", "blue/default", 10 * 60_000);
    assertHealed(world, seen);
    world.stop();
  });

  test(`B10: touching is forbidden and the driver is dead: secret-lost after 6 minutes, driver ${generation}`, async () => {
    const world = new World({ generation, driverTiming: { tickMs: 100 * hour } });
    const seen = witness(world);
    await loseUntouchable(world, seen);
    const goneAt = world.clock.now();
    await world.untilOutcome("kv", "failed(secret-lost)", "blue/default", hour);
    const minutes = (world.clock.now() - goneAt) / 60_000;
    assert.ok(minutes >= 6 && minutes <= 8, `after ${minutes} minutes`);
    assert.deepEqual(world.about("kv"), [`Secret/${secret}`]);
    assert.equal(world.blue.secretValue("default", secret, "mysecret"), undefined, "never created by the bridge");
    assert.equal(seen.restarts("Deployment/app").length, 1);
    await world.pass(2 * hour);
    assert.equal(world.queue.size, 0, "the chain has ended");
    world.stop();
  });
}
