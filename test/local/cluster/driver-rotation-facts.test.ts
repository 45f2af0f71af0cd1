/** What the real drivers 1.5.6 and 1.6.1 were measured to do with rotation on; section numbers are of the measured sheet. */

import { test } from "node:test";
import assert from "node:assert/strict";
import { at, listAt, numberAt, textAt } from "../../../local/cluster/json.ts";
import { uidOf } from "../../../local/cluster/objects.ts";
import { bridgeRestart, bridgeWrite, livePods, liveValues, providerClass, rig, workload } from "./fixture.ts";
import type { Rig } from "./fixture.ts";

const generations = ["1.5", "1.6"] as const;
type Generation = (typeof generations)[number];

/** Polls and syncs as in the measurement: every 10 s. The first poll of each node is 10 s after its driver's start. */
async function running(
  generation: Generation,
  { shape = {}, ...options }: { shape?: Parameters<typeof workload>[0] } & Parameters<typeof rig>[0] = {},
): Promise<Rig> {
  const timing = { resyncMs: 8000 };
  const r = rig({ generation, rotation: "on", pollIntervalMs: 10_000, timing, ...options });
  r.vault.set("s2", "two");
  r.cluster.apply(providerClass());
  r.cluster.apply(workload(shape));
  await r.clock.advance(20_000);
  return r;
}

/** Two poll intervals and the longest wait for a sync: every pod's mount was brought up to date at least once. */
const refreshMs = 32_000;

const value = ({ cluster }: Rig): string | undefined => cluster.secretValue("default", "app", "k");
const statuses = ({ cluster }: Rig) => cluster.store.list("SecretProviderClassPodStatus", "default").items;
const versions = (r: Rig) => statuses(r).flatMap((status) => listAt(status, "status", "objects").map(versionOf));
const versionOf = (object: unknown) => (typeof object === "object" ? JSON.stringify(object) : "");
const mounted = (r: Rig) => livePods(r).map((pod) => r.cluster.mountedFiles("default", pod)["k"]);

function eventCount({ cluster }: Rig, reason: string): number {
  const events = cluster.store.list("Event", "default").items.filter((event) => textAt(event, "reason") === reason);
  return events.reduce((sum, event) => sum + (numberAt(event, "count") ?? 1), 0);
}

const classWith = (objects: readonly string[], secrets: Readonly<Record<string, Readonly<Record<string, string>>>>) =>
  providerClass(
    objects,
    Object.entries(secrets).map(([secret, data]) => ({ secret, data })),
  );

