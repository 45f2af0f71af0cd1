/** What no event brought, found by the timer without looking at everything each time. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { RemoteProblem } from "../../shared/core/remote-problem.ts";
import { reconcileMessage } from "../../shared/core/reconcile/message.ts";
import { hour, looksOf, manyApps, minute, pass, passes, period } from "./many-apps.ts";
import { providerClass } from "./manifests.ts";
import { marker } from "./one-app.ts";
import type { World } from "./world.ts";

/** For what is not about drift. */
const rarelyDeep = { deepEveryMs: 168 * hour };

function password(world: World, namespace: string): string | undefined {
  return world.blue.secretValue(namespace, "app", "k");
}

/** The value that each running pod of the namespace was started with. */
function envs(world: World, namespace: string): readonly (string | undefined)[] {
  return world.blue.running(namespace).map((start) => start.env["PASSWORD"]);
}

test("B2: versions whose events are lost are found by the next pass, and nothing else is looked at", async () => {
  const { world } = await manyApps({ namespaces: 12, objects: 2 }, rarelyDeep);
  const instance = world.start();
  await passes(world, instance, 2 * period);
  const from = world.calls.length;
  world.set("ns-3-0", "new");
  world.set("ns-7-1", "new");
  const result = await pass(world, instance.bridge);
  assert.deepEqual([result.looked, result.why["newer-version"]], [2, 2]);
  assert.deepEqual([...looksOf(world.calls, from).keys()].sort(), ["ns-3", "ns-7"]);
  assert.deepEqual(envs(world, "ns-3"), ["new"]);
  assert.notEqual(marker(world, "Deployment", "app", "ns-7"), undefined);
  await world.pass(period);
  assert.equal((await pass(world, instance.bridge)).why["newer-version"], 0, "proven, so it is not looked at again");
  world.stop();
});

test("B2: of what an event brought and proved, the timer looks at nothing again", async () => {
  const { world } = await manyApps({ namespaces: 4, objects: 2 }, { ...rarelyDeep, eventDelayMs: 200 });
  const instance = world.start();
  await passes(world, instance, period);
  world.set("ns-1-0", "new");
  await world.untilOutcome("kv", "converged", "blue/ns-1");
  const result = await pass(world, instance.bridge);
  assert.deepEqual([result.looked, result.backingOff], [0, 0]);
  world.stop();
});

test("a changed class is found by the next pass", async () => {
  const { world } = await manyApps({ namespaces: 6, objects: 2 }, rarelyDeep);
  const instance = world.start();
  await passes(world, instance, period);
  const objects = ["ns-2-0", "ns-2-1"];
  world.blue.apply(providerClass({ name: "kv", namespace: "ns-2", objects, secrets: { app: { k: "ns-2-1" } } }));
  const result = await pass(world, instance.bridge);
  assert.deepEqual([result.looked, result.why["class-changed"]], [1, 1]);
  world.stop();
});

test("drift: what somebody edits in a Secret or takes out of it is put back within six hours and a pass, without a restart", async () => {
  // Driver 1.5 with rotation off never looks at a Secret again, so nobody but the bridge puts it right.
  const { world, namespaces } = await manyApps({ namespaces: 24, objects: 1 }, { generation: "1.5" });
  const instance = world.start();
  for (const namespace of namespaces) world.set(`${namespace}-0`, "new");
  await passes(world, instance, 2 * period);
  for (const [index, namespace] of namespaces.entries()) {
    const k = index % 2 === 0 ? Buffer.from("by hand").toString("base64") : null;
    world.blue.patch("Secret", namespace, "app", { data: { k } });
  }
  const started = world.blue.starts.length;
  const results = await passes(world, instance, 6 * hour + period);
  for (const namespace of namespaces) assert.equal(password(world, namespace), "new", namespace);
  assert.equal(world.blue.starts.length, started);
  for (const { why, left } of results) assert.ok(why.deep <= 8 && left === 0, "no pass has more than its share");
  const deep = results.reduce((sum, { why }) => sum + why.deep, 0);
  assert.ok(deep >= 24 && deep <= 27, `${deep} deep looks at 24 targets in six hours and a pass`);
  world.stop();
});

test("after a start of the process: one look each, spread, and nothing is restarted a second time", async () => {
  const { world, namespaces } = await manyApps({ namespaces: 80, objects: 1 });
  const first = world.start();
  await passes(world, first, period);
  for (const namespace of namespaces.slice(0, 20)) world.set(`${namespace}-0`, "new");
  await passes(world, first, period);
  const started = world.blue.starts.length;
  first.kill();
  const from = world.calls.length;
  const second = world.start();
  const [pass1, pass2] = await passes(world, second, 2 * period);
  assert.deepEqual([pass1?.looked, pass1?.handedOver, pass1?.left], [32, 48, 0]);
  assert.equal(pass2?.why.unproven, 0);
  const looks = looksOf(world.calls, from);
  assert.equal(looks.size, 80);
  const deep = pass2?.why.deep ?? 0;
  assert.ok([...looks.values()].filter((count) => count > 1).length <= deep);
  assert.equal(world.blue.starts.length, started);
  world.stop();
});

