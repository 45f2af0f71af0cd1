/** Reasons that no other scenario is about: each is reached end to end, and ends as its sentence says. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { VaultAnswer } from "../../shared/core/vault-object.ts";
import { emptyMemory } from "../../shared/core/memory.ts";
import { providerClass, workload } from "./manifests.ts";
import {
  applyApp,
  assertRuns,
  assertUntouched,
  oneApp,
  passwords,
  reconcile,
  reconcileUntil,
  soFar,
  unheard,
} from "./one-app.ts";
import { World, bothGenerations } from "./world.ts";

const hour = 3_600_000;

/** All outcomes that were said of the class since the last mark, in order, each once in a row. */
function said(world: World, className: string = "kv"): readonly string[] {
  const all = world.log
    .filter((line) => line.event === "outcome" && line.fields["class"] === className)
    .map((line) => `${String(line.fields["outcome"])}(${String(line.fields["reason"])})`);
  return all.filter((text, index) => text !== all[index - 1]);
}

for (const generation of bothGenerations) {
  const on = `driver ${generation}`;

  test(`an ordinary rotation says settling, rollout-running, final-look, converged, ${on}`, async () => {
    const { world } = await oneApp({ generation });
    world.set("db", "new");
    await world.untilOutcome("kv", "converged");
    assert.deepEqual(said(world), [
      "waiting(settling)",
      "waiting(rollout-running)",
      "waiting(final-look)",
      "converged(undefined)",
    ]);
    world.stop();
  });

  test(`reloader: Stakater Reloader gets 15 seconds, ${on}`, async () => {
    const { world } = await oneApp(
      { generation, reloader: 12_000 },
      { annotations: { "reloader.stakater.com/auto": "true" } },
    );
    world.set("db", "new");
    await world.untilOutcome("kv", "waiting(reloader)");
    assert.deepEqual(world.about("kv"), ["Deployment/app"]);
    await world.untilOutcome("kv", "converged");
    assertRuns(world, "new");
    assert.deepEqual(world.steps("restart"), [], "Reloader did it");
    world.stop();
  });

  test(`start-unknown: Reloader restarted it for an edit by hand, before the Secret was made anew, ${on}`, async () => {
    const world = new World({ generation, reloader: true });
    world.set("db", "old");
    await unheard(world, 660_000);
    applyApp(world, { annotations: { "reloader.stakater.com/auto": "true" } });
    await unheard(world, 60_000);
    world.set("db", "new");
    await unheard(world, 60_000);
    // On 1.6 the new pod's own mount writes the version before it starts, on 1.5 nobody does.
    world.blue.patch("Secret", "default", "app", { data: { note: "aGk=" } });
    await unheard(world, 60_000);
    assert.deepEqual(passwords(world), [generation === "1.5" ? "old" : "new"]);
    world.blue.delete("Secret", "default", "app");
    const { bridge } = world.start();
    await reconcileUntil({ world, bridge }, "kv", generation === "1.5" ? "waiting(start-unknown)" : "converged");
    assert.equal(world.blue.secretValue("default", "app", "k"), "new");
    await world.pass(2 * hour);
    assert.deepEqual(said(world).includes("converged(undefined)"), generation === "1.6", said(world).join("\n"));
    assert.deepEqual(world.steps("restart"), []);
    world.stop();
  });

  test(`vault-stale: a vault that does not know the event's version yet is asked again, and nothing older is written, ${on}`, async () => {
    const { world } = await oneApp({ generation });
    const before = soFar(world);
    world.set("db", "new");
    world.vault.stale("contoso", "db", { until: world.clock.now() + 20_000 });
    await world.untilOutcome("kv", "waiting(vault-stale)");
    await world.pass(10_000);
    assertUntouched(world, before);
    await world.untilOutcome("kv", "converged");
    assertRuns(world, "new");
    world.stop();
  });

  test(`vault-stale: a replica that falls back behind a version that was carried puts nothing older in its place, ${on}`, async () => {
    const app = await oneApp({ generation });
    const { world } = app;
    world.set("db", "new");
    await world.untilOutcome("kv", "converged");
    await world.pass(hour);
    const before = soFar(world);
    world.vault.stale("contoso", "db", { until: world.clock.now() + 400_000 });
    world.mark();
    await reconcile(app);
    assertUntouched(world, before);
    assertRuns(world, "new");
    await world.pass(2 * hour);
    assertUntouched(world, before);
    world.stop();
  });

  const invalid = [
    { reason: "class-invalid", class: { name: "kv", objects: ["db"], parameters: { objects: "array: 7" } } },
    { reason: "unsupported", class: { name: "kv", objects: ["db"], parameters: { cloudName: "AzureStackCloud" } } },
    { reason: "secret-invalid", class: { name: "kv", objects: ["db"], secrets: { app: { k: "not-there" } } } },
  ] as const;
  for (const { reason, class: spec } of invalid) {
    test(`${reason}: a class that is edited so is refused, its pods are left alone, ${on}`, async () => {
      const app = await oneApp({ generation });
      const { world } = app;
      const before = soFar(world);
      world.blue.apply(providerClass(spec));
      world.set("db", "new");
      await reconcileUntil(app, "kv", `refused(${reason})`);
      assert.match(
        world.about("kv").join(),
        reason === "secret-invalid" ? /^Secret\/app,/ : /^SecretProviderClass\/kv,/,
      );
      await world.pass(hour);
      assertUntouched(world, before);
      applyApp(world);
      await reconcileUntil(app, "kv", "converged");
      assertRuns(world, "new");
      world.stop();
    });
  }

  test(`other-provider: a workload that also mounts a class of another provider is refused, unless the map waives it, ${on}`, async () => {
    const world = new World({ generation });
    world.set("db", "old");
    applyApp(world, { mounts: ["kv"] });
    await unheard(world, 660_000);
    world.blue.apply(providerClass({ name: "aws", objects: ["x"], provider: "aws" }));
    world.blue.apply(workload({ name: "app", mounts: ["kv", "aws"], env: { PASSWORD: ["app", "k"] } }));
    await unheard(world, 1000);
    const first = world.start();
    const before = soFar(world);
    world.set("db", "new");
    await world.untilOutcome("kv", "refused(other-provider)");
    assert.deepEqual(world.about("kv"), ["SecretProviderClass/aws"]);
    await world.pass(hour);
    assertUntouched(world, before);
    first.kill();
    const second = world.start({ map: "policy: { assumeMountable: [aws] }" });
    world.mark();
    await world.clock.until(second.bridge.reconcile());
    assert.notEqual(world.outcome("kv"), "refused(other-provider)");
    assert.equal(world.blue.secretValue("default", "app", "k"), "new");
    world.stop();
  });

  test(`reverted: somebody who keeps writing old bytes is not fought for ever, ${on}`, async () => {
    const { world } = await oneApp({ generation });
    world.blue.apply(workload({ name: "reader", env: { PASSWORD: ["app", "k"] } }));
    await world.pass(60_000);
    const fight = () => {
      if (world.blue.secretValue("default", "app", "k") === "new")
        world.blue.patch("Secret", "default", "app", { data: { k: Buffer.from("old").toString("base64") } }, "gitops");
      world.clock.after(700, fight);
    };
    world.clock.after(0, fight);
    world.set("db", "new");
    await world.untilOutcome("kv", "failed(reverted)");
    assert.match(world.about("kv").join(), /Secret\/app|Deployment\/app/);
    await world.pass(2 * hour);
    assert.equal(world.queue.size, 0, "a failure sends nothing more");
    assert.deepEqual(passwords(world, "reader"), ["old"], "no reader is started while the Secret flaps");
    assert.ok(world.steps("write").length < 40, `${world.steps("write").length} writes`);
    assert.ok(world.steps("restart").length <= 3);
    world.stop();
  });

  test(`mounts-stale: pods whose driver mounts an older version again and again are restarted three times at most, ${on}`, async () => {
    let old: VaultAnswer | undefined;
    let stale = false;
    const { world } = await oneApp({
      generation,
      driverReads: (read) => ({
        ...read,
        current: async (object, pin) => {
          old ??= await read.current(object, pin);
          return stale ? old : read.current(object, pin);
        },
      }),
    });
    stale = true;
    world.set("db", "new");
    await world.untilOutcome("kv", "failed(mounts-stale)");
    assert.deepEqual(world.about("kv"), ["Deployment/app"]);
    assert.equal(world.steps("restart").length, 3);
    await world.pass(2 * hour);
    assert.equal(world.steps("restart").length, 3);
    stale = false;
    world.set("db", "newer");
    await world.untilOutcome("kv", "converged");
    assertRuns(world, "newer");
    world.stop();
  });

  test(`unexpected: a defect is named without its text, tried again, and holds up nobody else, ${on}`, async () => {
    const world = new World({ generation });
    world.set("db", "old");
    applyApp(world);
    applyApp(world, { namespace: "shop" });
    await unheard(world, 660_000);
    world.start();
    world.before = (call) => {
      if (call.namespace === "default" && call.kind === "Pod") throw new TypeError("body: s3cret");
    };
    world.set("db", "new");
    await world.untilOutcome("*", "failed(unexpected)");
    await world.untilOutcome("kv", "converged", "blue/shop");
    assert.ok(!JSON.stringify(world.log).includes("s3cret"));
    world.before = () => undefined;
    await world.untilOutcome("kv", "converged", "blue/default", hour);
    assertRuns(world, "new");
    assert.deepEqual(world.queue.poison, []);
    world.stop();
  });

  test(`already-running: a message that meets a run makes it look once more and ends, ${on}`, async () => {
    const { world } = await oneApp({ generation });
    world.set("db", "new");
    await world.until("the run has begun", () => world.steps("write").length > 0);
    world.queue.put({
      kind: "target",
      v: 1,
      target: { cluster: "blue", namespace: "default" },
      chain: "c1",
      scope: "all",
      memory: emptyMemory,
    });
    await world.pass(1000);
    assert.ok(
      world.results.some(({ ignored }) =>
        ignored.some(({ reason, about }) => reason === "already-running" && about === "blue/default"),
      ),
    );
    await world.untilOutcome("kv", "converged");
    assertRuns(world, "new");
    assert.equal(world.steps("restart").length, 1);
    world.stop();
  });
}
