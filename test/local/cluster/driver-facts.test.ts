/** What the real drivers 1.5.6 and 1.6.1 were measured to do, rotation off; section numbers are of the measured sheet. */

import { test } from "node:test";
import assert from "node:assert/strict";
import { at, listAt, textAt } from "../../../local/cluster/json.ts";
import { uidOf } from "../../../local/cluster/objects.ts";
import { bridgeRestart, bridgeWrite, livePods, liveValues, providerClass, rig, workload } from "./fixture.ts";
import type { Rig } from "./fixture.ts";

const generations = ["1.5", "1.6"] as const;

async function running(r: Rig, shape: Parameters<typeof workload>[0] = {}): Promise<Rig> {
  r.cluster.apply(providerClass());
  r.cluster.apply(workload(shape));
  await r.clock.advance(20_000);
  return r;
}

const value = ({ cluster }: Rig): string | undefined => cluster.secretValue("default", "app", "k");

for (const generation of generations) {
  test(`${generation}: written first and restarted then, every pod starts with the new env and file (2)`, async () => {
    const r = await running(rig({ generation }), { replicas: 5 });
    r.vault.set("k", "v2");
    bridgeWrite(r, { k: "v2" });
    await r.clock.advance(1000);
    bridgeRestart(r, "m");
    await r.clock.advance(15_000);
    assert.deepEqual(liveValues(r), ["v2", "v2", "v2", "v2", "v2"]);
    assert.ok(r.cluster.running("default").every(({ files }) => files["/mnt/k"] === "v2"));
    assert.equal(value(r), "v2");
    await r.clock.advance(900_000);
    assert.equal(value(r), "v2");
    r.cluster.stop();
  });

  test(`${generation}: written first, StatefulSet and DaemonSet pods start with the new env too (9)`, async () => {
    for (const kind of ["StatefulSet", "DaemonSet"] as const) {
      const r = await running(rig({ generation }), { kind, replicas: 3 });
      const before = liveValues(r).length;
      r.vault.set("k", "v2");
      bridgeWrite(r, { k: "v2" });
      await r.clock.advance(1000);
      bridgeRestart(r, "m", "web", kind);
      await r.clock.advance(30_000);
      assert.deepEqual(liveValues(r), Array<string>(before).fill("v2"));
      r.cluster.stop();
    }
  });

  test(`${generation}: a deleted Secret comes back 300 s after its pod's mount, owners a few seconds later (7)`, async () => {
    const r = await running(rig({ generation }), { replicas: 1 });
    r.cluster.delete("Secret", "default", "app");
    await r.clock.advance(279_000);
    assert.equal(value(r), undefined);
    await r.clock.advance(3000);
    assert.equal(value(r), "v1");
    await r.clock.advance(6000);
    assert.notEqual(at(r.cluster.store.get("Secret", "default", "app"), "metadata", "ownerReferences"), undefined);
    r.cluster.stop();
  });

  test(`${generation}: a deleted Secret comes back at once when a pod status is annotated (0.4)`, async () => {
    const r = await running(rig({ generation }));
    r.cluster.delete("Secret", "default", "app");
    r.cluster.touch("default", livePods(r)[0] ?? "");
    await r.clock.advance(50);
    assert.equal(value(r), "v1");
    r.cluster.stop();
  });

  test(`${generation}: deleted and then restarted, the new pods' own mount makes the Secret anew (7)`, async () => {
    const r = await running(rig({ generation }));
    r.vault.set("k", "v2");
    r.cluster.delete("Secret", "default", "app");
    bridgeRestart(r, "m");
    await r.clock.advance(15_000);
    assert.deepEqual(liveValues(r), ["v2", "v2"]);
    r.cluster.stop();
  });

  test(`${generation}: one disabled object that no Secret needs keeps every new pod from starting (5)`, async () => {
    const r = rig({ generation });
    r.vault.set("s2", "x");
    r.cluster.apply(providerClass(["k", "s2"]));
    r.cluster.apply(workload({ replicas: 5 }));
    await r.clock.advance(20_000);
    r.vault.disable("s2");
    const old = new Set(livePods(r));
    bridgeRestart(r, "m");
    await r.clock.advance(45_000);
    const fresh = r.cluster.starts.filter(({ pod }) => !old.has(pod));
    assert.equal(fresh.length, 0);
    assert.equal(at(r.cluster.store.get("Deployment", "default", "web"), "status", "readyReplicas"), 4);
    assert.equal(livePods(r).length, 7);
    const notes = r.cluster.store.list("Event", "default").items.map((event) => textAt(event, "reason"));
    assert.ok(notes.includes("FailedMount"));
    r.vault.disable("s2", false);
    await r.clock.advance(130_000);
    assert.equal(at(r.cluster.store.get("Deployment", "default", "web"), "status", "readyReplicas"), 5);
    assert.ok(livePods(r).every((pod) => !old.has(pod)));
    r.cluster.stop();
  });

  test(`${generation}: with Recreate a failing mount takes all pods down (5)`, async () => {
    const r = await running(rig({ generation }), { spec: { strategy: { type: "Recreate" } } });
    r.vault.disable("k");
    bridgeRestart(r, "m");
    await r.clock.advance(30_000);
    assert.equal(at(r.cluster.store.get("Deployment", "default", "web"), "status", "readyReplicas"), 0);
    r.cluster.stop();
  });

  test(`${generation}: the Secret is lost after a fast rollout that keeps no history, and back at the next tick (7)`, async () => {
    const r = await running(rig({ generation, timing: { readyAfterMs: 100, startDelayMs: 100, stopDelayMs: 50 } }), {
      spec: { revisionHistoryLimit: 0 },
    });
    const lost: boolean[] = [];
    for (const turn of [1, 2, 3, 4, 5, 6, 7, 8]) {
      bridgeRestart(r, `m${turn}`);
      await r.clock.advance(10_700);
      lost.push(value(r) === undefined);
    }
    assert.ok(lost.includes(true), "no rollout lost the Secret");
    await r.clock.advance(310_000);
    assert.equal(value(r), "v1");
    r.cluster.stop();
  });

  test(`${generation}: a rollout slower than the owner patcher loses nothing, nor does one with history (7)`, async () => {
    for (const limit of [0, 10]) {
      const readyAfterMs = limit === 0 ? 8000 : 100;
      const r = await running(rig({ generation, timing: { readyAfterMs } }), { spec: { revisionHistoryLimit: limit } });
      for (const turn of [1, 2, 3, 4]) {
        bridgeRestart(r, `m${turn}`);
        await r.clock.advance(40_700);
        assert.notEqual(value(r), undefined);
      }
      r.cluster.stop();
    }
  });

  test(`${generation}: a StatefulSet pod's status keeps its name over a restart and is a new object (9)`, async () => {
    const r = await running(rig({ generation }), { kind: "StatefulSet", replicas: 1 });
    const read = () => r.cluster.store.get("SecretProviderClassPodStatus", "default", "web-0-default-app");
    const before = read();
    bridgeRestart(r, "m", "web", "StatefulSet");
    await r.clock.advance(10_000);
    assert.notEqual(uidOf(read()), uidOf(before));
    const owner = listAt(read(), "metadata", "ownerReferences")[0];
    assert.equal(textAt(owner, "uid"), uidOf(r.cluster.store.get("Pod", "default", "web-0")));
    r.cluster.stop();
  });

  test(`${generation}: the pod status is there before the container starts (4)`, async () => {
    const r = rig({ generation, timing: { startDelayMs: 500 } });
    let shown: number | undefined;
    r.cluster.store.watch("SecretProviderClassPodStatus", undefined, ({ type }) => {
      if (type === "ADDED") shown ??= r.clock.now();
    });
    await running(r, { replicas: 1 });
    const lead = (r.cluster.starts[0]?.at ?? 0) - (shown ?? 0);
    assert.equal(lead, 500);
    r.cluster.stop();
  });

  test(`${generation}: a Secret of that name without the managed label is never touched (1)`, async () => {
    const r = rig({ generation });
    const metadata = { name: "app", namespace: "default" };
    r.cluster.apply({ apiVersion: "v1", kind: "Secret", metadata, stringData: { k: "mine" } });
    await running(r);
    await r.clock.advance(320_000);
    assert.equal(value(r), "mine");
    const secret = r.cluster.store.get("Secret", "default", "app");
    assert.equal(at(secret, "metadata", "ownerReferences"), undefined);
    const notes = r.cluster.store.list("Event").items.map((event) => textAt(event, "reason"));
    assert.equal(notes.includes("FailedToCreateSecret"), generation === "1.6");
    r.cluster.stop();
  });

  test(`${generation}: keys that the mount does not give fail their Secret only, and a foreign write of it stays (8)`, async () => {
    const r = rig({ generation });
    await running(r);
    r.vault.set("s2", "two");
    r.cluster.apply(
      providerClass(
        ["k", "s2"],
        [
          { secret: "app", data: { k: "k", k2: "s2" } },
          { secret: "other", data: { x: "k" } },
        ],
      ),
    );
    bridgeWrite(r, { k: "v2", k2: "two" });
    for (const pod of livePods(r)) r.cluster.tick("default", pod);
    await r.clock.advance(10_000);
    assert.equal(value(r), "v2");
    assert.equal(r.cluster.secretValue("default", "app", "k2"), "two");
    assert.equal(r.cluster.secretValue("default", "other", "x"), "v1");
    r.cluster.stop();
  });

  test(`${generation}: a new key of an existing Secret comes ${generation === "1.5" ? "never" : "after a restart"} (8)`, async () => {
    const r = await running(rig({ generation }));
    r.vault.set("s2", "two");
    r.cluster.apply(
      providerClass(
        ["k", "s2"],
        [
          { secret: "app", data: { k: "k", k2: "s2" } },
          { secret: "other", data: { x: "s2" } },
        ],
      ),
    );
    await r.clock.advance(310_000);
    assert.equal(r.cluster.secretValue("default", "app", "k2"), undefined);
    bridgeRestart(r, "m");
    await r.clock.advance(20_000);
    assert.equal(r.cluster.secretValue("default", "app", "k2"), generation === "1.5" ? undefined : "two");
    assert.equal(r.cluster.secretValue("default", "other", "x"), "two");
    r.cluster.stop();
  });
}