for (const generation of generations) {
  test(`${generation}: a new version reaches mounts, statuses and Secret with no restart; statuses stay the same objects (4, 6)`, async () => {
    const r = await running(generation, { shape: { replicas: 4 } });
    const before = statuses(r).map(uidOf);
    const starts = r.cluster.starts.length;
    r.vault.set("k", "v2");
    await r.clock.advance(refreshMs);
    assert.deepEqual(mounted(r), ["v2", "v2", "v2", "v2"]);
    assert.equal(new Set(versions(r)).size, 1);
    assert.equal(value(r), "v2");
    assert.deepEqual(statuses(r).map(uidOf), before);
    assert.equal(r.cluster.starts.length, starts);
    r.cluster.stop();
  });

  test(`${generation}: nothing changes once all statuses show the version (4)`, async () => {
    const r = await running(generation, { shape: { replicas: 4 } });
    r.vault.set("k", "v2");
    bridgeWrite(r, { k: "v2" });
    await r.clock.advance(refreshMs);
    const { resourceVersion } = Object(r.cluster.store.get("Secret", "default", "app")["metadata"]);
    for (let round = 0; round < 10; round += 1) {
      for (const pod of livePods(r)) r.cluster.tick("default", pod);
      await r.clock.advance(10_000);
    }
    assert.equal(Object(r.cluster.store.get("Secret", "default", "app")["metadata"]).resourceVersion, resourceVersion);
    r.cluster.stop();
  });

  test(`${generation}: the vault's new value, written while mounts are old, stays (1)`, async () => {
    const r = await running(generation);
    r.vault.set("k", "v2");
    bridgeWrite(r, { k: "v2" });
    const seen = new Set<string | undefined>();
    for (let second = 0; second < 345; second += 1) {
      await r.clock.advance(1000);
      seen.add(value(r));
    }
    assert.deepEqual(seen, new Set(["v2"]));
    r.cluster.stop();
  });

  test(`${generation}: written first and restarted then, also beside a workload that is not restarted, it stays right (2)`, async () => {
    const r = await running(generation, { shape: { replicas: 5 } });
    r.cluster.apply(workload({ name: "side" }));
    await r.clock.advance(10_000);
    r.vault.set("k", "v2");
    bridgeWrite(r, { k: "v2" });
    await r.clock.advance(1000);
    bridgeRestart(r, "m");
    await r.clock.advance(15_000);
    const side = ({ pod }: { readonly pod: string }) => pod.startsWith("side");
    const envs = r.cluster.running("default").map((start) => [side(start), start.env["VALUE"]].join());
    assert.deepEqual(new Set(envs), new Set(["false,v2", "true,v1"]));
    await r.clock.advance(600_000);
    assert.equal(value(r), "v2");
    assert.deepEqual(new Set(mounted(r)), new Set(["v2"]));
    r.cluster.stop();
  });

  test(`${generation}: a deleted Secret comes back 300 s after the mount all the same (7)`, async () => {
    const r = await running(generation, { shape: { replicas: 1 } });
    r.cluster.delete("Secret", "default", "app");
    await r.clock.advance(279_000);
    assert.equal(value(r), undefined);
    if (generation === "1.5") assert.ok(eventCount(r, "SecretRotationFailed") > 20, "it says so at every poll");
    await r.clock.advance(3000);
    assert.equal(value(r), "v1");
    r.cluster.stop();
  });

  test(`${generation}: a class that gains an object: its keys and Secrets come with the next ${generation === "1.5" ? "poll" : "publish"} (8)`, async () => {
    const r = await running(generation);
    r.cluster.apply(classWith(["k", "s2"], { app: { k: "k", k2: "s2" }, other: { x: "k" }, third: { y: "s2" } }));
    await r.clock.advance(refreshMs);
    const { cluster } = r;
    assert.equal(cluster.secretValue("default", "app", "k2"), "two");
    assert.equal(cluster.secretValue("default", "other", "x"), "v1");
    assert.equal(cluster.secretValue("default", "third", "y"), "two");
    r.cluster.stop();
  });

  test(`${generation}: with no new object, a new key comes ${generation === "1.5" ? "with the next poll" : "at the tick"}, a new Secret at the tick (code)`, async () => {
    const r = await running(generation, { shape: { replicas: 1 } });
    r.cluster.apply(classWith(["k"], { app: { k: "k", again: "k" }, other: { x: "k" } }));
    await r.clock.advance(refreshMs);
    assert.equal(r.cluster.secretValue("default", "app", "again"), generation === "1.5" ? "v1" : undefined);
    assert.equal(r.cluster.secretValue("default", "other", "x"), undefined);
    r.cluster.tick("default", livePods(r)[0] ?? "");
    await r.clock.advance(50);
    assert.equal(r.cluster.secretValue("default", "app", "again"), "v1");
    assert.equal(r.cluster.secretValue("default", "other", "x"), "v1");
    r.cluster.stop();
  });

  test(`${generation}: while an object is disabled nothing rotates, and a written value stays until ${generation === "1.5" ? "it can mount" : "the tick"} (5)`, async () => {
    const r = await running(generation, { shape: { replicas: 1 } });
    r.cluster.apply(providerClass(["k", "s2"]));
    await r.clock.advance(refreshMs);
    r.vault.disable("s2");
    r.vault.set("k", "v2");
    bridgeWrite(r, { k: "v2" });
    const failures = eventCount(r, "MountRotationFailed");
    await r.clock.advance(60_000);
    assert.deepEqual(mounted(r), ["v1"]);
    assert.equal(value(r), "v2");
    assert.equal(eventCount(r, "FailedMount"), 0);
    const failed = eventCount(r, "MountRotationFailed") - failures;
    if (generation === "1.6") assert.equal(failed, 0, "the error is hidden");
    else assert.ok(failed >= 6, "one poll or one new try after 10 s after the other");
    r.cluster.tick("default", livePods(r)[0] ?? "");
    await r.clock.advance(50);
    assert.equal(value(r), generation === "1.5" ? "v2" : "v1");
    r.vault.disable("s2", false);
    await r.clock.advance(refreshMs);
    assert.deepEqual([mounted(r), value(r)], [["v2"], "v2"]);
    r.cluster.stop();
  });

  test(`${generation}: pods that are ending or have ended are not read for any more (csi-driver 5)`, async () => {
    const shape = { kind: "Job" } as const;
    const r = await running(generation, { shape });
    // No poll is under way then.
    await r.clock.advance(5000);
    r.cluster.finish("default", livePods(r)[0] ?? "");
    const { reads } = r.vault;
    await r.clock.advance(60_000);
    assert.equal(r.vault.reads, reads);
    r.cluster.apply(workload({ kind: "Pod", spec: { terminationGracePeriodSeconds: 60 } }));
    r.cluster.timing.stopDelayMs = 60_000;
    await r.clock.advance(30_000);
    assert.ok(r.vault.reads > reads + 1, "a live one is");
    r.cluster.delete("Pod", "default", "web");
    const left = r.vault.reads;
    await r.clock.advance(25_000);
    assert.equal(r.vault.reads, left);
    r.cluster.stop();
  });

  test(`${generation}: a Secret without the managed label is never touched (1)`, async () => {
    const r = rig({ generation, rotation: "on", pollIntervalMs: 10_000 });
    const metadata = { name: "app", namespace: "default" };
    r.cluster.apply({ apiVersion: "v1", kind: "Secret", metadata, stringData: { k: "mine" } });
    r.cluster.apply(providerClass());
    r.cluster.apply(workload());
    await r.clock.advance(320_000);
    assert.equal(value(r), "mine");
    assert.equal(eventCount(r, "SecretRotationFailed") > 0, generation === "1.5");
    r.cluster.stop();
  });

  test(`${generation}: the API shows that rotation is on and how often`, async () => {
    const r = await running(generation);
    const driver = r.cluster.store.get("CSIDriver", "", "secrets-store.csi.k8s.io");
    assert.equal(at(driver, "spec", "requiresRepublish"), generation === "1.5" ? undefined : true);
    const set = r.cluster.store.get("DaemonSet", "kube-system", "aks-secrets-store-csi-driver");
    const args = listAt(listAt(set, "spec", "template", "spec", "containers")[0], "args");
    assert.deepEqual(args, ["--enable-secret-rotation=true", "--rotation-poll-interval=10s"]);
    r.cluster.stop();
  });

  for (const before of ["a poll or publish", "the tick"] as const) {
    const kept = generation === "1.6" && before !== "the tick";
    test(`${generation}: ${before} ${kept ? "keeps" : "reverts"} a foreign value and key; label and annotation stay (1)`, async () => {
      const r = await running(generation, { shape: { replicas: 1 } });
      const metadata = { labels: { mine: "yes" }, annotations: { mine: "yes" } };
      const data = { k: Buffer.from("foreign").toString("base64"), extra: "eA==" };
      r.cluster.patch("Secret", "default", "app", { metadata, data }, "somebody");
      await r.clock.advance(before === "the tick" ? 285_000 : refreshMs);
      assert.equal(value(r), kept ? "foreign" : "v1");
      assert.equal(r.cluster.secretValue("default", "app", "extra"), kept ? "x" : undefined);
      const secret = r.cluster.store.get("Secret", "default", "app");
      assert.equal(textAt(secret, "metadata", "labels", "mine"), "yes");
      assert.equal(textAt(secret, "metadata", "annotations", "mine"), "yes");
      r.cluster.stop();
    });
  }
}

