import { test } from "node:test";
import assert from "node:assert/strict";
import { ApiError } from "../../../local/cluster/api-error.ts";
import { at, numberAt, textAt, withAt } from "../../../local/cluster/json.ts";
import type { JsonObject } from "../../../local/cluster/json.ts";
import { condition, uidOf } from "../../../local/cluster/objects.ts";
import { isReady } from "../../../local/cluster/pods.ts";
import { bridgeRestart, bridgeWrite, livePods, liveValues, providerClass, rig, workload } from "./fixture.ts";
import type { Rig, WorkloadShape } from "./fixture.ts";

async function running(r: Rig, shape: WorkloadShape = {}): Promise<Rig> {
  r.cluster.apply(providerClass());
  r.cluster.apply(workload(shape));
  await r.clock.advance(20_000);
  return r;
}

const deployment = ({ cluster }: Rig, name = "web"): JsonObject => cluster.store.get("Deployment", "default", name);
const progressing = (r: Rig): string => textAt(condition(deployment(r), "Progressing"), "reason");
const count = (object: JsonObject, key: string): number => numberAt(object, "status", key) ?? 0;

/** Lowest number of ready pods and highest number of pods over the next `seconds`. */
async function watchRollout(r: Rig, seconds: number): Promise<{ ready: number; total: number }> {
  const seen = { ready: Infinity, total: 0 };
  for (let step = 0; step < seconds * 10; step += 1) {
    await r.clock.advance(100);
    const pods = r.cluster.store
      .list("Pod", "default")
      .items.filter((pod) => !at(pod, "metadata", "deletionTimestamp"));
    seen.ready = Math.min(seen.ready, pods.filter(isReady).length);
    seen.total = Math.max(seen.total, pods.length);
  }
  return seen;
}

const strategies: readonly { name: string; strategy: JsonObject; ready: number; total: number }[] = [
  { name: "25 % and 25 % by default", strategy: {}, ready: 3, total: 5 },
  { name: "surge only", strategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } }, ready: 4, total: 5 },
  { name: "no surge", strategy: { rollingUpdate: { maxSurge: 0, maxUnavailable: 2 } }, ready: 2, total: 4 },
  { name: "Recreate", strategy: { type: "Recreate" }, ready: 0, total: 4 },
];

for (const { name, strategy, ready, total } of strategies) {
  test(`A rollout of 4 replicas with ${name} keeps at least ${ready} ready and at most ${total} pods`, async () => {
    const r = await running(rig(), { replicas: 4, spec: { strategy } });
    const old = livePods(r);
    bridgeRestart(r, "m");
    assert.deepEqual(await watchRollout(r, 25), { ready, total });
    assert.equal(progressing(r), "NewReplicaSetAvailable");
    assert.equal(livePods(r).filter((pod) => old.includes(pod)).length, 0);
    for (const key of ["replicas", "updatedReplicas", "readyReplicas", "availableReplicas"]) {
      assert.equal(count(deployment(r), key), 4, key);
    }
    assert.equal(count(deployment(r), "observedGeneration"), numberAt(deployment(r), "metadata", "generation"));
    r.cluster.stop();
  });
}

test("A paused Deployment takes no new template until it is resumed", async () => {
  const r = await running(rig());
  const old = livePods(r);
  r.cluster.patch("Deployment", "default", "web", { spec: { paused: true } });
  bridgeRestart(r, "m");
  await r.clock.advance(20_000);
  assert.deepEqual(livePods(r), old);
  assert.equal(count(deployment(r), "updatedReplicas"), 0);
  r.cluster.patch("Deployment", "default", "web", { spec: { paused: false } });
  await r.clock.advance(20_000);
  assert.equal(
    livePods(r).some((pod) => old.includes(pod)),
    false,
  );
  r.cluster.stop();
});

test("minReadySeconds holds back availability and so the rollout", async () => {
  const r = await running(rig(), { replicas: 1, spec: { minReadySeconds: 60 } });
  assert.equal(count(deployment(r), "readyReplicas"), 1);
  assert.equal(count(deployment(r), "availableReplicas"), 0);
  await r.clock.advance(60_000);
  assert.equal(count(deployment(r), "availableReplicas"), 1);
  r.cluster.stop();
});