test("1.5: restarted without a write, every pod starts with the old env and the new file (3)", async () => {
  const r = await running(rig({ generation: "1.5" }), { replicas: 5 });
  r.vault.set("k", "v2");
  bridgeRestart(r, "m");
  await r.clock.advance(15_000);
  assert.deepEqual(liveValues(r), ["v1", "v1", "v1", "v1", "v1"]);
  assert.ok(r.cluster.running("default").every(({ files }) => files["/mnt/k"] === "v2"));
  await r.clock.advance(600_000);
  assert.equal(value(r), "v1");
  r.cluster.stop();
});

for (const [startDelayMs, expected] of [
  [500, "v2"],
  [0, "v1"],
] as const) {
  test(`1.6: restarted without a write it is a race: env read ${startDelayMs} ms after the mount is ${expected} (3)`, async () => {
    const r = await running(rig({ generation: "1.6", timing: { startDelayMs } }), { replicas: 1 });
    r.vault.set("k", "v2");
    bridgeRestart(r, "m");
    await r.clock.advance(10_000);
    assert.deepEqual(liveValues(r), [expected]);
    assert.equal(value(r), "v2");
    r.cluster.stop();
  });
}

/** Section 1: a foreign value, an extra key, a label and an annotation; what is left of them after each event. */
const foreign = [
  { event: "the tick, 300 s after the mount", kept: { "1.5": true, "1.6": false } },
  { event: "a change of the pod status", kept: { "1.5": true, "1.6": false } },
  { event: "one more pod of the old content", kept: { "1.5": true, "1.6": false } },
  { event: "a restart of the driver", kept: { "1.5": true, "1.6": false } },
  { event: "nothing", kept: { "1.5": true, "1.6": true } },
] as const;

