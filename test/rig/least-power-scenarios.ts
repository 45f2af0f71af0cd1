/** What least-power.ts plays: together they make the bridge ask for everything that it may ask for. */

import assert from "node:assert/strict";
import { listAt, textAt } from "../../local/cluster/json.ts";
import { mergePatch } from "./api.ts";
import { type Denied, extraMetadata, type Ground } from "./denied-request.ts";
import { deniedByRbacOnly, deniedReads, deniedWrites } from "./denied-requests.ts";
import { applyCage } from "./least-rights.ts";
import { lostSecrets } from "./scenarios/b-secret-lost.ts";
import type { Scenario } from "./scenarios/scenario.ts";
import type { Scene } from "./scenarios/scene.ts";
import { nextSecond, oneApp, reader } from "./scenarios/set-ups.ts";
import { assertRuns } from "./scenarios/truth.ts";
import { stampTemplates } from "./stamping-policy.ts";
import { until } from "./until.ts";

const kinds: Scenario = {
  id: "P1",
  title: "a rotation through all three kinds of workloads and a reader",
  run: async (scene) => {
    await allKinds(scene);
    await scene.rotate("db", "new");
    await scene.untilOutcome("kv", "converged");
    assert.equal(await scene.secretValue("app", "k"), "new");
    for (const name of ["app", "store", "agent", "reader"])
      await assertRuns(scene, name, { pods: name === "agent" ? 2 : 1, env: { PASSWORD: "new" } });
    assert.equal(scene.steps("restart").length, 4, "one restart each");
    // The app knows the classes by now: it asks what changed since.
    await scene.rotate("db", "newer");
    await scene.untilOutcome("kv", "converged");
    assert.equal(scene.steps("restart").length, 8, "one more each");
  },
};

const secretLost: Scenario = { ...firstOf(lostSecrets), id: "P2" };

const rejected: Scenario = {
  id: "P3",
  title: "a webhook changes the pod template too: an outcome, then tolerated by its prefix",
  run: async (scene) => {
    const { rig, namespace } = scene;
    await oneApp(scene);
    const stop = await stampTemplates(rig, namespace);
    try {
      await scene.rotate("db", "new");
      await scene.untilOutcome("kv", "failed(patch-rejected)");
      assert.equal(scene.steps("restart").length, 0);
      assert.equal((await scene.starts("app")).length, 1, "nothing was restarted");
      await applyCage(rig, "policies.example.com/");
      await scene.until("the new cage", async () => {
        const marker = { spec: { template: { metadata: { annotations: { "rotation-bridge/versions": "" } } } } };
        const path = `/apis/apps/v1/namespaces/${namespace}/deployments/app?dryRun=All`;
        return (await rig.bridge.call("PATCH", path, marker, mergePatch)).status === 200;
      });
      await scene.rotate("db", "newer");
      await scene.untilOutcome("kv", "converged");
      await assertRuns(scene, "app", { env: { PASSWORD: "newer" }, versions: true });
    } finally {
      await stop();
      await applyCage(rig);
    }
  },
};

