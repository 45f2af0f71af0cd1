import assert from "node:assert/strict";
import { test } from "node:test";
import { createMemoryHistory } from "../../shared/memory-history.ts";
import { workload } from "./manifests.ts";
import { walkthrough } from "./set-ups.ts";
import { assertRuns, startsOf, witness } from "./truth.ts";
import type { Witness } from "./truth.ts";
import { World, bothGenerations } from "./world.ts";
import type { Call } from "./remote-call.ts";

type Generation = (typeof bothGenerations)[number];

interface Crash {
  readonly side: "before" | "after";
  /** The how-manieth call of that side; 0 for the first. */
  readonly index: number;
  /** The table of chains survives, or there is none. */
  readonly table: boolean;
}

/** A1 and a reader that mounts nothing: both orders of restarts are there. */
async function setUp(generation: Generation): Promise<{ readonly world: World; readonly seen: Witness }> {
  const world = new World({ generation, queuePollMs: 5000 });
  const seen = witness(world);
  await walkthrough(world);
  world.blue.apply(workload({ name: "reader", env: { PASSWORD: ["syncedsecret", "mysecret"] } }));
  await world.pass(60_000);
  return { world, seen };
}

function untilDone(world: World): Promise<void> {
  const done = () => world.queue.size === 0 && world.outcome("kv") === "converged";
  return world.until("the queue is empty", done, 30 * 60_000, 5000);
}

/** Rotates once; at `crash` the instance dies and a fresh one, which knows nothing, takes the queue over. */
async function rotateWith(generation: Generation, crash: Crash | undefined) {
  const { world, seen } = await setUp(generation);
  const sides: Record<Crash["side"], Call[]> = { before: [], after: [] };
  const history = () => (crash?.table === true ? world.history : createMemoryHistory());
  const instance = world.start({}, history());
  await world.pass(30_000);
  const hook = (side: Crash["side"]) => (call: Call) => {
    sides[side].push(call);
    if (crash?.side !== side || sides[side].length !== crash.index + 1) return;
    instance.kill();
    world.start({}, history());
  };
  world.before = hook("before");
  world.after = hook("after");
  world.set("Secret", "new");
  await untilDone(world);
  return { world, seen, sides };
}

function assertRotatedOnce(world: World, seen: Witness, what: string): void {
  assertRuns(world.blue, "app", { env: { PASSWORD: "new" }, mounted: { Secret: "new" } });
  assertRuns(world.blue, "reader", { env: { PASSWORD: "new" } });
  assert.equal(world.blue.secretValue("default", "syncedsecret", "mysecret"), "new", what);
  for (const app of ["app", "reader"]) {
    assert.equal(seen.restarts(`Deployment/${app}`).length, 1, `${what}: ${app} is restarted once`);
    assert.equal(startsOf(world.blue, app).length, 2, what);
  }
  assert.equal(world.outcome("kv"), "converged", what);
}

for (const generation of bothGenerations) {
  test(`B4: the app dies at any remote call: another run finishes and repeats no restart, driver ${generation}`, async (context) => {
    const recorded = await rotateWith(generation, undefined);
    assertRotatedOnce(recorded.world, recorded.seen, "without a crash");
    const { before, after } = recorded.sides;
    assert.ok(before.length > 15, `${before.length} remote calls`);
    context.diagnostic(`${before.length} remote calls`);
    for (const kind of ["Secret", "Deployment"])
      assert.ok(after.some((call) => call.verb === "patch" && call.kind === kind));
    assert.ok(after.some((call) => call.target === "queue"));
    // A read that never gave its answer changed nothing: it is as if it had not been made.
    const changes = (call: Call) => call.verb === "patch" || call.verb === "send";
    const crashes: readonly Crash[] = [false, true].flatMap((table) => [
      ...before.flatMap((call, index) => (changes(call) || !table ? [{ side: "before", index, table } as const] : [])),
      ...after.flatMap((call, index) => (changes(call) ? [{ side: "after", index, table } as const] : [])),
    ]);
    for (const crash of crashes) {
      const { world, seen, sides } = await rotateWith(generation, crash);
      const call = sides[crash.side][crash.index];
      assertRotatedOnce(
        world,
        seen,
        `killed ${crash.side} call ${crash.index}, ${crash.table ? "" : "no "}table (${call?.verb} ${call?.kind} ${call?.name})`,
      );
      world.stop();
    }
  });
}

// On 1.6 a pod's own mount would have written the new bytes before it started.
test("B4: what a run saw of pods that started with old bytes outlives it, driver 1.5", async () => {
  const { world } = await setUp("1.5");
  const instance = world.start();
  await world.pass(30_000);
  let restarts = 0;
  let writesSince = 0;
  world.after = (call) => {
    if (call.verb !== "patch") return;
    if (call.kind === "Deployment") {
      restarts += 1;
      if (restarts > 1) return;
      const old = Buffer.from("old").toString("base64");
      world.blue.patch("Secret", "default", "syncedsecret", { data: { mysecret: old } }, "stranger");
    } else if (call.kind === "Secret" && restarts > 0) {
      writesSince += 1;
      if (writesSince > 1) return;
      // The Secret is right again, and with this instance dies what it has just seen.
      instance.kill();
      world.start();
    }
  };
  world.set("Secret", "new");
  await untilDone(world);
  // Its second start is the one that met the old bytes.
  assert.deepEqual(
    startsOf(world.blue, "app")
      .slice(1)
      .map(({ env }) => env["PASSWORD"]),
    ["old", "new"],
  );
  assertRuns(world.blue, "app", { env: { PASSWORD: "new" }, mounted: { Secret: "new" } });
  assertRuns(world.blue, "reader", { env: { PASSWORD: "new" } });
  world.stop();
});
