import assert from "node:assert/strict";
import { test } from "node:test";
import {
  AppsV1Api,
  createConfiguration,
  ResponseContext,
  ServerConfiguration,
  wrapHttpLibrary,
} from "@kubernetes/client-node";
import { parseWorkload } from "../../../shared/core/kubernetes/parse-workload.ts";
import { fixture } from "../../fixtures/fixture.ts";

const at = (text: string) => Date.parse(text);

test("A Deployment is read whole: counts, marker, times of the bridge and of Reloader", async () => {
  const { uses: _, ...workload } = parseWorkload("Deployment", await fixture("kubernetes/deployment.json"));
  assert.deepEqual(workload, {
    kind: "Deployment",
    name: "podinfo-csi",
    uid: "5f0d9c36-5b1e-4a8e-9a64-0f6a7f0a3c11",
    resourceVersion: "48213",
    generation: 4,
    observedGeneration: 4,
    deleting: false,
    paused: false,
    marker: "lab-kv/secret/color=0a1b2c3d4e5f60718293a4b5c6d7e8f9@1794045600",
    ignored: false,
    reloader: { all: true },
    reloaderTraceAt: at("2026-11-10T09:15:02Z"),
    restartedByUsAt: at("2026-11-12T10:00:05Z"),
    desired: 3,
    rollout: {
      total: 4,
      updated: 3,
      ready: 3,
      available: 2,
      deadlineExceeded: false,
      completed: false,
      replicaFailure: undefined,
      currentRevision: undefined,
      updateRevision: undefined,
    },
    strategy: "rolling",
    unavailableAtMost: 0,
    partition: 0,
    minReadySeconds: 5,
    terminationGraceSeconds: 20,
  });
});

test("A typed object of the Kubernetes client reads the same as the JSON it came from", async () => {
  const raw = await fixture("kubernetes/deployment.json");
  const api = new AppsV1Api(
    createConfiguration({
      baseServer: new ServerConfiguration("http://127.0.0.1", {}),
      httpApi: wrapHttpLibrary({
        send: async () => {
          const bytes = Buffer.from(JSON.stringify(raw));
          const body = { binary: async () => bytes, text: async () => bytes.toString(), stream: () => null };
          return new ResponseContext(200, { "content-type": "application/json" }, body);
        },
      }),
    }),
  );
  const typed = await api.readNamespacedDeployment({ name: "podinfo-csi", namespace: "secret-lab" });
  assert.ok(typed.metadata?.creationTimestamp instanceof Date);
  assert.deepEqual(parseWorkload("Deployment", typed), parseWorkload("Deployment", raw));
});

test("A StatefulSet gives its partition, revisions and overriding volume attributes; the template may opt out", async () => {
  const workload = parseWorkload("StatefulSet", await fixture("kubernetes/stateful-set.json"));
  assert.equal(workload.ignored, true);
  assert.equal(workload.partition, 2);
  assert.equal(workload.rollout.updated, 1);
  assert.equal(workload.rollout.currentRevision, "orders-6f7d8c9b5");
  assert.equal(workload.rollout.updateRevision, "orders-7c5b9d6f4");
  assert.equal(workload.terminationGraceSeconds, 30);
  assert.deepEqual(workload.uses.mounts, [
    { className: "orders-kv", otherAttributes: ["clientID", "userAssignedIdentityID"] },
  ]);
});

test("A DaemonSet's counts are those of its nodes; an excluded Secret is not Reloader's", async () => {
  const workload = parseWorkload("DaemonSet", await fixture("kubernetes/daemon-set.json"));
  assert.equal(workload.deleting, true);
  assert.equal(workload.strategy, "on-delete");
  assert.equal(workload.desired, 5);
  assert.deepEqual(
    [workload.rollout.total, workload.rollout.updated, workload.rollout.ready, workload.rollout.available],
    [5, 4, 3, 3],
  );
  assert.deepEqual(workload.reloader, { all: false, secrets: new Set(["agent-env"]) });
});

