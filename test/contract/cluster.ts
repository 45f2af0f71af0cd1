/** What every implementation of the Cluster port must do. The same cases run on the stand-in and on the real client. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { problem, textOf, workloadKinds } from "./cluster-checks.ts";
import type { ClusterSubject, Given } from "./cluster-checks.ts";
import {
  classObject,
  podObject,
  podStatusObject,
  revisionObject,
  secretObject,
  workloadObject,
} from "./cluster-objects.ts";
import { writeCases } from "./cluster-writes.ts";

/** `pageSize` of the subject's lists, where it has one, is small: the suite makes lists longer than 5. */
export function clusterContract(name: string, start: () => Promise<ClusterSubject>): void {
  const given: Given = (what, run) => {
    test(`${name}: ${what}`, async () => {
      const subject = await start();
      try {
        await run(subject);
      } finally {
        await subject.end();
      }
    });
  };

  given("lists hold one namespace, whole, by kind", async ({ cluster, held }) => {
    for (const namespace of ["a", "b"]) {
      for (let index = 0; index < 7; index += 1) await held.put("Pod", podObject(namespace, `pod-${index}`));
      await held.put("SecretProviderClass", classObject(namespace, "class"));
      await held.put("SecretProviderClassPodStatus", podStatusObject(namespace, "pod-0", "uid-0"));
      await held.put("ReplicaSet", revisionObject(namespace, "web-abc", "one"));
      await held.put("ControllerRevision", revisionObject(namespace, "db-abc", "two"));
      for (const kind of workloadKinds) await held.put(kind, workloadObject(namespace, `the-${kind.toLowerCase()}`));
    }
    assert.deepEqual(
      (await cluster.pods("a")).map((pod) => pod.name),
      ["pod-0", "pod-1", "pod-2", "pod-3", "pod-4", "pod-5", "pod-6"],
    );
    assert.deepEqual((await cluster.workloads("a")).map(({ kind, name }) => `${kind}/${name}`).toSorted(), [
      "DaemonSet/the-daemonset",
      "Deployment/the-deployment",
      "StatefulSet/the-statefulset",
    ]);
    const [status] = await cluster.podStatuses("b");
    assert.equal(status?.podUid, "uid-0");
    assert.equal(status?.versions.get("secret/color"), "0123456789abcdef0123456789abcdef");
    assert.deepEqual(
      new Map((await cluster.revisions("a")).map(({ kind, marker, ownerUid }) => [kind, [marker, ownerUid]])),
      new Map([
        ["ReplicaSet", ["one", "d-1"]],
        ["ControllerRevision", ["two", "d-1"]],
      ]),
    );
    assert.deepEqual(
      (await cluster.revisions("a", ["ControllerRevision"])).map(({ kind }) => kind),
      ["ControllerRevision"],
    );
    assert.deepEqual(
      (await cluster.classes("a")).map((found) => `${found.namespace}/${found.name}`),
      ["a/class"],
    );
    assert.deepEqual(await cluster.pods("empty"), []);
  });

  given("a pod is read with its owner, labels and state", async ({ cluster, held }) => {
    await held.put("Pod", podObject("a", "pod"));
    const [pod] = await cluster.pods("a");
    assert.deepEqual(pod?.owner, { kind: "ReplicaSet", name: "web-abc", uid: "rs-1" });
    assert.equal(pod?.revision, "abc");
    assert.equal(pod?.phase, "Running");
    assert.equal(pod?.ready, true);
  });

  given("a Secret is read, missing or forbidden", async ({ cluster, held, forbid }) => {
    await held.put("Secret", secretObject("a", "app", { color: "blue" }));
    const secret = await cluster.secret("a", "app");
    assert.equal(textOf(secret?.data.get("color")), "blue");
    assert.equal(secret?.managed, true);
    assert.equal(await cluster.secret("a", "other"), undefined);
    await forbid("get", "Secret");
    await problem(cluster.secret("a", "app"), "forbidden");
  });

  writeCases(given);

  given("the index follows classes that come, change and go", async ({ cluster, held }) => {
    for (let index = 0; index < 6; index += 1) await held.put("SecretProviderClass", classObject("a", `c-${index}`));
    assert.equal((await cluster.index()).length, 6);
    await held.put("SecretProviderClass", classObject("b", "new", "shape"));
    await held.delete("SecretProviderClass", "a", "c-0");
    await held.patch("SecretProviderClass", "a", "c-1", { spec: { provider: "vault" } }, "kubectl");
    const seen = new Map((await cluster.index()).map((found) => [`${found.namespace}/${found.name}`, found]));
    assert.deepEqual([...seen.keys()].toSorted(), ["a/c-1", "a/c-2", "a/c-3", "a/c-4", "a/c-5", "b/new"]);
    assert.equal(seen.get("a/c-1")?.provider, "vault");
    const content = seen.get("b/new")?.content;
    assert.deepEqual(content?.ok === true ? content.objects.map((object) => object.id) : content, ["secret/shape"]);
  });

  given("the index survives that the cluster forgets old changes", async ({ cluster, held, forget }) => {
    await held.put("SecretProviderClass", classObject("a", "one"));
    assert.equal((await cluster.index()).length, 1);
    await held.put("SecretProviderClass", classObject("a", "two"));
    await forget();
    assert.equal((await cluster.index()).length, 2);
    await held.put("SecretProviderClass", classObject("a", "three"));
    assert.equal((await cluster.index()).length, 3);
  });

  given("a driver that cannot be read is unknown", async ({ cluster }) => {
    const driver = await cluster.driver();
    assert.equal(driver.generation, "unknown");
    assert.equal(driver.rotation, "unknown");
  });

  given("the driver is read from its DaemonSet", async ({ cluster, held }) => {
    await held.put("CSIDriver", { metadata: { name: "secrets-store.csi.k8s.io" }, spec: { requiresRepublish: false } });
    const container = {
      name: "secrets-store",
      image: "mcr.microsoft.com/oss/v2/kubernetes-csi/secrets-store/driver:v1.5.6",
      args: ["--endpoint=$(CSI_ENDPOINT)", "--enable-secret-rotation=true", "--rotation-poll-interval=1m30s"],
    };
    await held.put("DaemonSet", {
      metadata: { namespace: "kube-system", name: "aks-secrets-store-csi-driver" },
      spec: {
        selector: { matchLabels: { app: "driver" } },
        template: { metadata: { labels: { app: "driver" } }, spec: { containers: [container] } },
      },
    });
    assert.deepEqual(await cluster.driver(), { generation: "1.5", rotation: "on", pollIntervalMs: 90_000 });
  });
}
