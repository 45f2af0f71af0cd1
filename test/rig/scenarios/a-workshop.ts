/** A9, A10: the workshop's namespace, whose Deployment asks Stakater Reloader for its restarts; once, and ten times. */

import assert from "node:assert/strict";
import { listAt, textAt } from "../../../local/cluster/json.ts";
import { fieldManager } from "../../../shared/core/marker.ts";
import type { WorkloadSpec } from "../../scenarios/manifests.ts";
import { startReloaderLike } from "../reloader-like.ts";
import type { Scenario } from "./scenario.ts";
import type { Scene } from "./scene.ts";
import { nextSecond } from "./set-ups.ts";
import { assertRuns } from "./truth.ts";

const className = "azure-keyvault-secrets";
const app = "podinfo-csi";
const orange = { env: { PODINFO_UI_COLOR: "orange", DB: "Server=db" }, versions: true } as const;

function fillVault(scene: Scene): void {
  scene.old("db-connection-string", "Server=db");
  scene.old("color", "blue");
}

async function workshop(
  scene: Scene,
  namespace: string,
  clientID: string,
  shape: Partial<WorkloadSpec> = {},
): Promise<void> {
  await scene.class({
    name: className,
    namespace,
    objects: ["db-connection-string", "color"],
    secrets: { "keyvault-secrets": { "db-connection-string": "db-connection-string", color: "color" } },
    parameters: { clientID },
  });
  await scene.workload({
    name: app,
    namespace,
    mounts: [className],
    env: { PODINFO_UI_COLOR: ["keyvault-secrets", "color"], DB: ["keyvault-secrets", "db-connection-string"] },
    annotations: { "reloader.stakater.com/auto": "true" },
    ...shape,
  });
}

/**
 * `color` becomes orange; the Deployment is restarted once in all, by the bridge or by Reloader. Only where Reloader's pod
 * starts within the very second of the bridge's write, which Kubernetes' times cannot tell from one before it, the bridge
 * restarts it once more (docs/decisions/0025).
 */
async function paint(scene: Scene, by: "bridge" | "reloader"): Promise<void> {
  await scene.settled(`Deployment/${app}`);
  await nextSecond(scene);
  await scene.rotate("color", "orange");
  await scene.untilOutcome(className, "converged");
  // Whoever restarts it later than the other would do so now.
  await scene.pass(5000);
  await assertRuns(scene, app, orange);
  const starts = await scene.starts(app);
  const wroteAt = await bridgeWroteAt(scene);
  const inItsSecond = by === "reloader" && wholeSecond(starts[1]?.startedAt ?? Number.NaN) <= wroteAt;
  const restarts = inItsSecond ? 2 : 1;
  if (inItsSecond) scene.note("Reloader's pod started within the second of the write: restarted once more");
  assert.equal(scene.witness.restarts(`Deployment/${app}`).length, restarts, "restarts in all");
  assert.equal(starts.length, restarts + 1, "the first start, and one for each restart");
  assert.equal(scene.steps("restart").length, by === "bridge" ? 1 : restarts - 1, "restarts by the bridge");
  assert.deepEqual(scene.witness.values("keyvault-secrets", "color"), ["blue", "orange"]);
  assert.deepEqual(scene.witness.values("keyvault-secrets", "db-connection-string"), ["Server=db"]);
}

/** When the bridge wrote the Secret, as the cluster tells it. */
async function bridgeWroteAt(scene: Scene): Promise<number> {
  const entries = listAt(await scene.get("Secret", "keyvault-secrets"), "metadata", "managedFields");
  const own = entries.find((entry) => textAt(entry, "manager") === fieldManager);
  return Date.parse(textAt(own, "time"));
}

/** Kubernetes' times are whole seconds. */
const wholeSecond = (at: number) => Math.floor(at / 1000) * 1000;

const clientOf = (index: number) => `22222222-2222-2222-2222-22222222222${index}`;

export const workshops: readonly Scenario[] = [
  {
    id: "A9",
    title: "the workshop without Reloader: the bridge restarts once",
    namespace: "secret-lab",
    seconds: 50,
    run: async (scene) => {
      fillVault(scene);
      await workshop(scene, scene.namespace, clientOf(0));
      await paint(scene, "bridge");
    },
  },
  {
    id: "A9",
    title: "the workshop with Reloader: it restarts once and the bridge proves it",
    seconds: 40,
    run: async (scene) => {
      const reloader = await startReloaderLike(scene.rig, scene.namespace);
      try {
        fillVault(scene);
        await workshop(scene, scene.namespace, clientOf(0));
        await paint(scene, "reloader");
        reloader.check();
      } finally {
        await reloader.close();
      }
    },
  },
  {
    id: "A10",
    title: "ten namespaces of one vault: one whose pods crash does not hold up the other nine",
    seconds: 80,
    run: async (scene) => {
      fillVault(scene);
      const suffixes = Array.from({ length: 9 }, (_, index) => String(index + 1));
      const labs = [scene.namespace, ...(await Promise.all(suffixes.map((suffix) => scene.space(suffix))))];
      // Nobody is asked to restart them: A9 has that, and its quarter of a minute of patience.
      // Without a readiness probe a pod that ends at once would be Ready for a moment, and replace the old one.
      const spec = { progressDeadlineSeconds: 60, minReadySeconds: 3 };
      await Promise.all(labs.map((lab, index) => workshop(scene, lab, clientOf(index), { spec, annotations: {} })));
      await Promise.all(labs.map((lab) => scene.settled(`Deployment/${app}`, lab)));
      await nextSecond(scene);
      const [crashing = "", ...others] = labs.toReversed();
      await scene.stage.exit({ namespace: crashing, env: { PODINFO_UI_COLOR: "orange" }, exitCode: 1 });
      await scene.rotate("color", "orange");
      const converged = (lab: string) => scene.outcome(className, lab) === "converged";
      await scene.until("the other nine", () => others.every(converged));
      const meanwhile = scene.outcome(className, crashing) ?? "";
      assert.match(meanwhile, /^(waiting.*)?$/, "they did not wait for the one that fails");
      for (const lab of others) {
        await assertRuns(scene, app, orange, lab);
        assert.equal((await scene.starts(app, lab)).length, 2, `${lab}: the first start and one restart`);
      }
      await scene.untilOutcome(className, "failed(rollout-stuck)", 180_000, crashing);
      assert.match(scene.about(className, crashing).join(), /CrashLoopBackOff|Error/, "it names the pods' own reason");
      const serving = (await scene.live(app, crashing)).filter(({ env }) => env["PODINFO_UI_COLOR"] === "blue");
      assert.equal(serving.length, 1, "its old pod still serves");
      assert.equal(scene.steps("restart").length, labs.length, "one restart each");
    },
  },
];