test("What is absent gets the API's defaults", () => {
  const bare = { metadata: { name: "w", uid: "u" }, spec: { template: {} } };
  const workload = parseWorkload("Deployment", bare);
  assert.equal(workload.desired, 1);
  assert.equal(workload.strategy, "rolling");
  assert.equal(workload.terminationGraceSeconds, 30);
  assert.equal(workload.minReadySeconds, 0);
  assert.equal(workload.marker, undefined);
  assert.equal(workload.restartedByUsAt, undefined);
  assert.deepEqual(workload.uses, { mounts: [], reads: [] });
  assert.equal(parseWorkload("DaemonSet", bare).desired, 0);
});

const conditions = [
  {
    name: "a passed deadline",
    condition: { type: "Progressing", status: "False", reason: "ProgressDeadlineExceeded" },
    expected: { deadlineExceeded: true, replicaFailure: undefined },
  },
  {
    name: "a paused Deployment's Progressing condition",
    condition: { type: "Progressing", status: "Unknown", reason: "DeploymentPaused" },
    expected: { deadlineExceeded: false, replicaFailure: undefined },
  },
  {
    name: "a quota that is used up",
    condition: { type: "ReplicaFailure", status: "True", reason: "FailedCreate", message: "exceeded quota: pods" },
    expected: { deadlineExceeded: false, replicaFailure: "FailedCreate" },
  },
];

for (const { name, condition, expected } of conditions) {
  test(`The status of a Deployment shows ${name}`, () => {
    const { rollout } = parseWorkload("Deployment", { status: { conditions: [condition] } });
    assert.deepEqual({ deadlineExceeded: rollout.deadlineExceeded, replicaFailure: rollout.replicaFailure }, expected);
  });
}

const secretEnv = { containers: [{ env: [{ valueFrom: { secretKeyRef: { name: "app", key: "k" } } }] }] };
const intents = [
  { name: "no annotation", annotations: {}, expected: undefined },
  { name: "auto", annotations: { "reloader.stakater.com/auto": "true" }, expected: { all: true } },
  {
    name: "auto for Secrets only",
    annotations: { "secret.reloader.stakater.com/auto": "true" },
    expected: { all: true },
  },
  { name: "auto switched off", annotations: { "reloader.stakater.com/auto": "false" }, expected: undefined },
  {
    name: "auto with an excluded Secret",
    annotations: { "reloader.stakater.com/auto": "true", "secrets.exclude.reloader.stakater.com/reload": "other" },
    expected: { all: false, secrets: new Set(["app"]) },
  },
  {
    name: "auto with its only Secret excluded",
    annotations: { "reloader.stakater.com/auto": "true", "secrets.exclude.reloader.stakater.com/reload": "app" },
    expected: undefined,
  },
  {
    name: "auto but ignored",
    annotations: { "reloader.stakater.com/auto": "true", "reloader.stakater.com/ignore": "true" },
    expected: undefined,
  },
];

for (const { name, annotations, expected } of intents) {
  test(`Reloader's annotations count on the workload and on the pod template: ${name}`, () => {
    const template = { spec: secretEnv };
    const onWorkload = { metadata: { annotations }, spec: { template } };
    const onTemplate = { spec: { template: { ...template, metadata: { annotations } } } };
    assert.deepEqual(parseWorkload("Deployment", onWorkload).reloader, expected);
    assert.deepEqual(parseWorkload("Deployment", onTemplate).reloader, expected);
  });
}

test("Reloader's trace may also be the annotation of its other strategy", () => {
  const fieldsV1 = {
    "f:spec": {
      "f:template": { "f:metadata": { "f:annotations": { "f:reloader.stakater.com/last-reloaded-from": {} } } },
    },
  };
  const raw = { metadata: { managedFields: [{ manager: "manager", time: "2026-11-10T09:15:02Z", fieldsV1 }] } };
  assert.equal(parseWorkload("Deployment", raw).reloaderTraceAt, at("2026-11-10T09:15:02Z"));
});
