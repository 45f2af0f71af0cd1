/** The part of the driver's contract that is about pod statuses. */

import assert from "node:assert/strict";
import { install, liveStarts, metadataText, restart, running, settled, until } from "./driver-checks.ts";
import type { DriverCase, DriverSubject } from "./driver-subject.ts";

export function statusCases(given: DriverCase): void {
  given(
    "a pod's status is there before its container starts, with the vault's versions and the pod as owner",
    async (subject) => {
      const { cluster, namespace, vault } = subject;
      const versions = { color: vault.set("color", "blue"), shape: vault.set("shape", "round") };
      const ref = await install(subject, { objects: ["color", "shape"], replicas: 1 });
      await until(subject, "a status whose pod has not started", () => seenBeforeStart(subject));
      const [status] = await cluster.podStatuses(namespace);
      const [pod] = await cluster.pods(namespace);
      assert.equal(status?.podUid, pod?.uid);
      assert.equal(status?.podName, pod?.name);
      assert.equal(status?.className, "app");
      assert.deepEqual(
        Object.fromEntries(status?.versions ?? []),
        Object.fromEntries(Object.entries(versions).map(([name, version]) => [`secret/${name}`, version])),
      );
      await settled(subject, ref);
      assert.deepEqual(
        (await liveStarts(subject)).map(({ podUid, files }) => [podUid, files]),
        [[pod?.uid, { "/mnt/app/color": "blue", "/mnt/app/shape": "round" }]],
      );
    },
  );

  given("a status of a Deployment's pod goes with its pod; the new pod's shows the new version", async (subject) => {
    const { cluster, namespace, vault } = subject;
    vault.set("color", "blue");
    const ref = await running(subject);
    const version = vault.set("color", "green");
    await restart(subject, ref, "m");
    await settled(subject, ref);
    await until(subject, "the old pods' statuses to go", async () => {
      const pods = new Set((await cluster.pods(namespace)).map(({ uid }) => uid));
      const statuses = await cluster.podStatuses(namespace);
      return statuses.length === 2 && statuses.every(({ podUid }) => pods.has(podUid ?? ""));
    });
    const statuses = await cluster.podStatuses(namespace);
    assert.deepEqual(
      statuses.map(({ versions }) => versions.get("secret/color")),
      [version, version],
    );
  });

  given("a StatefulSet pod's status keeps its name and is a new object of the new pod", async (subject) => {
    const { cluster, held, namespace, vault } = subject;
    vault.set("color", "blue");
    const ref = await running(subject, { kind: "StatefulSet", replicas: 1 });
    const [old] = await cluster.podStatuses(namespace);
    const read = () => held.get("SecretProviderClassPodStatus", namespace, old?.name ?? "");
    const before = await read();
    const version = vault.set("color", "green");
    await restart(subject, ref, "m");
    await settled(subject, ref);
    const after = await read();
    assert.notEqual(metadataText(after, "uid"), metadataText(before, "uid"));
    const statuses = await cluster.podStatuses(namespace);
    const [pod] = await cluster.pods(namespace);
    assert.notEqual(pod?.uid, old?.podUid);
    assert.deepEqual(
      statuses.map(({ name, podUid, versions }) => [name, podUid, versions.get("secret/color")]),
      [[old?.name, pod?.uid, version]],
    );
  });
}

/** A look that comes late, as on a busy machine, can't tell: then the next pod is looked at. */
async function seenBeforeStart(subject: DriverSubject): Promise<boolean> {
  const { cluster, held, namespace } = subject;
  const [pod, ...others] = await cluster.pods(namespace);
  const statuses = await cluster.podStatuses(namespace);
  if (pod === undefined || pod.deleting || others.length > 0) return false;
  if (!statuses.some(({ podUid }) => podUid === pod.uid)) return false;
  if (!(await subject.starts()).some(({ podUid }) => podUid === pod.uid)) return statuses.length === 1;
  await held.delete("Pod", namespace, pod.name);
  return false;
}
