/** What every implementation of the Cluster port must do. The same cases run on the stand-in and on the real client. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { KindName } from "../../local/cluster/kinds.ts";
import { ApiError } from "../../local/cluster/api-error.ts";
import type { Store } from "../../local/cluster/store.ts";
import { without } from "../../local/cluster/json.ts";
import type { WorkloadKind } from "../../shared/core/observed.ts";
import { RemoteProblem } from "../../shared/core/remote-problem.ts";
import { SecretValue } from "../../shared/core/secret-value.ts";
import type { Cluster } from "../../shared/ports.ts";
import {
  classObject,
  podObject,
  podStatusObject,
  put,
  revisionObject,
  secretObject,
  workloadObject,
} from "./cluster-objects.ts";

export interface ClusterSubject {
  readonly cluster: Cluster;
  /** What the cluster holds. */
  readonly store: Store;
  /** Takes a permission away. */
  readonly forbid: (verb: "get" | "list" | "patch", kind: KindName) => void;
  readonly end: () => Promise<void>;
}

/** `pageSize` of the subject's lists, where it has one, is small: the suite makes lists longer than 5. */
export function clusterContract(name: string, start: () => Promise<ClusterSubject>): void {
  const given = (what: string, run: (subject: ClusterSubject) => Promise<void>): void => {
    test(`${name}: ${what}`, async () => {
      const subject = await start();
      try {
        await run(subject);
      } finally {
        await subject.end();
      }
    });
  };

  given("lists hold one namespace, whole, by kind", async ({ cluster, store }) => {
    for (const namespace of ["a", "b"]) {
      for (let index = 0; index < 7; index += 1) put(store, "Pod", podObject(namespace, `pod-${index}`));
      put(store, "SecretProviderClass", classObject(namespace, "class"));
      put(store, "SecretProviderClassPodStatus", podStatusObject(namespace, "pod-0", "uid-0"));
      put(store, "ReplicaSet", revisionObject(namespace, "web-abc", "one"));
      put(store, "ControllerRevision", revisionObject(namespace, "db-abc", "two"));
      for (const kind of workloadKinds) put(store, kind, workloadObject(namespace, `the-${kind.toLowerCase()}`));
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
      (await cluster.classes("a")).map((found) => `${found.namespace}/${found.name}`),
      ["a/class"],
    );
    assert.deepEqual(await cluster.pods("empty"), []);
  });

  given("a pod is read with its owner, labels and state", async ({ cluster, store }) => {
    put(store, "Pod", podObject("a", "pod"));
    const [pod] = await cluster.pods("a");
    assert.deepEqual(pod?.owner, { kind: "ReplicaSet", name: "web-abc", uid: "rs-1" });
    assert.equal(pod?.revision, "abc");
    assert.equal(pod?.phase, "Running");
    assert.equal(pod?.ready, true);
  });

  given("a Secret is read, missing or forbidden", async ({ cluster, store, forbid }) => {
    put(store, "Secret", secretObject("a", "app", { color: "blue" }));
    const secret = await cluster.secret("a", "app");
    assert.equal(textOf(secret?.data.get("color")), "blue");
    assert.equal(secret?.managed, true);
    assert.equal(await cluster.secret("a", "other"), undefined);
    forbid("get", "Secret");
    await problem(cluster.secret("a", "app"), "forbidden");
  });

  given("writeSecret writes exactly the bytes of exactly the given keys", async ({ cluster, store }) => {
    const before = put(store, "Secret", secretObject("a", "app", { color: "blue", keep: "me" }), "csi-secrets-store");
    const written = new Map([
      ["color", SecretValue.fromText("ünïcödé \u{1f680}\r\n")],
      ["binary", SecretValue.fromBytes(Uint8Array.from({ length: 256 }, (_, index) => index))],
      ["empty", SecretValue.fromText("")],
    ]);
    const secret = await cluster.secret("a", "app");
    const result = await cluster.writeSecret("a", "app", written, secret?.resourceVersion ?? "");
    const after = await cluster.secret("a", "app");
    for (const seen of [result, after]) {
      for (const [key, value] of written) assert.ok(seen?.data.get(key)?.equals(value), key);
      assert.equal(textOf(seen?.data.get("keep")), "me");
      assert.equal(seen?.data.size, 4);
    }
    assert.notEqual(result.resourceVersion, secret?.resourceVersion);
    assert.equal(after?.resourceVersion, result.resourceVersion);
    assert.deepEqual(
      after?.writers.find((writer) => writer.manager === "rotation-bridge")?.keys,
      new Set(written.keys()),
    );
    assert.deepEqual(after?.writers.find((writer) => writer.manager === "csi-secrets-store")?.keys, new Set(["keep"]));
    const now = store.get("Secret", "a", "app");
    assert.deepEqual(without(now, "data", "metadata"), without(before, "data", "metadata"));
  });

  given("writeSecret of what is there already changes nothing", async ({ cluster, store }) => {
    put(store, "Secret", secretObject("a", "app", { color: "blue" }), "csi-secrets-store");
    const before = await cluster.secret("a", "app");
    const data = new Map([["color", SecretValue.fromText("blue")]]);
    const after = await cluster.writeSecret("a", "app", data, before?.resourceVersion ?? "");
    assert.equal(after.resourceVersion, before?.resourceVersion);
    assert.deepEqual(after.writers, before?.writers);
  });

  given("writeSecret refuses an older resourceVersion, a missing Secret and an immutable one", async (subject) => {
    const { cluster, store } = subject;
    const data = new Map([["color", SecretValue.fromText("orange")]]);
    const old = put(store, "Secret", secretObject("a", "app", { color: "blue" }));
    store.mergePatch("Secret", "a", "app", { metadata: { labels: { touched: "yes" } } }, { fieldManager: "kubectl" });
    await problem(cluster.writeSecret("a", "app", data, versionOf(old)), "conflict");
    assert.equal(textOf((await cluster.secret("a", "app"))?.data.get("color")), "blue");
    await problem(cluster.writeSecret("a", "none", data, "1"), "not-found");
    assert.equal(store.find("Secret", "a", "none"), undefined);
    const immutable = put(store, "Secret", { ...secretObject("a", "fixed", { color: "blue" }), immutable: true });
    await problem(cluster.writeSecret("a", "fixed", data, versionOf(immutable)), "rejected");
  });

  given("a missing permission and a webhook's denial are told apart", async ({ cluster, store, forbid }) => {
    const secret = put(store, "Secret", secretObject("a", "app", { color: "blue" }));
    const data = new Map([["color", SecretValue.fromText("orange")]]);
    const open = store.admit((request) => {
      if (request.verb === "delete") return undefined;
      throw new ApiError(403, "Forbidden", 'admission webhook "policy.example.com" denied the request: not today');
    });
    await problem(cluster.writeSecret("a", "app", data, versionOf(secret)), "rejected");
    open();
    forbid("patch", "Secret");
    await problem(cluster.writeSecret("a", "app", data, versionOf(secret)), "forbidden");
  });

  for (const kind of workloadKinds) {
    given(`restart of a ${kind} changes its marker and nothing else`, async ({ cluster, store }) => {
      const before = put(store, kind, workloadObject("a", "web"));
      const result = await cluster.restart("a", { kind, name: "web" }, "kv/secret/c=1@2", versionOf(before));
      assert.equal(result.marker, "kv/secret/c=1@2");
      assert.equal(result.generation, 2);
      assert.notEqual(result.restartedByUsAt, undefined);
      assert.deepEqual(
        (await cluster.workloads("a")).map(({ kind, name, marker }) => [kind, name, marker]),
        [[kind, "web", "kv/secret/c=1@2"]],
      );
      const undone = store.mergePatch(
        kind,
        "a",
        "web",
        { spec: { template: { metadata: { annotations: { "rotation-bridge/versions": null } } } } },
        { fieldManager: "kubectl" },
      );
      assert.deepEqual(undone["spec"], before["spec"]);
      await problem(cluster.restart("a", { kind, name: "web" }, "other", versionOf(before)), "conflict");
      await problem(cluster.restart("a", { kind, name: "none" }, "other", "1"), "not-found");
    });
  }

  given("restart with the marker that is there already is no new template", async ({ cluster, store }) => {
    const before = put(store, "Deployment", workloadObject("a", "web"));
    const ref = { kind: "Deployment", name: "web" } as const;
    const first = await cluster.restart("a", ref, "m", versionOf(before));
    const second = await cluster.restart("a", ref, "m", first.resourceVersion);
    assert.equal(second.generation, first.generation);
    assert.equal(second.resourceVersion, first.resourceVersion);
  });

  given("touchPodStatus changes the object and not what it says", async ({ cluster, store }) => {
    const made = put(store, "SecretProviderClassPodStatus", podStatusObject("a", "pod-0", "uid-0"));
    const before = await cluster.podStatuses("a");
    await cluster.touchPodStatus("a", "pod-0-a-class", 1_700_000_000_000);
    assert.notEqual(versionOf(store.get("SecretProviderClassPodStatus", "a", "pod-0-a-class")), versionOf(made));
    assert.deepEqual(await cluster.podStatuses("a"), before);
    await problem(cluster.touchPodStatus("a", "none", 0), "not-found");
  });

  given("the index follows classes that come, change and go", async ({ cluster, store }) => {
    for (let index = 0; index < 6; index += 1) put(store, "SecretProviderClass", classObject("a", `c-${index}`));
    assert.equal((await cluster.index()).length, 6);
    put(store, "SecretProviderClass", classObject("b", "new", "shape"));
    store.delete("SecretProviderClass", "a", "c-0");
    store.mergePatch("SecretProviderClass", "a", "c-1", { spec: { provider: "vault" } }, { fieldManager: "kubectl" });
    const seen = new Map((await cluster.index()).map((found) => [`${found.namespace}/${found.name}`, found]));
    assert.deepEqual([...seen.keys()].toSorted(), ["a/c-1", "a/c-2", "a/c-3", "a/c-4", "a/c-5", "b/new"]);
    assert.equal(seen.get("a/c-1")?.provider, "vault");
    const content = seen.get("b/new")?.content;
    assert.deepEqual(content?.ok === true ? content.objects.map((object) => object.id) : content, ["secret/shape"]);
  });

  given("the index survives that the cluster forgets old changes", async ({ cluster, store }) => {
    put(store, "SecretProviderClass", classObject("a", "one"));
    assert.equal((await cluster.index()).length, 1);
    put(store, "SecretProviderClass", classObject("a", "two"));
    store.compact();
    assert.equal((await cluster.index()).length, 2);
    put(store, "SecretProviderClass", classObject("a", "three"));
    assert.equal((await cluster.index()).length, 3);
  });

  given("a driver that cannot be read is unknown", async ({ cluster }) => {
    const driver = await cluster.driver();
    assert.equal(driver.generation, "unknown");
    assert.equal(driver.rotation, "unknown");
  });

  given("the driver is read from its DaemonSet", async ({ cluster, store }) => {
    put(store, "CSIDriver", { metadata: { name: "secrets-store.csi.k8s.io" }, spec: { requiresRepublish: false } });
    const container = {
      name: "secrets-store",
      image: "mcr.microsoft.com/oss/v2/kubernetes-csi/secrets-store/driver:v1.5.6",
      args: ["--endpoint=$(CSI_ENDPOINT)", "--enable-secret-rotation=true", "--rotation-poll-interval=1m30s"],
    };
    put(store, "DaemonSet", {
      metadata: { namespace: "kube-system", name: "aks-secrets-store-csi-driver" },
      spec: { template: { spec: { containers: [container] } } },
    });
    assert.deepEqual(await cluster.driver(), { generation: "1.5", rotation: "on", pollIntervalMs: 90_000 });
  });
}

const workloadKinds: readonly WorkloadKind[] = ["Deployment", "StatefulSet", "DaemonSet"];

async function problem(work: Promise<unknown>, kind: RemoteProblem["kind"]): Promise<void> {
  await assert.rejects(work, (error) => {
    assert.ok(error instanceof RemoteProblem, String(error));
    assert.equal(error.kind, kind, error.message);
    return true;
  });
}

function textOf(value: SecretValue | undefined): string | undefined {
  return value === undefined ? undefined : new TextDecoder().decode(value.reveal());
}

function versionOf(object: { readonly [key: string]: unknown }): string {
  const metadata = object["metadata"];
  const version =
    typeof metadata === "object" && metadata !== null && "resourceVersion" in metadata ? metadata.resourceVersion : "";
  return String(version);
}
