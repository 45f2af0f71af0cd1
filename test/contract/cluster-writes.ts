/** The part of the Cluster port's contract that is about the bridge's three patches. */

import assert from "node:assert/strict";
import { without } from "../../local/cluster/json.ts";
import { SecretValue } from "../../shared/core/secret-value.ts";
import { problem, textOf, versionOf, workloadKinds } from "./cluster-checks.ts";
import type { Given } from "./cluster-checks.ts";
import { podStatusObject, secretObject, workloadObject } from "./cluster-objects.ts";

export function writeCases(given: Given): void {
  given("writeSecret writes exactly the bytes of exactly the given keys", async ({ cluster, held }) => {
    const before = await held.put(
      "Secret",
      secretObject("a", "app", { color: "blue", keep: "me" }),
      "csi-secrets-store",
    );
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
    const now = await held.get("Secret", "a", "app");
    assert.deepEqual(without(now, "data", "metadata"), without(before, "data", "metadata"));
  });

  given("writeSecret of what is there already changes nothing", async ({ cluster, held }) => {
    await held.put("Secret", secretObject("a", "app", { color: "blue" }), "csi-secrets-store");
    const before = await cluster.secret("a", "app");
    const data = new Map([["color", SecretValue.fromText("blue")]]);
    const after = await cluster.writeSecret("a", "app", data, before?.resourceVersion ?? "");
    assert.equal(after.resourceVersion, before?.resourceVersion);
    assert.deepEqual(after.writers, before?.writers);
  });

  given("writeSecret refuses an older resourceVersion, a missing Secret and an immutable one", async (subject) => {
    const { cluster, held } = subject;
    const data = new Map([["color", SecretValue.fromText("orange")]]);
    const old = await held.put("Secret", secretObject("a", "app", { color: "blue" }));
    await held.patch("Secret", "a", "app", { metadata: { labels: { touched: "yes" } } }, "kubectl");
    await problem(cluster.writeSecret("a", "app", data, versionOf(old)), "conflict");
    assert.equal(textOf((await cluster.secret("a", "app"))?.data.get("color")), "blue");
    await problem(cluster.writeSecret("a", "none", data, "1"), "not-found");
    assert.equal(await held.find("Secret", "a", "none"), undefined);
    const immutable = await held.put("Secret", { ...secretObject("a", "fixed", { color: "blue" }), immutable: true });
    await problem(cluster.writeSecret("a", "fixed", data, versionOf(immutable)), "rejected");
  });

  given("a missing permission and a webhook's denial are told apart", async ({ cluster, held, forbid, deny }) => {
    const secret = await held.put("Secret", secretObject("a", "app", { color: "blue" }));
    const data = new Map([["color", SecretValue.fromText("orange")]]);
    const open = await deny("not today");
    await problem(cluster.writeSecret("a", "app", data, versionOf(secret)), "rejected");
    await open();
    await forbid("patch", "Secret");
    await problem(cluster.writeSecret("a", "app", data, versionOf(secret)), "forbidden");
  });

  for (const kind of workloadKinds) {
    given(`restart of a ${kind} changes its marker and nothing else`, async ({ cluster, held }) => {
      const before = await held.put(kind, workloadObject("a", "web"));
      const result = await cluster.restart("a", { kind, name: "web" }, "kv/secret/c=1@2", versionOf(before));
      assert.equal(result.marker, "kv/secret/c=1@2");
      assert.equal(result.generation, 2);
      assert.notEqual(result.restartedByUsAt, undefined);
      assert.deepEqual(
        (await cluster.workloads("a")).map(({ kind, name, marker }) => [kind, name, marker]),
        [[kind, "web", "kv/secret/c=1@2"]],
      );
      const undone = await held.patch(
        kind,
        "a",
        "web",
        { spec: { template: { metadata: { annotations: { "rotation-bridge/versions": null } } } } },
        "kubectl",
      );
      assert.deepEqual(undone["spec"], before["spec"]);
      await problem(cluster.restart("a", { kind, name: "web" }, "other", versionOf(before)), "conflict");
      await problem(cluster.restart("a", { kind, name: "none" }, "other", "1"), "not-found");
    });
  }

  given("restart with the marker that is there already is no new template", async ({ cluster, held }) => {
    const before = await held.put("Deployment", workloadObject("a", "web"));
    const ref = { kind: "Deployment", name: "web" } as const;
    const first = await cluster.restart("a", ref, "m", versionOf(before));
    const second = await cluster.restart("a", ref, "m", first.resourceVersion);
    assert.equal(second.generation, first.generation);
    assert.equal(second.resourceVersion, first.resourceVersion);
  });

  given(
    "touchPodStatus changes the object, and of what it says only when it was touched",
    async ({ cluster, held }) => {
      const made = await held.put("SecretProviderClassPodStatus", podStatusObject("a", "pod-0", "uid-0"));
      const before = await cluster.podStatuses("a");
      await cluster.touchPodStatus("a", "pod-0-a-class", 1_700_000_000_000);
      assert.notEqual(versionOf(await held.get("SecretProviderClassPodStatus", "a", "pod-0-a-class")), versionOf(made));
      const touched = before.map((status) => ({ ...status, touchedAt: 1_700_000_000_000 }));
      assert.deepEqual(await cluster.podStatuses("a"), touched);
      await problem(cluster.touchPodStatus("a", "none", 0), "not-found");
    },
  );
}
