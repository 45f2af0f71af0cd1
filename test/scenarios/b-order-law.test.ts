/** B5: cluster first, vault second, and the patch locked with what was read first: no older answer goes over a newer value. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { createMemoryHistory } from "../../shared/memory-history.ts";
import { providerClass } from "./manifests.ts";
import { oneApp } from "./one-app.ts";
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

test("vault-stale: what the bridge wrote speaks for a newer version after an edit of the class too", async () => {
  const { world, bridge } = await oneApp({ generation: "1.5" });
  world.set("mail", "old");
  // No pod shows the new version and no marker names it: a paused rollout is not restarted (and no old mount of 1.5 writes).
  world.blue.patch("Deployment", "default", "app", { spec: { paused: true } });
  world.set("db", "new");
  await world.until("it is written", () => world.blue.secretValue("default", "app", "k") === "new", 60_000, 50);
  await world.pass(5 * 60_000);
  const keys = { k: "db", post: "mail" };
  world.blue.apply(providerClass({ name: "kv", objects: ["db", "mail"], secrets: { app: keys } }));
  const seen = witness(world);
  world.vault.stale("contoso", "db", { until: world.clock.now() + 40_000 });
  world.mark();
  void bridge.reconcile();
  await world.untilOutcome("kv", "waiting(vault-stale)");
  await world.pass(60 * 60_000);
  assert.deepEqual(seen.values("app", "k"), ["new"]);
  world.stop();
});
