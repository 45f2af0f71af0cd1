/** B11: the new value makes pods crash; somebody undoes the restart; a good version comes. */

import assert from "node:assert/strict";
import { at, listAt, textAt } from "../../../local/cluster/json.ts";
import type { Scenario } from "./scenario.ts";
import type { Scene } from "./scene.ts";
import { oneApp, reader } from "./set-ups.ts";
import { assertRuns } from "./truth.ts";

const marker = "rotation-bridge/versions";

export const crashingValues: readonly Scenario[] = [
  {
    id: "B11",
    title: "a value that makes pods crash stops at the first wave; an undo is not fought; a good version converges",
    own: true,
    seconds: 100,
    run: async (scene) => {
      const { namespace, witness } = scene;
      // A pod without a readiness probe is Ready until it ends: on a busy machine for longer than a second.
      await oneApp(scene, { replicas: 2, spec: { progressDeadlineSeconds: 20, minReadySeconds: 3 } });
      await reader(scene);
      await scene.stage.exit({ namespace, env: { PASSWORD: "bad" }, exitCode: 1 });
      const before = await template(scene);

      await scene.rotate("db", "bad");
      await scene.untilOutcome("kv", "failed(rollout-stuck)");
      assert.ok(scene.about("kv").includes("Deployment/app"));
      assert.match(
        scene.about("kv").join(),
        /Pod\/app-\S+: (CrashLoopBackOff|Error)/,
        "as the kubelet says it just then",
      );
      assert.deepEqual(witness.order(), ["Deployment/app"], "nothing is restarted after the first wave");
      assert.equal(await serving(scene), 2, "old pods still serve");

      await rolloutUndo(scene, before);
      await scene.settled("Deployment/app");
      for (let times = 0; times < 3; times += 1) {
        scene.mark();
        await scene.app.timer();
        assert.equal(scene.outcome("kv"), "refused(rolled-back)");
        assert.equal(scene.about("kv")[0], "Deployment/app");
      }
      assert.deepEqual(witness.order(), ["Deployment/app", "Deployment/app"], "our restart and its undo");
      await assertRuns(scene, "app", { pods: 2, env: { PASSWORD: "old" } });
      await assertRuns(scene, "reader", { env: { PASSWORD: "old" } });

      await scene.rotate("db", "good");
      await scene.untilOutcome("kv", "converged");
      await assertRuns(scene, "app", {
        pods: 2,
        env: { PASSWORD: "good" },
        files: { "kv/db": "good" },
        versions: true,
      });
      await assertRuns(scene, "reader", { env: { PASSWORD: "good" } });
      assert.deepEqual(witness.order().slice(2), ["Deployment/app", "Deployment/reader"]);
      assert.equal((await scene.starts("reader")).length, 2);
    },
  },
];

function template(scene: Scene) {
  return scene.get("Deployment", "app").then((object) => at(object, "spec", "template") ?? null);
}

/** As kubectl does: a JSON patch that puts the older ReplicaSet's template in the place of the present one. */
async function rolloutUndo(scene: Scene, before: Awaited<ReturnType<typeof template>>): Promise<void> {
  const patch = [{ op: "replace", path: "/spec/template", value: before }];
  const path = `/apis/apps/v1/namespaces/${scene.namespace}/deployments/app`;
  await scene.rig.admin.must("PATCH", path, patch, "application/json-patch+json");
  assert.equal(textAt(await scene.get("Deployment", "app"), "spec", "template", "metadata", "annotations", marker), "");
}

/** Pods of the app that are Ready and started with the old value. */
async function serving(scene: Scene): Promise<number> {
  const old = new Set((await scene.live("app")).filter(({ env }) => env["PASSWORD"] === "old").map(({ pod }) => pod));
  const pods = await scene.list("Pod");
  return pods.filter(
    (pod) =>
      old.has(textAt(pod, "metadata", "name")) &&
      listAt(pod, "status", "conditions").some(
        (condition) => textAt(condition, "type") === "Ready" && textAt(condition, "status") === "True",
      ),
  ).length;
}
