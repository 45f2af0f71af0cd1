/** B: many targets at once, and versions that come so close together that their dates cannot tell them apart. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { applyApp, assertRuns, oneApp, reconcile, unheard } from "./one-app.ts";
import { World } from "./world.ts";

test("B: the Secrets of 64 namespaces are written at once, however slowly their pods become ready", async () => {
  const world = new World({ generation: "1.5", timing: { readyAfterMs: 60_000 } });
  world.set("db", "old");
  await unheard(world, 60_000);
  const namespaces = Array.from({ length: 64 }, (_, index) => `team-${index}`);
  for (const namespace of namespaces) applyApp(world, { namespace });
  await unheard(world, 660_000);
  world.start();
  world.set("db", "new");
  const written = () => namespaces.filter((name) => world.blue.secretValue(name, "app", "k") === "new").length;
  await world.until("the first is written", () => written() > 0);
  await world.until("all are written", () => written() === 64, 5000);
  world.stop();
});

for (const generation of ["1.5", "1.6"] as const) {
  test(`B: of two versions of one second, a late event and a lagging replica bring back no first, driver ${generation}`, async () => {
    const app = await oneApp({ generation, eventDelayMs: undefined });
    const { world } = app;
    const createdOn = Math.floor(world.clock.now() / 1000) * 1000;
    const typo = world.set("db", "typo", { createdOn });
    const right = world.set("db", "right", { createdOn });
    world.queue.put(world.event("db", right));
    await world.untilOutcome("kv", "converged");
    assertRuns(world, "right");
    await world.pass(60_000);
    const steps = [world.steps("write"), world.steps("restart")];
    world.vault.stale("contoso", "db", { until: world.clock.now() + 30_000 });
    world.queue.put(world.event("db", typo));
    world.mark();
    await world.untilOutcome("kv", "waiting(vault-stale)");
    await world.pass(20_000);
    assert.equal(world.outcome("kv"), "waiting(vault-stale)");
    assertRuns(world, "right");
    await world.pass(20_000);
    await reconcile(app);
    await world.untilOutcome("kv", "converged");
    assertRuns(world, "right");
    assert.deepEqual([world.steps("write"), world.steps("restart")], steps);
    world.stop();
  });
}