for (const { event, kept } of foreign) {
  for (const generation of generations) {
    const outcome = kept[generation] ? "keeps" : "reverts";
    test(`${generation}: after ${event} the driver ${outcome} a foreign value; label and annotation stay (1)`, async () => {
      const r = await running(rig({ generation }));
      const metadata = { labels: { mine: "yes" }, annotations: { mine: "yes" } };
      const data = { k: Buffer.from("foreign").toString("base64"), extra: "eA==" };
      r.cluster.patch("Secret", "default", "app", { metadata, data }, "somebody");
      if (event.startsWith("the tick")) await r.clock.advance(275_000);
      assert.equal(value(r), "foreign", "too early");
      if (event.startsWith("a change")) r.cluster.touch("default", livePods(r)[0] ?? "");
      if (event.startsWith("one more")) r.cluster.scale("Deployment", "default", "web", 3);
      if (event.startsWith("a restart")) r.cluster.restartDrivers();
      await r.clock.advance(10_000);
      assert.equal(value(r), kept[generation] ? "foreign" : "v1");
      assert.equal(r.cluster.secretValue("default", "app", "extra"), kept[generation] ? "x" : undefined);
      const secret = r.cluster.store.get("Secret", "default", "app");
      assert.equal(textAt(secret, "metadata", "labels", "mine"), "yes");
      assert.equal(textAt(secret, "metadata", "annotations", "mine"), "yes");
      r.cluster.stop();
    });
  }
}