test("A rollout whose pods crash exceeds its progress deadline, keeps the old pods, and can be undone", async () => {
  const r = await running(rig(), { replicas: 4, spec: { progressDeadlineSeconds: 60 } });
  r.cluster.crashWhen(({ env }) => env["VALUE"] === "bad");
  bridgeWrite(r, { k: "bad" });
  bridgeRestart(r, "m");
  await r.clock.advance(30_000);
  assert.equal(progressing(r), "ReplicaSetUpdated");
  await r.clock.advance(60_000);
  assert.equal(progressing(r), "ProgressDeadlineExceeded");
  assert.equal(count(deployment(r), "readyReplicas"), 3);
  const waiting = r.cluster.store.list("Pod", "default").items.map((pod) => JSON.stringify(at(pod, "status")));
  assert.ok(waiting.some((status) => status.includes("CrashLoopBackOff")));
  bridgeWrite(r, { k: "v1" });
  r.cluster.rolloutUndo("Deployment", "default", "web");
  await r.clock.advance(20_000);
  assert.equal(progressing(r), "NewReplicaSetAvailable");
  assert.deepEqual(liveValues(r), ["v1", "v1", "v1", "v1"]);
  assert.equal(r.cluster.store.list("ReplicaSet", "default").items.length, 2);
  r.cluster.stop();
});

test("A crashing container reads its env anew at each restart and recovers when the value is good again", async () => {
  const r = await running(rig(), { replicas: 1 });
  r.cluster.crashWhen(({ env }) => env["VALUE"] === "bad");
  bridgeWrite(r, { k: "bad" });
  bridgeRestart(r, "m");
  await r.clock.advance(30_000);
  bridgeWrite(r, { k: "good" });
  await r.clock.advance(60_000);
  assert.deepEqual(liveValues(r), ["good"]);
  assert.equal(progressing(r), "NewReplicaSetAvailable");
  r.cluster.stop();
});

test("A quota that refuses pods shows as ReplicaFailure and clears by itself", async () => {
  const r = await running(rig());
  const lift = r.cluster.store.admit(({ verb, kind }) => {
    if (verb === "create" && kind === "Pod") throw new ApiError(403, "Forbidden", "exceeded quota: pods");
    return undefined;
  });
  bridgeRestart(r, "m");
  await r.clock.advance(10_000);
  assert.equal(textAt(condition(deployment(r), "ReplicaFailure"), "message"), "exceeded quota: pods");
  lift();
  await r.clock.advance(60_000);
  assert.equal(condition(deployment(r), "ReplicaFailure"), undefined);
  assert.equal(progressing(r), "NewReplicaSetAvailable");
  r.cluster.stop();
});

// Kubernetes' objects know no difference between no annotations and none left: `metav1.ObjectMeta` omits an empty map.
test("A webhook that takes out the only annotation of a template restarts nothing", async () => {
  const r = await running(rig());
  const before = deployment(r);
  const lift = r.cluster.store.admit(({ kind, object }) =>
    kind === "Deployment" ? withAt(object, ["spec", "template", "metadata", "annotations"], {}) : undefined,
  );
  bridgeRestart(r, "m");
  lift();
  await r.clock.advance(10_000);
  assert.deepEqual(at(deployment(r), "spec"), at(before, "spec"));
  assert.equal(numberAt(deployment(r), "metadata", "generation"), numberAt(before, "metadata", "generation"));
  assert.equal(r.cluster.store.list("ReplicaSet", "default").items.length, 1);
  r.cluster.stop();
});

test("revisionHistoryLimit bounds the old ReplicaSets", async () => {
  const r = await running(rig(), { spec: { revisionHistoryLimit: 2 } });
  for (const marker of ["a", "b", "c", "d"]) {
    bridgeRestart(r, marker);
    await r.clock.advance(20_000);
  }
  assert.equal(r.cluster.store.list("ReplicaSet", "default").items.length, 3);
  r.cluster.stop();
});

test("A Deployment that is deleted takes its ReplicaSets, pods and Secret along", async () => {
  const r = await running(rig());
  r.cluster.delete("Deployment", "default", "web");
  await r.clock.advance(10_000);
  for (const kind of ["ReplicaSet", "Pod", "SecretProviderClassPodStatus", "Secret"] as const) {
    assert.equal(r.cluster.store.list(kind, "default").items.length, 0, kind);
  }
  r.cluster.stop();
});