const thief: Scenario = {
  id: "P4",
  title: "whoever has the bridge's identity: every other read and write is denied",
  run: async (scene) => {
    const { rig, namespace } = scene;
    await allKinds(scene);
    await scene.class({ name: "other", objects: ["db"], secrets: { handmade: { k: "db" } } });
    await scene.patch("Deployment", "app", {
      metadata: extraMetadata,
      spec: { minReadySeconds: 1, template: { metadata: { name: "app", ...extraMetadata } } },
    });
    await scene.patch("Secret", "app", { metadata: extraMetadata });
    const elsewhere = "elsewhere";
    await scene.apply({ apiVersion: "v1", kind: "Namespace", metadata: { name: elsewhere } });
    for (const [name, space] of [
      ["handmade", namespace],
      ["private", namespace],
      ["app", elsewhere],
    ] as const)
      await scene.apply({
        apiVersion: "v1",
        kind: "Secret",
        metadata: { name, namespace: space },
        stringData: { k: "x" },
      });
    await scene.workload({ name: "app", namespace: elsewhere });
    const marked = { metadata: { annotations: { "rotation-bridge/versions": "x" } } };
    const path = `/apis/apps/v1/namespaces/${namespace}/deployments/app`;
    await until("the bridge's rights", rig, async () => {
      const answer = await rig.bridge.call("PATCH", path, { spec: { template: marked } }, mergePatch);
      return answer.status === 200;
    });
    const ground = await groundOf(scene, elsewhere);
    const reads = deniedReads(ground);
    const writes = deniedWrites(ground);
    const plain = [...reads, ...writes, ...deniedByRbacOnly(ground)];
    assert.ok(reads.length >= 20 && writes.length >= 40);
    assert.deepEqual(await letThrough(scene, plain, (denied) => denied.by), []);
    scene.note(tableOf(plain));

    // As AKS RBAC Writer would, and worse: the cage alone.
    const binding = "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings";
    await rig.admin.must("POST", binding, {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "ClusterRoleBinding",
      metadata: { name: "too-much" },
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "cluster-admin" },
      subjects: [{ apiGroup: "rbac.authorization.k8s.io", kind: "User", name: "rotation-bridge" }],
    });
    try {
      await until("too much power", rig, async () => (await rig.bridge.call("GET", "/api/v1/nodes")).status === 200);
      assert.deepEqual(await letThrough(scene, writes, ({ by }) => (by === "api" ? "api" : "cage")), []);
      scene.note(`as a cluster admin: the cage alone denied ${writes.length} of ${writes.length} writes`);
    } finally {
      await rig.admin.must("DELETE", `${binding}/too-much`);
      await rig.admin.must("DELETE", `/api/v1/namespaces/${elsewhere}`);
    }
  },
};

/** `thief` last and alone: it has too much power for a moment. */
export const together: readonly Scenario[] = [kinds, secretLost];
export const alone: readonly Scenario[] = [rejected, thief];

async function allKinds(scene: Scene): Promise<void> {
  await oneApp(scene);
  const env = { PASSWORD: ["app", "k"] } as const;
  await scene.workload({ kind: "StatefulSet", name: "store", mounts: ["kv"], env });
  await scene.workload({ kind: "DaemonSet", name: "agent", mounts: ["kv"], env });
  await scene.settled("StatefulSet/store");
  await scene.settled("DaemonSet/agent");
  await reader(scene);
  await nextSecond(scene);
}

async function groundOf(scene: Scene, elsewhere: string): Promise<Ground> {
  const [pod] = await scene.list("Pod");
  const [status] = await scene.list("SecretProviderClassPodStatus");
  assert.ok(pod && status);
  assert.ok(listAt(status, "metadata", "ownerReferences").length > 0);
  const nameOf = (object: typeof pod) => textAt(object, "metadata", "name");
  return { namespace: scene.namespace, elsewhere, pod: nameOf(pod), podStatus: nameOf(status) };
}

/** Those that were not denied, or not by whom they should have been. */
async function letThrough(
  { rig }: Scene,
  requests: readonly Denied[],
  byWhom: (denied: Denied) => Denied["by"],
): Promise<readonly string[]> {
  const wrong: string[] = [];
  for (const denied of requests) {
    const { status, body } = await rig.bridge.call(denied.method, denied.path, denied.body, denied.type);
    const text = JSON.stringify(body);
    const as = { rbac: / cannot /, cage: /ValidatingAdmissionPolicy 'rotation-bridge-cage'/, api: /is invalid/ };
    const right = status === (byWhom(denied) === "api" ? 422 : 403) && as[byWhom(denied)].test(text);
    if (!right) wrong.push(`${denied.what} (${byWhom(denied)}): ${status} ${text.slice(0, 300)}`);
  }
  return wrong;
}

function tableOf(requests: readonly Denied[]): string {
  const lines = requests.map(({ what, by }) => `  ${by.padEnd(4)}  ${what}`);
  return `${requests.length} requests denied, by whom:\n${lines.join("\n")}`;
}

function firstOf(scenarios: readonly Scenario[]): Scenario {
  const [first] = scenarios;
  assert.ok(first);
  return first;
}