test("1.5: restarted without a write, pods start with the old env until the next poll (3)", async () => {
  const r = await running("1.5", { shape: { replicas: 3 }, pollIntervalMs: 120_000 });
  r.vault.set("k", "v2");
  bridgeRestart(r, "m");
  await r.clock.advance(15_000);
  assert.deepEqual(liveValues(r), ["v1", "v1", "v1"]);
  await r.clock.advance(100_000);
  assert.equal(value(r), "v2");
  r.cluster.stop();
});

test("1.5: every poll reads each pod's objects once and says SecretRotationComplete, changed or not (1, 6)", async () => {
  const r = await running("1.5", { shape: { replicas: 8 } });
  const before = { reads: r.vault.reads, said: eventCount(r, "SecretRotationComplete") };
  const { resourceVersion } = Object(r.cluster.store.get("Secret", "default", "app")["metadata"]);
  await r.clock.advance(60_000);
  assert.equal(r.vault.reads - before.reads, 8 * 6);
  assert.equal(eventCount(r, "SecretRotationComplete") - before.said, 8 * 6);
  assert.equal(eventCount(r, "MountRotationComplete"), 0);
  assert.equal(Object(r.cluster.store.get("Secret", "default", "app")["metadata"]).resourceVersion, resourceVersion);
  r.cluster.stop();
});