test("A StatefulSet replaces its pods from the last to the first, one at a time", async () => {
  const r = await running(rig(), { kind: "StatefulSet", replicas: 3 });
  const before = r.cluster.starts.length;
  bridgeRestart(r, "m", "web", "StatefulSet");
  await r.clock.advance(20_000);
  assert.deepEqual(
    r.cluster.starts.slice(before).map(({ pod }) => pod),
    ["web-2", "web-1", "web-0"],
  );
  const set = r.cluster.store.get("StatefulSet", "default", "web");
  assert.equal(textAt(set, "status", "currentRevision"), textAt(set, "status", "updateRevision"));
  assert.equal(count(set, "updatedReplicas"), 3);
  r.cluster.stop();
});

test("A StatefulSet's partition keeps the lower ordinals on the old revision", async () => {
  const spec = { updateStrategy: { type: "RollingUpdate", rollingUpdate: { partition: 2 } } };
  const r = await running(rig(), { kind: "StatefulSet", replicas: 3, spec });
  const before = r.cluster.starts.length;
  bridgeRestart(r, "m", "web", "StatefulSet");
  await r.clock.advance(20_000);
  assert.deepEqual(
    r.cluster.starts.slice(before).map(({ pod }) => pod),
    ["web-2"],
  );
  const set = r.cluster.store.get("StatefulSet", "default", "web");
  assert.notEqual(textAt(set, "status", "currentRevision"), textAt(set, "status", "updateRevision"));
  assert.equal(count(set, "updatedReplicas"), 1);
  r.cluster.stop();
});

test("A StatefulSet stays on a broken revision even after its template is mended, until the pod is deleted", async () => {
  const r = await running(rig(), { kind: "StatefulSet", replicas: 2 });
  const stop = r.cluster.crashWhen(({ pod, attempt, at }) => pod === "web-1" && attempt >= 0 && at > 0);
  bridgeRestart(r, "broken", "web", "StatefulSet");
  await r.clock.advance(60_000);
  const broken = uidOf(r.cluster.store.get("Pod", "default", "web-1"));
  bridgeRestart(r, "good", "web", "StatefulSet");
  await r.clock.advance(60_000);
  assert.equal(uidOf(r.cluster.store.get("Pod", "default", "web-1")), broken);
  stop();
  r.cluster.delete("Pod", "default", "web-1");
  await r.clock.advance(20_000);
  const set = r.cluster.store.get("StatefulSet", "default", "web");
  assert.equal(count(set, "updatedReplicas"), 2);
  r.cluster.stop();
});

for (const kind of ["StatefulSet", "DaemonSet"] as const) {
  test(`A ${kind} with OnDelete changes a pod only when somebody deletes it`, async () => {
    const r = await running(rig(), { kind, spec: { updateStrategy: { type: "OnDelete" } } });
    const before = r.cluster.starts.length;
    bridgeRestart(r, "m", "web", kind);
    await r.clock.advance(20_000);
    assert.equal(r.cluster.starts.length, before);
    r.cluster.delete("Pod", "default", livePods(r)[0] ?? "");
    await r.clock.advance(10_000);
    assert.equal(r.cluster.starts.length, before + 1);
    const set = r.cluster.store.get(kind, "default", "web");
    assert.equal(count(set, kind === "DaemonSet" ? "updatedNumberScheduled" : "updatedReplicas"), 1);
    r.cluster.stop();
  });
}

test("A DaemonSet runs once on every node and is replaced node by node", async () => {
  const nodes = ["a", "b", "c"];
  const r = await running(rig({ nodes }), { kind: "DaemonSet" });
  assert.deepEqual(new Set(r.cluster.starts.map(({ node }) => node)), new Set(nodes));
  bridgeRestart(r, "m", "web", "DaemonSet");
  assert.equal((await watchRollout(r, 20)).ready, 2);
  assert.equal(count(r.cluster.store.get("DaemonSet", "default", "web"), "updatedNumberScheduled"), 3);
  r.cluster.stop();
});

