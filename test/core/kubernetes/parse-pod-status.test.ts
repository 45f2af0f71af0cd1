import assert from "node:assert/strict";
import { test } from "node:test";
import { parsePodStatus } from "../../../shared/core/kubernetes/parse-pod-status.ts";
import { parseRevision } from "../../../shared/core/kubernetes/parse-revision.ts";
import { fixture } from "../../fixtures/fixture.ts";

test("A pod status names its pod by owner and keeps the class's spelling of ids", async () => {
  assert.deepEqual(parsePodStatus(await fixture("kubernetes/pod-status.json")), {
    name: "podinfo-csi-6f8f7d9c5b-x2x7k-secret-lab-azure-keyvault-secrets",
    podUid: "0f0e0d0c-1111-4222-8333-444455556666",
    podName: "podinfo-csi-6f8f7d9c5b-x2x7k",
    className: "azure-keyvault-secrets",
    createdAt: Date.parse("2026-11-12T10:00:08Z"),
    versions: new Map([
      ["secret/Color", "0a1b2c3d4e5f60718293a4b5c6d7e8f9"],
      ["secret/db-connection-string", "ffffffffffffffffffffffffffffffff"],
    ]),
  });
});

test("A pod status that the bridge touched tells when", () => {
  const touched = (at: string) => parsePodStatus({ metadata: { annotations: { "rotation-bridge/touched-at": at } } });
  assert.equal(touched("2026-11-12T10:00:08.250Z").touchedAt, Date.parse("2026-11-12T10:00:08.250Z"));
  assert.equal(touched("yesterday").touchedAt, undefined);
});

test("A pod status without owner and status is empty, and has no pod", () => {
  const status = parsePodStatus({ metadata: { name: "p" } });
  assert.equal(status.podUid, undefined);
  assert.equal(status.versions.size, 0);
});

test("A ReplicaSet and a ControllerRevision give the marker of their pod template and their owner", async () => {
  assert.deepEqual(parseRevision("ReplicaSet", await fixture("kubernetes/replica-set.json")), {
    kind: "ReplicaSet",
    name: "podinfo-csi-6f8f7d9c5b",
    uid: "aaaaaaaa-0000-4000-8000-000000000001",
    ownerUid: "5f0d9c36-5b1e-4a8e-9a64-0f6a7f0a3c11",
    marker: "lab-kv/secret/color=0a1b2c3d4e5f60718293a4b5c6d7e8f9@1794045600",
    changedAt: undefined,
  });
  assert.deepEqual(parseRevision("ControllerRevision", await fixture("kubernetes/controller-revision.json")), {
    kind: "ControllerRevision",
    name: "orders-7c5b9d6f4",
    uid: "bbbbbbbb-0000-4000-8000-000000000001",
    ownerUid: "2b0a3e6e-9f33-4f0c-8a0e-5e6b1a9d7c22",
    marker: "shop-kv/secret/db=1111@1794045600",
    changedAt: undefined,
  });
});

test("when a revision was last made the current one or scaled: its controller's time, not that of its status", () => {
  const entry = (time: string, fieldsV1: object) => ({ manager: "kube-controller-manager", time, fieldsV1 });
  const managedFields = [
    entry("2026-01-01T00:00:10Z", { "f:spec": { "f:replicas": {} } }),
    entry("2026-01-01T00:09:00Z", { "f:status": { "f:replicas": {} } }),
  ];
  const { changedAt } = parseRevision("ReplicaSet", { metadata: { name: "web-1", uid: "u", managedFields } });
  assert.equal(changedAt, Date.UTC(2026, 0, 1, 0, 0, 10));
});
