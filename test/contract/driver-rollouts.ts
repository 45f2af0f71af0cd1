/** The part of the driver's contract that is about pods and the counts of their workloads. */

import assert from "node:assert/strict";
import { found, install, kinds, restart, running, settled, until } from "./driver-checks.ts";
import type { DriverCase, DriverSubject } from "./driver-subject.ts";

/** Counts of a rollout of two pods whose first new pod can't mount, by kind; a Deployment may have one pod more. */
const stuckCounts = {
  Deployment: { total: 3, updated: 1, ready: 2, available: 2 },
  StatefulSet: { total: 2, updated: 1, ready: 1, available: 1 },
  DaemonSet: { total: 2, updated: 1, ready: 1, available: 1 },
} as const;

export function rolloutCases(given: DriverCase): void {
  for (const kind of kinds) {
    given(`a ${kind}'s counts tell a rollout that stands from one that is done`, async (subject) => {
      subject.vault.set("color", "blue");
      const ref = await running(subject, { kind });
      const before = await found(subject, ref);
      assert.equal(before.desired, 2);
      subject.vault.disable("color");
      await restart(subject, ref, "m");
      const asked = await found(subject, ref);
      assert.equal(asked.generation, before.generation + 1);
      await until(subject, "the rollout to stand", async () => {
        const { observedGeneration, generation, rollout } = await found(subject, ref);
        return observedGeneration === generation && rollout.updated === 1 && rollout.ready === stuckCounts[kind].ready;
      });
      await subject.pass(2000);
      const { total, updated, ready, available, ...rest } = (await found(subject, ref)).rollout;
      assert.deepEqual({ total, updated, ready, available }, stuckCounts[kind]);
      assert.equal(rest.currentRevision === rest.updateRevision, kind !== "StatefulSet");
      const waiting = (await subject.cluster.pods(subject.namespace)).filter((pod) => !pod.started);
      assert.deepEqual(
        waiting.map(({ phase, ready }) => [phase, ready]),
        [["Pending", false]],
      );
      const statuses = await subject.cluster.podStatuses(subject.namespace);
      assert.ok(
        statuses.every(({ podUid }) => podUid !== waiting[0]?.uid),
        "a pod that could not mount has no status",
      );
      subject.vault.enable("color");
      await settled(subject, ref);
      assert.equal((await found(subject, ref)).marker, "m");
      await everyPodRuns(subject, kind);
    });
  }

  given("a container that crashes is started, not ready, and says why", async (subject) => {
    subject.vault.set("color", "bad");
    await subject.crash("bad");
    const ref = await install(subject, { replicas: 1 });
    // The kubelet does not always add CrashLoopBackOff (docs/local-cluster-differences.md); how it ended it always says.
    await until(subject, "the second crash", async () => {
      const [pod] = await subject.cluster.pods(subject.namespace);
      return (await subject.starts()).length >= 2 && pod?.troubles.includes("Error") === true;
    });
    const [pod] = await subject.cluster.pods(subject.namespace);
    assert.equal(pod?.started, true);
    assert.equal(pod?.ready, false);
    assert.equal(pod?.phase, "Running");
    assert.notEqual(pod?.lastEndedAt, undefined);
    assert.equal((await found(subject, ref)).rollout.available, 0);
    assert.equal(
      new Set((await subject.starts()).map(({ podUid }) => podUid)).size,
      1,
      "it is started again in its pod",
    );
  });

  given("a container whose key is not in the Secret is not started and says why", async (subject) => {
    subject.vault.set("color", "blue");
    await install(subject, { replicas: 1, env: { C: ["app", "missing"] } });
    await until(subject, "the trouble", async () => {
      const [pod] = await subject.cluster.pods(subject.namespace);
      return pod?.troubles.includes("CreateContainerConfigError") === true;
    });
    const [pod] = await subject.cluster.pods(subject.namespace);
    assert.deepEqual([pod?.started, pod?.ready, pod?.phase], [false, false, "Pending"]);
    assert.equal((await subject.cluster.podStatuses(subject.namespace)).length, 1, "it has mounted all the same");
  });
}

/** Pods point at their owner and revision as the bridge follows them. */
async function everyPodRuns({ cluster, namespace }: DriverSubject, kind: (typeof kinds)[number]): Promise<void> {
  const pods = await cluster.pods(namespace);
  const revisions = await cluster.revisions(namespace);
  const owner = kind === "Deployment" ? "ReplicaSet" : kind;
  for (const pod of pods) {
    assert.deepEqual(
      [pod.owner?.kind, pod.phase, pod.started, pod.ready, pod.deleting, pod.troubles],
      [owner, "Running", true, true, false, []],
    );
    assert.notEqual(pod.revision, undefined);
  }
  assert.deepEqual(
    revisions.map(({ marker }) => marker ?? "none").toSorted(),
    ["m", "none"],
    "one revision each for the old and the new template",
  );
}
