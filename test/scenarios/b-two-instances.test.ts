import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { createMemoryHistory } from "../../shared/memory-history.ts";
import { workload } from "./manifests.ts";
import { walkthrough } from "./set-ups.ts";
import { assertRuns, startsOf, witness } from "./truth.ts";
import { World, bothGenerations } from "./world.ts";

for (const generation of bothGenerations) {
  for (const table of [true, false]) {
    test(`B5: two instances converge one target ${table ? "with" : "without"} a shared table: no lost update, no extra restart, driver ${generation}`, async () => {
      const latencies = fc.array(fc.integer({ min: 0, max: 900 }), { minLength: 20, maxLength: 20 });
      await fc.assert(
        fc.asyncProperty(
          latencies,
          fc.integer({ min: 0, max: 8000 }),
          fc.integer({ min: 0, max: 12_000 }),
          async (waits, laterMs, nextMs) => {
            const world = new World({ generation, eventDelayMs: undefined, queuePollMs: 5000 });
            const seen = witness(world);
            await walkthrough(world, { app: { replicas: 2 } });
            world.blue.apply(workload({ name: "reader", env: { PASSWORD: ["syncedsecret", "mysecret"] } }));
            await world.pass(60_000);
            const [one, other] = [
              world.start({}, table ? world.history : createMemoryHistory()),
              world.start({}, table ? world.history : createMemoryHistory()),
            ];
            let calls = 0;
            world.before = () => {
              calls += 1;
              return world.clock.sleep(waits[calls % waits.length] ?? 0);
            };
            const first = world.event("Secret", world.set("Secret", "new"));
            void one.bridge.onMessage(first);
            world.clock.after(laterMs, () => void other.bridge.onMessage(first));
            await world.pass(nextMs);
            const second = world.event("Secret", world.set("Secret", "newest"));
            void other.bridge.onMessage(second);
            world.clock.after(laterMs, () => void one.bridge.onMessage(second));
            await world.until("both have ended", () => world.queue.size === 0, 60 * 60_000, 5000);
            await world.pass(10 * 60_000);
            assertRuns(world.blue, "app", { pods: 2, env: { PASSWORD: "newest" }, mounted: { Secret: "newest" } });
            assertRuns(world.blue, "reader", { env: { PASSWORD: "newest" } });
            assert.equal(world.blue.secretValue("default", "syncedsecret", "mysecret"), "newest");
            assert.deepEqual(seen.values("syncedsecret", "mysecret").at(-1), "newest");
            for (const app of ["app", "reader"]) {
              const restarts = seen.restarts(`Deployment/${app}`).length;
              assert.ok(restarts >= 1 && restarts <= 2, `${app}: ${restarts} restarts for two versions`);
            }
            assert.equal(world.outcome("kv"), "converged");
            world.stop();
          },
        ),
        { numRuns: 12, seed: 11, endOnFailure: true },
      );
    });
  }

  test(`B5: both instances get the same event at the same moment: one restart, driver ${generation}`, async () => {
    const world = new World({ generation, eventDelayMs: undefined });
    const seen = witness(world);
    await walkthrough(world);
    const instances = [world.start({}, createMemoryHistory()), world.start({}, createMemoryHistory())];
    const event = world.event("Secret", world.set("Secret", "new"));
    for (const { bridge } of instances) void bridge.onMessage(event);
    await world.pass(60 * 60_000);
    assertRuns(world.blue, "app", { env: { PASSWORD: "new" }, mounted: { Secret: "new" } });
    assert.deepEqual(seen.values("syncedsecret", "mysecret"), ["old", "new"]);
    assert.equal(seen.restarts("Deployment/app").length, 1);
    assert.equal(startsOf(world.blue, "app").length, 2);
    assert.equal(world.queue.size, 0);
    world.stop();
  });

  test(`B5: a restart by the other instance between two lists is not taken for one that was undone, driver ${generation}`, async () => {
    const world = new World({ generation, eventDelayMs: undefined });
    const seen = witness(world);
    await walkthrough(world);
    const instances = [world.start({}, createMemoryHistory()), world.start({}, createMemoryHistory())];
    let frozen = false;
    world.before = async (call) => {
      if (frozen || call.kind !== "ReplicaSet") return;
      frozen = true;
      await world.clock.sleep(2500);
    };
    const event = world.event("Secret", world.set("Secret", "new"));
    for (const { bridge } of instances) void bridge.onMessage(event);
    await world.pass(10 * 60_000);
    assert.ok(frozen);
    assert.equal(seen.restarts("Deployment/app").length, 1);
    assertRuns(world.blue, "app", { env: { PASSWORD: "new" }, mounted: { Secret: "new" } });
    const said = world.log.filter((line) => line.event === "outcome").map((line) => String(line.fields["outcome"]));
    assert.deepEqual(
      said.filter((outcome) => outcome === "refused"),
      [],
      world.timeline(),
    );
    assert.ok(said.filter((outcome) => outcome === "converged").length >= 2, "each has proven it");
    world.stop();
  });

  for (const kind of ["Secret", "Deployment"]) {
    test(`B5: an instance that freezes before it patches a ${kind} wakes up to a newer version and undoes nothing, driver ${generation}`, async () => {
      const world = new World({ generation, eventDelayMs: undefined });
      const seen = witness(world);
      await walkthrough(world);
      const instances = [world.start({}, createMemoryHistory()), world.start({}, createMemoryHistory())];
      let frozen = false;
      world.before = async (call) => {
        if (frozen || call.verb !== "patch" || call.kind !== kind) return;
        frozen = true;
        await world.clock.sleep(60_000);
      };
      const tell = (value: string) => {
        const event = world.event("Secret", world.set("Secret", value));
        for (const { bridge } of instances) void bridge.onMessage(event);
      };
      tell("new");
      await world.pass(kind === "Secret" ? 3000 : 10_000);
      assert.ok(frozen);
      tell("newest");
      await world.pass(40_000);
      assertRuns(world.blue, "app", { env: { PASSWORD: "newest" } });
      await world.pass(60 * 60_000);
      assertRuns(world.blue, "app", { env: { PASSWORD: "newest" }, mounted: { Secret: "newest" } });
      assert.deepEqual(seen.values("syncedsecret", "mysecret"), ["old", "new", "newest"], "no value comes back");
      assert.ok(seen.restarts("Deployment/app").length <= 2, "one restart a version");
      assert.equal(world.outcome("kv"), "converged");
      world.stop();
    });
  }
}
