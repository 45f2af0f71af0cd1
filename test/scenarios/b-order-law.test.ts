/** B5: cluster first, vault second, and the patch locked with what was read first: no older answer goes over a newer value. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { createMemoryHistory } from "../../shared/memory-history.ts";
import { walkthrough } from "./set-ups.ts";
import { assertRuns, witness } from "./truth.ts";
import { World, bothGenerations } from "./world.ts";

for (const generation of bothGenerations) {
  test(`B5: an instance that freezes once the vault has answered it lets no older value pass, driver ${generation}`, async () => {
    const world = new World({ generation, eventDelayMs: undefined });
    const seen = witness(world);
    await walkthrough(world);
    const [slow, other] = [world.start({}, createMemoryHistory()), world.start({}, createMemoryHistory())];
    void slow.bridge.onMessage(world.event("Secret", world.set("Secret", "new")));
    await world.pass(1500);
    // It has settled: whatever it asks the cluster after this answer of the vault, it asks much later.
    let answered = false;
    let frozen = false;
    let wake = (): void => undefined;
    world.before = async (call) => {
      if (frozen) return;
      if (call.target === "vault") answered = true;
      if (call.target !== "cluster" || !answered) return;
      frozen = true;
      await new Promise<undefined>((resolve) => {
        wake = () => {
          resolve(undefined);
        };
      });
    };
    await world.until("it has frozen", () => frozen, 5000, 50);
    void other.bridge.onMessage(world.event("Secret", world.set("Secret", "newest")));
    const value = () => world.blue.secretValue("default", "syncedsecret", "mysecret");
    await world.until("the other one has written", () => value() === "newest", 10_000, 50);
    wake();
    await world.pass(60 * 60_000);
    assert.deepEqual(seen.values("syncedsecret", "mysecret"), ["old", "newest"]);
    assertRuns(world.blue, "app", { env: { PASSWORD: "newest" }, mounted: { Secret: "newest" } });
    assert.equal(world.outcome("kv"), "converged");
    world.stop();
  });

  test(`B5: what another instance wrote a moment ago is given its second before the restart, driver ${generation}`, async () => {
    const world = new World({ generation, eventDelayMs: undefined });
    const seen = witness(world);
    await walkthrough(world);
    const [dying, other] = [world.start({}, createMemoryHistory()), world.start({}, createMemoryHistory())];
    const event = world.event("Secret", world.set("Secret", "new"));
    let wroteAt = 0;
    world.after = ({ verb, kind }) => {
      if (wroteAt > 0 || verb !== "patch" || kind !== "Secret") return;
      wroteAt = world.clock.now();
      dying.kill();
      void other.bridge.onMessage(event);
    };
    void dying.bridge.onMessage(event);
    await world.until("the other one has restarted", () => seen.restarts("Deployment/app").length > 0, 30_000, 50);
    const [restartedAt = 0] = seen.restarts("Deployment/app");
    assert.ok(restartedAt - wroteAt >= 1000, `restarted ${restartedAt - wroteAt} ms after the write`);
    await world.untilOutcome("kv", "converged");
    assertRuns(world.blue, "app", { env: { PASSWORD: "new" }, mounted: { Secret: "new" } });
    world.stop();
  });

  test(`vault-stale: a replica that falls back behind a version which this instance has read brings nothing older, driver ${generation}`, async () => {
    const world = new World({ generation });
    const seen = witness(world);
    await walkthrough(world);
    const { bridge } = world.start();
    world.set("Secret", "new");
    await world.untilOutcome("kv", "converged");
    world.vault.stale("contoso", "Secret", { until: world.clock.now() + 40_000 });
    world.mark();
    void bridge.reconcile();
    await world.untilOutcome("kv", "waiting(vault-stale)");
    await world.untilOutcome("kv", "converged");
    assert.deepEqual(seen.values("syncedsecret", "mysecret"), ["old", "new"]);
    assert.equal(seen.restarts("Deployment/app").length, 1);
    assertRuns(world.blue, "app", { env: { PASSWORD: "new" }, mounted: { Secret: "new" } });
    world.stop();
  });
}