test("1.6: an old mount that is left over puts the old value back at its tick, the new pods theirs (0.3)", async () => {
  const r = await running(rig({ generation: "1.6" }));
  r.cluster.apply(workload({ name: "side", replicas: 1 }));
  await r.clock.advance(60_000);
  r.vault.set("k", "v2");
  bridgeWrite(r, { k: "v2" });
  await r.clock.advance(1000);
  bridgeRestart(r, "m");
  const seen = new Set<string | undefined>();
  for (let step = 0; step < 40; step += 1) {
    await r.clock.advance(10_000);
    seen.add(value(r));
  }
  assert.deepEqual(seen, new Set(["v2", "v1"]));
  r.cluster.stop();
});

test("1.6: converged and wrong at once is possible: an old pod's tick after the last new pod's mount (0.2)", async () => {
  const r = await running(rig({ generation: "1.6", timing: { readyAfterMs: 8000 } }));
  const spec = { strategy: { rollingUpdate: { maxSurge: "100%", maxUnavailable: 0 } } };
  r.cluster.apply(workload({ spec }));
  await r.clock.advance(271_000);
  r.vault.set("k", "v2");
  bridgeWrite(r, { k: "v2" });
  await r.clock.advance(1000);
  bridgeRestart(r, "m");
  await r.clock.advance(20_000);
  assert.deepEqual(liveValues(r), ["v2", "v2"]);
  assert.equal(value(r), "v1");
  r.cluster.stop();
});

test("1.6: pods that have ended or are ending write nothing any more (csi-driver 2.2)", async () => {
  const r = rig({ generation: "1.6" });
  r.cluster.apply(providerClass());
  r.cluster.apply(workload({ kind: "Job" }));
  await r.clock.advance(20_000);
  r.cluster.finish("default", livePods(r)[0] ?? "");
  r.vault.set("k", "v2");
  bridgeWrite(r, { k: "v2" });
  await r.clock.advance(620_000);
  assert.equal(value(r), "v2");
  r.cluster.stop();
});

test("The Secret of a bare pod belongs to its pod status and goes with it (csi-driver 2.3)", async () => {
  const r = rig({ generation: "1.5" });
  r.cluster.apply(providerClass());
  r.cluster.apply(workload({ kind: "Pod" }));
  await r.clock.advance(20_000);
  const secret = r.cluster.store.get("Secret", "default", "app");
  const owners = listAt(secret, "metadata", "ownerReferences").map((owner) => textAt(owner, "kind"));
  assert.deepEqual(owners, ["SecretProviderClassPodStatus"]);
  r.cluster.delete("Pod", "default", "web");
  await r.clock.advance(5000);
  assert.equal(value(r), undefined);
  r.cluster.stop();
});