test("1.5: one worker on each node: mounts come one after the other (6)", async () => {
  const nodes = ["one"];
  const r = await running("1.5", { shape: { replicas: 5 }, nodes, driverTiming: { mountMs: 1000 } });
  r.vault.set("k", "v2");
  const seen = new Set<number>();
  for (let step = 0; step < 60; step += 1) {
    await r.clock.advance(300);
    seen.add(mounted(r).filter((file) => file === "v2").length);
  }
  assert.deepEqual(seen, new Set([0, 1, 2, 3, 4, 5]));
  r.cluster.stop();
});

test("1.6: the interval counts from the last change only: an unchanged mount is read at every publish (6)", async () => {
  const timing = { resyncMs: 5000 };
  const r = await running("1.6", { shape: { replicas: 1 }, pollIntervalMs: 30_000, timing });
  const counts: number[] = [];
  for (let step = 0; step < 12; step += 1) {
    const { reads } = r.vault;
    if (step === 9) r.vault.set("k", "v2");
    await r.clock.advance(10_000);
    counts.push(r.vault.reads - reads);
  }
  assert.deepEqual(counts.slice(0, 1), [0], "the mount is young");
  assert.ok(
    counts.slice(2, 9).every((count) => count >= 1),
    counts.join(),
  );
  assert.deepEqual(counts.slice(9), [1, 0, 0], "the change, and the interval after it");
  r.cluster.stop();
});

test("1.6: a real kubelet publishes every 60 to 90 s (csi-driver 6.3)", async () => {
  const r = await running("1.6", { shape: { replicas: 1 }, timing: {} });
  const times: number[] = [];
  for (let second = 0; second < 1200; second += 1) {
    const { reads } = r.vault;
    await r.clock.advance(1000);
    if (r.vault.reads > reads) times.push(second);
  }
  const gaps = times.slice(1).map((time, index) => time - (times[index] ?? 0));
  assert.ok(gaps.length > 10 && gaps.every((gap) => gap >= 60 && gap <= 91), gaps.join());
  assert.ok(new Set(gaps).size > 5, "not all the same");
  r.cluster.stop();
});

for (const [age, agedMs, expected] of [
  ["older", 130_000, "v2"],
  ["younger", 60_000, "v1"],
] as const) {
  test(`1.6: an annotation on a pod brings the new version at once where its content is ${age} than the interval (csi-driver 6.3)`, async () => {
    const r = await running("1.6", { shape: { replicas: 1 }, pollIntervalMs: 120_000, timing: {} });
    await r.clock.advance(agedMs - 20_000);
    r.vault.set("k", "v2");
    const [pod = ""] = livePods(r);
    r.cluster.patch("Pod", "default", pod, { metadata: { annotations: { nudge: "1" } } });
    await r.clock.advance(300);
    assert.deepEqual([mounted(r), value(r)], [[expected], expected]);
    r.cluster.stop();
  });
}

test("1.6: an old mount's tick before its publish reverts what was written; the publish puts it right (2)", async () => {
  const r = await running("1.6", { shape: { replicas: 1 }, pollIntervalMs: 120_000, timing: {} });
  await r.clock.advance(200_000);
  r.vault.set("k", "v2");
  bridgeWrite(r, { k: "v2" });
  r.cluster.tick("default", livePods(r)[0] ?? "");
  await r.clock.advance(50);
  assert.equal(value(r), "v1");
  await r.clock.advance(95_000);
  assert.deepEqual([mounted(r), value(r)], [["v2"], "v2"]);
  r.cluster.stop();
});

test("A lost node's pods are refreshed when it is back", async () => {
  for (const generation of generations) {
    const r = await running(generation, { nodes: ["one"] });
    r.cluster.loseNode("one");
    r.vault.set("k", "v2");
    await r.clock.advance(refreshMs);
    assert.deepEqual([mounted(r), value(r)], [["v1", "v1"], "v1"]);
    r.cluster.recoverNode("one");
    await r.clock.advance(refreshMs);
    assert.deepEqual([mounted(r), value(r)], [["v2", "v2"], "v2"]);
    r.cluster.stop();
  }
});