test("a cluster that was out of reach for five hours brings no storm, and the other cluster goes on meanwhile", async () => {
  const { world, namespaces } = await manyApps({ namespaces: 60, objects: 1 }, { clusters: ["green"] });
  const instance = world.start();
  await passes(world, instance, 2 * period);
  world.before = (call) => {
    if (call.cluster === "blue") throw new RemoteProblem("unavailable", "list: no answer", undefined);
  };
  for (const namespace of namespaces) world.set(`${namespace}-0`, "new");
  await passes(world, instance, 5 * hour);
  for (const namespace of namespaces) {
    const green = world.clusters.get("green");
    assert.equal(green?.secretValue(namespace, "app", "k"), "new", namespace);
    assert.equal(password(world, namespace), "old", namespace);
  }
  const begun = world.clock.now();
  const firstLook = new Map<string, number>();
  world.before = ({ cluster, kind, namespace }) => {
    if (cluster !== "blue" || kind !== "SecretProviderClass" || namespace === "" || firstLook.has(namespace)) return;
    firstLook.set(namespace, world.clock.now() - begun);
  };
  const [back] = await passes(world, instance, period);
  for (const namespace of namespaces) assert.deepEqual(envs(world, namespace), ["new"], namespace);
  const times = [...firstLook.values()].sort((a, b) => a - b);
  assert.equal(times.length, 60);
  assert.equal(back?.why["newer-version"], 60);
  // 32 by the pass itself, the others by messages, four of them a second.
  assert.equal(times.filter((time) => time < 1000).length, 32);
  for (let from = 1000; from < 60_000; from += 1000) {
    assert.ok(times.filter((time) => time >= from && time < from + 1000).length <= 8, `${from} ms`);
  }
  assert.equal(world.blue.starts.filter((start) => start.env["PASSWORD"] === "new").length, 60, "one restart each");
  world.stop();
});

test("ticks of the timer that piled up while nobody listened are one pass", async () => {
  const { world } = await manyApps({ namespaces: 3, objects: 1 });
  for (let tick = 0; tick < 20; tick += 1) {
    world.queue.put(reconcileMessage(world.clock.now()));
    await world.pass(period);
  }
  world.start();
  await world.pass(minute);
  assert.equal(world.log.filter(({ event }) => event === "reconciled").length, 1);
  const ignored = world.results.flatMap((result) => result.ignored.map(({ reason }) => reason));
  assert.deepEqual(ignored, Array(19).fill("older-pass"));
  world.stop();
});

test("a vault that throttles ends the pass for what it feeds, by name; what another vault feeds is looked at", async () => {
  const vaultsMap = ["contoso", "other"]
    .map((name) => `  - { name: ${name}, flowsTo: [{ cluster: "*", namespaces: ["*"] }] }`)
    .join("\n");
  const vaultOf = (index: number) => (index % 2 === 0 ? "contoso" : "other");
  const { world } = await manyApps({ namespaces: 8, objects: 1, vaultOf }, { vaultsMap });
  const { bridge } = world.start();
  const stop = world.vault.faults.add({ vault: "contoso" }, { kind: "throttled" });
  const throttled = await pass(world, bridge);
  assert.deepEqual([throttled.looked, throttled.held, throttled.troubledVaults], [4, 4, ["contoso: throttled"]]);
  assert.deepEqual([...looksOf(world.calls).keys()].sort(), ["ns-1", "ns-3", "ns-5", "ns-7"]);
  stop();
  await world.pass(period);
  const after = await pass(world, bridge);
  assert.deepEqual([after.why.unproven, after.held, after.troubledVaults], [4, 0, []]);
  world.stop();
});

test("what was refused and has no chain any more is looked at again within the hour after somebody mends it", async () => {
  const { world } = await manyApps({ namespaces: 1, objects: 1 });
  const label = (value: string | null) =>
    world.blue.patch("Secret", "ns-0", "app", { metadata: { labels: { "secrets-store.csi.k8s.io/managed": value } } });
  label(null);
  const instance = world.start();
  world.set("ns-0-0", "new");
  await passes(world, instance, 5 * hour);
  assert.equal(world.outcome("kv", "blue/ns-0"), "refused(not-managed)");
  const from = world.calls.length;
  const results = await passes(world, instance, 4 * hour);
  const looks = results.reduce((sum, { looked }) => sum + looked, 0);
  assert.ok(looks >= 3 && looks <= 5, `${looks} looks in four hours`);
  assert.equal(looksOf(world.calls, from).get("ns-0"), looks);
  label("true");
  await passes(world, instance, hour + period);
  assert.deepEqual(envs(world, "ns-0"), ["new"]);
  world.stop();
});

test("B5: two processes that take turns at the timer look at each target once each, and restart nothing twice", async () => {
  const { world, namespaces } = await manyApps({ namespaces: 10, objects: 1 }, rarelyDeep);
  const [one, two] = [world.start(), world.start()];
  for (const namespace of namespaces) world.set(`${namespace}-0`, "new");
  const asked: number[] = [];
  for (let turn = 0; turn < 6; turn += 1) {
    const { why } = await pass(world, (turn % 2 === 0 ? one : two).bridge);
    asked.push(why.unproven + why["newer-version"]);
    await world.pass(period);
  }
  const [first, second = 0, ...others] = asked;
  assert.equal(first, 10);
  assert.ok(second <= 10, "what the other process has seen for a message it knows already");
  assert.deepEqual(others, [0, 0, 0, 0]);
  assert.equal(world.blue.starts.filter((start) => start.env["PASSWORD"] === "new").length, 10);
  world.stop();
});
