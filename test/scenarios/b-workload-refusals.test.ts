/** B12: the cluster does not let a restart through, or not its pods. Each is named, and none loops. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { ApiError } from "../../local/cluster/api-error.ts";
import { objectAt } from "../../local/cluster/json.ts";
import { assertRuns, oneApp, passwords, reconcileUntil } from "./one-app.ts";
import { bothGenerations } from "./world.ts";

const hour = 3_600_000;

for (const generation of bothGenerations) {
  const on = `driver ${generation}`;

  test(`B12: a quota that refuses new pods is named, and the rollout is proven once there is room, ${on}`, async () => {
    const app = await oneApp({ generation }, { replicas: 2, spec: { progressDeadlineSeconds: 60 } });
    const { world } = app;
    const lift = world.blue.store.admit(({ verb, kind, namespace }) => {
      if (verb === "create" && kind === "Pod" && namespace === "default")
        throw new ApiError(403, "Forbidden", "exceeded quota: pods");
      return undefined;
    });
    world.set("db", "new");
    await world.untilOutcome("kv", "failed(rollout-stuck)");
    assert.match(world.about("kv").join(), /^Deployment\/app,ReplicaFailure: FailedCreate/);
    assert.deepEqual(passwords(world), ["old", "old"]);
    lift();
    await world.pass(600_000);
    await reconcileUntil(app, "kv", "converged");
    assertRuns(world, "new");
    assert.equal(world.steps("restart").length, 1);
    world.stop();
  });

  test(`B12: pods that find no node are named, and the rollout is proven once there is one, ${on}`, async () => {
    const app = await oneApp({ generation }, { replicas: 2, spec: { progressDeadlineSeconds: 60 } });
    const { world } = app;
    const lift = world.blue.unschedulableWhen(() => true);
    world.set("db", "new");
    await world.untilOutcome("kv", "failed(rollout-stuck)");
    assert.match(world.about("kv").join(), /Pod\/app-\S+: .*Unschedulable/);
    lift();
    await world.pass(60_000);
    await reconcileUntil(app, "kv", "converged");
    assertRuns(world, "new");
    assert.equal(world.steps("restart").length, 1);
    world.stop();
  });

  test(`B12: an admission webhook that refuses our patch is named, and nothing loops, ${on}`, async () => {
    const app = await oneApp({ generation });
    const { world } = app;
    const lift = world.blue.store.admit(({ verb, kind, fieldManager }) => {
      if (verb === "update" && kind === "Deployment" && fieldManager === "rotation-bridge")
        throw new ApiError(422, "Invalid", "policy");
      return undefined;
    });
    world.set("db", "new");
    await world.untilOutcome("kv", "failed(patch-rejected)");
    assert.equal(world.about("kv")[0], "Deployment/app");
    await world.pass(2 * hour);
    assert.equal(world.queue.size, 0);
    assert.deepEqual(passwords(world), ["old"]);
    lift();
    await reconcileUntil(app, "kv", "converged");
    assertRuns(world, "new");
    world.stop();
  });

  test(`B12: a webhook that removes the marker does not make us restart again and again, ${on}`, async () => {
    const app = await oneApp({ generation });
    const { world } = app;
    const lift = world.blue.store.admit(({ verb, kind, object, before }) => {
      if (verb !== "update" || kind !== "Deployment" || before === undefined) return undefined;
      return { ...object, spec: { ...objectAt(object, "spec"), template: objectAt(before, "spec", "template") } };
    });
    world.set("db", "new");
    await world.untilOutcome("kv", "failed(patch-undone)");
    assert.deepEqual(world.about("kv"), [
      "Deployment/app",
      "the marker is not in the API server's answer to the patch",
    ]);
    await world.pass(2 * hour);
    assert.equal(world.queue.size, 0);
    assert.ok(world.calls.filter((call) => call.verb === "patch" && call.kind === "Deployment").length <= 2);
    lift();
    await reconcileUntil(app, "kv", "converged");
    assertRuns(world, "new");
    world.stop();
  });
}