test("A DaemonSet's rollout waits for a lost node and goes on when it is back", async () => {
  const r = await running(rig({ nodes: ["a", "b", "c"] }), { kind: "DaemonSet" });
  r.cluster.loseNode("b");
  await r.clock.advance(60_000);
  assert.equal(count(r.cluster.store.get("DaemonSet", "default", "web"), "numberReady"), 2);
  bridgeRestart(r, "m", "web", "DaemonSet");
  await r.clock.advance(60_000);
  assert.equal(count(r.cluster.store.get("DaemonSet", "default", "web"), "updatedNumberScheduled"), 1);
  r.cluster.recoverNode("b");
  await r.clock.advance(30_000);
  const set = r.cluster.store.get("DaemonSet", "default", "web");
  assert.deepEqual([count(set, "updatedNumberScheduled"), count(set, "numberReady")], [3, 3]);
  r.cluster.stop();
});

test("A lost node's Deployment pods are evicted after 5 minutes and stay terminating; others take their place", async () => {
  const r = await running(rig(), { replicas: 2 });
  r.cluster.loseNode("node-0");
  await r.clock.advance(320_000);
  const pods = r.cluster.store.list("Pod", "default").items;
  assert.equal(pods.length, 3);
  assert.equal(livePods(r).length, 2);
  assert.equal(count(deployment(r), "readyReplicas"), 2);
  r.cluster.stop();
});

test("A Job's pods run until they end, and the Job is complete", async () => {
  const r = await running(rig(), { kind: "Job", spec: { completions: 2 } });
  for (const turn of [1, 2]) {
    r.cluster.finish("default", r.cluster.starts.at(-1)?.pod ?? "");
    await r.clock.advance(10_000);
    assert.equal(count(r.cluster.store.get("Job", "default", "web"), "succeeded"), turn);
  }
  assert.equal(textAt(condition(r.cluster.store.get("Job", "default", "web"), "Complete"), "status"), "True");
  r.cluster.stop();
});

test("A container whose Secret is missing waits in CreateContainerConfigError and starts when it is there", async () => {
  const r = rig();
  r.cluster.apply(workload({ mounts: null, replicas: 1 }));
  await r.clock.advance(20_000);
  assert.equal(r.cluster.starts.length, 0);
  const status = JSON.stringify(r.cluster.store.list("Pod", "default").items[0]);
  assert.ok(status.includes("CreateContainerConfigError"));
  r.cluster.apply({ apiVersion: "v1", kind: "Secret", metadata: { name: "app" }, stringData: { k: "there" } });
  await r.clock.advance(15_000);
  assert.deepEqual(liveValues(r), ["there"]);
  r.cluster.stop();
});

test("A kubelet's Secret cache gives a pod the value from before a write that is too fresh", async () => {
  for (const [waitMs, expected] of [
    [1000, "v2"],
    [0, "v1"],
  ] as const) {
    const r = await running(rig({ secretCacheMs: 900, timing: { startDelayMs: 100 } }), { replicas: 1 });
    bridgeWrite(r, { k: "v2" });
    await r.clock.advance(waitMs);
    bridgeRestart(r, "m");
    await r.clock.advance(10_000);
    assert.deepEqual(liveValues(r), [expected]);
    r.cluster.stop();
  }
});

test("Reloader restarts what asks for it when a Secret changes, once per change", async () => {
  const r = rig({ reloader: true });
  await running(r, { annotations: { "reloader.stakater.com/auto": "true" } });
  r.cluster.apply(workload({ name: "other" }));
  await r.clock.advance(20_000);
  const before = r.cluster.starts.length;
  bridgeWrite(r, { k: "v2" });
  await r.clock.advance(20_000);
  assert.equal(r.cluster.starts.length, before + 2);
  assert.deepEqual(new Set(r.cluster.starts.slice(before).map(({ labels }) => labels["app"])), new Set(["web"]));
  // printf 'k=v2' | sha1sum, which is what Reloader sets.
  assert.equal(r.cluster.starts.at(-1)?.env["STAKATER_APP_SECRET"], "824810b0c00b9568b9235e4aab4268c1fcc5ef5f");
  r.cluster.stop();
});

test("A stopped cluster leaves no timer behind", async () => {
  const r = await running(rig({ reloader: true }));
  bridgeRestart(r, "m");
  await r.clock.advance(500);
  r.cluster.stop();
  const version = r.cluster.store.resourceVersion;
  await r.clock.advance(3_600_000);
  assert.equal(r.cluster.store.resourceVersion, version);
  await assert.rejects(r.clock.until(new Promise(() => undefined)), /no timer/);
});
