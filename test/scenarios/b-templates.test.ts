/** B12: somebody edits a template and its pods stay as they are: what counts is what the pods run, not the template. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { providerClass, workload } from "./manifests.ts";
import type { WorkloadSpec } from "./manifests.ts";
import { oneApp, passwords, pods, unheard } from "./one-app.ts";
import { bothGenerations } from "./world.ts";

interface Staying {
  readonly why: string;
  readonly shape: Partial<WorkloadSpec>;
  /** What the owner sets in the workload's spec once its pods run. */
  readonly hold?: Readonly<Record<string, boolean>>;
}

const staying: readonly Staying[] = [
  { why: "the Deployment is paused", shape: {}, hold: { paused: true } },
  { why: "the DaemonSet is OnDelete", shape: { kind: "DaemonSet", spec: { updateStrategy: { type: "OnDelete" } } } },
  {
    why: "a partition holds the StatefulSet",
    shape: {
      kind: "StatefulSet",
      spec: { updateStrategy: { type: "RollingUpdate", rollingUpdate: { partition: 1 } } },
    },
  },
];

const edits: readonly { readonly what: string; readonly template: Partial<WorkloadSpec> }[] = [
  { what: "drops the class", template: {} },
  { what: "mounts another class", template: { mounts: ["other"] } },
];

for (const generation of bothGenerations) {
  for (const { why, shape, hold } of staying) {
    for (const { what, template } of edits) {
      test(`B12: pods whose template ${what} are named while ${why}, driver ${generation}`, async () => {
        const { world } = await oneApp({ generation }, shape);
        const before = pods(world);
        assert.ok(before.length > 0);
        world.vault.setSecret("contoso", "color", "blue");
        world.blue.apply(providerClass({ name: "other", objects: ["color"] }));
        const spec = { ...shape.spec, ...hold };
        if (hold !== undefined) world.blue.patch("Deployment", "default", "app", { spec: hold });
        world.blue.apply(workload({ name: "app", ...shape, ...template, spec }));
        await unheard(world, 700_000);
        assert.deepEqual(pods(world), before, "the pods stay");
        world.set("db", "new");
        await world.untilOutcome("kv", "waiting(old-mount)");
        await world.pass(240_000);
        assert.equal(world.outcome("kv"), "waiting(old-mount)");
        for (const pod of before) {
          assert.ok(world.about("kv").includes(`Pod/${pod}`), world.about("kv").join());
          assert.deepEqual(world.blue.mountedFiles("default", pod), { db: "old" });
        }
        assert.deepEqual(new Set(passwords(world)), new Set(["old"]));
        assert.deepEqual(world.steps("restart"), []);
        // Its owner lets go of it: nothing of the old version is left.
        world.blue.delete(shape.kind ?? "Deployment", "default", "app");
        await world.untilOutcome("kv", "converged", "blue/default", 2 * 3_600_000);
        assert.deepEqual(passwords(world), []);
        world.stop();
      });
    }
  }

  test(`B12: a paused reader whose template reads the Secret no more is named, driver ${generation}`, async () => {
    const { world } = await oneApp({ generation });
    world.blue.apply(workload({ name: "reader", env: { PASSWORD: ["app", "k"] } }));
    await unheard(world, 660_000);
    const [pod = ""] = pods(world, "reader");
    world.blue.apply(workload({ name: "reader", spec: { paused: true } }));
    await unheard(world, 60_000);
    world.set("db", "new");
    await world.untilOutcome("kv", "waiting(unmanaged-pod)");
    assert.deepEqual(world.about("kv"), [`Pod/${pod}`]);
    assert.deepEqual([passwords(world), passwords(world, "reader")], [["new"], ["old"]]);
    world.blue.patch("Deployment", "default", "reader", { spec: { paused: false } });
    await world.untilOutcome("kv", "converged", "blue/default", 2 * 3_600_000);
    assert.deepEqual(passwords(world, "reader"), [undefined]);
    world.stop();
  });
}
