/** B9: pods that the bridge cannot replace keep the old version mounted; driver 1.6 writes it back at its looks at them. */

import assert from "node:assert/strict";
import { textAt } from "../../../local/cluster/json.ts";
import { barePod, job, workload } from "../../scenarios/manifests.ts";
import type { Scenario } from "./scenario.ts";
import type { Scene } from "./scene.ts";
import { oneApp, reader } from "./set-ups.ts";
import { assertRuns } from "./truth.ts";

const old = { env: { PASSWORD: "old" } } as const;
const current = { env: { PASSWORD: "new" } } as const;
const optedOut = { "rotation-bridge/ignore": "true" };
/** The driver looks at each mount this long after it was made. */
const tickMs = 300_000;

export const oldMounts: readonly Scenario[] = [
  {
    id: "B9",
    title: "an opted-out Deployment and a bare pod hold the old mount",
    own: true,
    in: ({ rotation }) => rotation === "off",
    seconds: 60,
    run: async (scene) => {
      const { namespace } = scene;
      await withSides(scene, [
        workload({ name: "side", namespace, mounts: ["kv"], annotations: optedOut }),
        barePod({ name: "bare", namespace, mounts: ["kv"] }),
      ]);
      const [side = ""] = await scene.pods("side");
      await scene.rotate("db", "new");
      await scene.untilOutcome("kv", "waiting(old-mount)");
      assert.deepEqual(scene.about("kv").toSorted(), ["Deployment/side", "Pod/bare", `Pod/${side}`]);
      await assertRuns(scene, "app", { ...current, files: { "kv/db": "new" }, versions: true });

      const values = ["old", "new"];
      for (const pod of [side, "bare"]) {
        await scene.tick(pod);
        if (scene.generation === "1.5") continue;
        await scene.until(`the old value, back by ${pod}`, () => latest(scene) === "old");
        await assertRuns(scene, "reader", old);
        await looksUntil(scene, "patched again", () => latest(scene) === "new");
        values.push("old", "new");
      }
      await scene.pass(3000);
      assert.deepEqual(scene.witness.values("app", "k"), values);
      // Nothing can come back on 1.5, so readers go on; on 1.6 they must not start while it can.
      await assertRuns(scene, "reader", scene.generation === "1.5" ? current : old);
      assert.equal(scene.outcome("kv"), "waiting(old-mount)");

      await scene.delete("Pod", "bare");
      await looksUntil(scene, "only the other", () => scene.about("kv").join() === `Deployment/side,Pod/${side}`);
      await restartByOwner(scene);
      await looksUntil(scene, "converged", () => scene.outcome("kv") === "converged");
      await assertEnd(scene);
      await assertRuns(scene, "side", { files: { "kv/db": "new" }, versions: true });
    },
  },
  {
    id: "B9",
    title: "a Job holds the old mount until it ends; the driver's look at its pod brings nothing back",
    own: true,
    in: ({ rotation }) => rotation === "off",
    seconds: 50,
    run: async (scene) => {
      const { namespace } = scene;
      await scene.stage.exit({ namespace, podPrefix: "batch", exitCode: 0, after: 30_000 });
      await withSides(scene, [job({ name: "batch", namespace, mounts: ["kv"] })]);
      const [batch = ""] = await scene.pods("batch");
      await scene.rotate("db", "new");
      await scene.untilOutcome("kv", "waiting(old-mount)");
      assert.deepEqual(scene.about("kv"), [`Pod/${batch} of Job/batch`]);
      await assertRuns(scene, "reader", scene.generation === "1.5" ? current : old);
      await scene.until(
        "its end",
        async () => textAt(await scene.get("Pod", batch), "status", "phase") === "Succeeded",
      );
      await looksUntil(scene, "converged", () => scene.outcome("kv") === "converged");
      await scene.tick(batch);
      await scene.pass(5000);
      assert.deepEqual(scene.witness.values("app", "k"), ["old", "new"]);
      await assertEnd(scene);
    },
  },
  {
    id: "B9",
    title: "the driver's own look after five minutes: 1.6 writes the old value back and the bridge repairs it",
    in: ({ rotation }) => rotation === "off",
    seconds: 350,
    run: async (scene) => {
      const { namespace } = scene;
      await withSides(scene, [workload({ name: "side", namespace, mounts: ["kv"], annotations: optedOut })]);
      const [side] = await scene.live("side");
      assert.ok(side);
      const untilTick = () => side.envReadAt + tickMs - Date.now();
      // The driver looks while the bridge waits a minute for the old mount to go.
      await scene.pass(untilTick() - 55_000);
      const version = await scene.rotate("db", "new");
      await scene.untilOutcome("kv", "waiting(old-mount)");
      assert.ok(untilTick() > 5000, "the driver has not looked yet");
      assert.deepEqual(scene.witness.values("app", "k"), ["old", "new"]);
      if (scene.generation === "1.6") {
        await scene.until("the old value, back", () => latest(scene) === "old");
        await assertRuns(scene, "reader", old);
        // By the bridge's own next look: nobody calls for it.
        await scene.until("patched again", () => latest(scene) === "new", 150_000);
        await assertRuns(scene, "reader", old);
      } else {
        await scene.pass(untilTick() + 15_000);
        await assertRuns(scene, "reader", current);
      }
      assert.deepEqual(
        scene.witness.values("app", "k"),
        scene.generation === "1.6" ? ["old", "new", "old", "new"] : ["old", "new"],
      );
      await restartByOwner(scene);
      await scene.announce("db", version);
      await scene.untilOutcome("kv", "converged");
      await assertEnd(scene);
    },
  },
];

/** The app, a reader of its Secret, and pods that mount the class and that the bridge must leave alone; all run. */
async function withSides(scene: Scene, sides: readonly object[]): Promise<void> {
  await oneApp(scene);
  for (const side of sides) await scene.apply(side);
  await scene.until(
    "all sides",
    async () => (await scene.rig.starts()).filter(isOf(scene)).length === 1 + sides.length,
  );
  await reader(scene);
}

function isOf({ namespace }: Scene): (start: { readonly namespace: string }) => boolean {
  return (start) => start.namespace === namespace;
}

function latest(scene: Scene): string | undefined {
  return scene.witness.values("app", "k").at(-1);
}

/** The timer's looks instead of the chain's, which come ever later. */
async function looksUntil(scene: Scene, what: string, holds: () => boolean): Promise<void> {
  await scene.until(what, async () => {
    if (holds()) return true;
    await scene.app.timer();
    await scene.pass(500);
    return holds();
  });
}

/** As `kubectl rollout restart`. */
async function restartByOwner(scene: Scene): Promise<void> {
  const annotations = { "kubectl.kubernetes.io/restartedAt": new Date().toISOString() };
  await scene.patch("Deployment", "side", { spec: { template: { metadata: { annotations } } } });
  await scene.settled("Deployment/side");
}

async function assertEnd(scene: Scene): Promise<void> {
  assert.equal(latest(scene), "new");
  await assertRuns(scene, "app", { ...current, files: { "kv/db": "new" }, versions: true });
  await assertRuns(scene, "reader", current);
  for (const name of ["app", "reader"]) {
    assert.equal(scene.witness.restarts(`Deployment/${name}`).length, 1, `${name} is restarted once`);
    assert.equal((await scene.starts(name)).length, 2);
  }
}
