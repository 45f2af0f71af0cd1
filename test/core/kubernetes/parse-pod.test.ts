import assert from "node:assert/strict";
import { test } from "node:test";
import { parsePod } from "../../../shared/core/kubernetes/parse-pod.ts";
import { fixture } from "../../fixtures/fixture.ts";

const at = (text: string) => Date.parse(text);

test("A running pod is read whole; an end that it has recovered from is no trouble", async () => {
  assert.deepEqual(parsePod(await fixture("kubernetes/pod-running.json")), {
    name: "podinfo-csi-6f8f7d9c5b-x2x7k",
    uid: "0f0e0d0c-1111-4222-8333-444455556666",
    createdAt: at("2026-11-12T10:00:06Z"),
    deleting: false,
    phase: "Running",
    owner: { kind: "ReplicaSet", name: "podinfo-csi-6f8f7d9c5b", uid: "aaaaaaaa-0000-4000-8000-000000000001" },
    uses: {
      mounts: [{ className: "azure-keyvault-secrets", otherAttributes: [] }],
      reads: [{ secret: "keyvault-secrets", key: "color", by: "env", optional: false }],
    },
    started: true,
    ready: true,
    readyChangedAt: at("2026-11-12T10:00:19Z"),
    lastStartedAt: at("2026-11-12T10:00:12Z"),
    lastEndedAt: at("2026-11-12T10:00:11Z"),
    restarts: 1,
    revision: "6f8f7d9c5b",
    reloaderTraces: new Map(),
    troubles: [],
  });
});

test("A crashing pod names its reasons as words, never as messages", async () => {
  const pod = parsePod(await fixture("kubernetes/pod-crashing.json"));
  assert.deepEqual(pod.troubles, ["CrashLoopBackOff", "Error", "ImagePullBackOff"]);
  assert.equal(pod.deleting, true);
  assert.equal(pod.ready, false);
  assert.equal(pod.started, true);
  assert.equal(pod.lastEndedAt, at("2026-11-12T10:02:30Z"));
  assert.equal(pod.revision, "orders-7c5b9d6f4");
  assert.doesNotMatch(JSON.stringify(pod), /hunter2/);
});

test("A bare pod that cannot be scheduled has no owner, has not started, and says why", async () => {
  const pod = parsePod(await fixture("kubernetes/pod-unschedulable.json"));
  assert.deepEqual(pod.troubles, ["Unschedulable"]);
  assert.equal(pod.owner, undefined);
  assert.equal(pod.started, false);
  assert.equal(pod.lastEndedAt, undefined);
  assert.equal(pod.readyChangedAt, undefined);
});

const waiting = (reason: string) => ({ status: { containerStatuses: [{ state: { waiting: { reason } } }] } });
const starts = [
  { name: "waits for its mount", raw: waiting("ContainerCreating"), started: false, troubles: ["ContainerCreating"] },
  { name: "waits for an init container", raw: waiting("PodInitializing"), started: false, troubles: [] },
  { name: "has a reason that is no word", raw: waiting("see https://x/?t=1"), started: false, troubles: [] },
  {
    name: "was evicted",
    raw: { status: { phase: "Failed", reason: "Evicted" } },
    started: false,
    troubles: ["Evicted"],
  },
  {
    name: "has an init container that runs",
    raw: { status: { initContainerStatuses: [{ state: { running: { startedAt: new Date(0) } } }] } },
    started: true,
    troubles: [],
  },
];

for (const { name, raw, started, troubles } of starts) {
  test(`A pod that ${name}`, () => {
    const pod = parsePod(raw);
    assert.deepEqual({ started: pod.started, troubles: pod.troubles }, { started, troubles });
  });
}
