/** What the timer costs, as laws: docs/reconcile.md has the formulas. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { callCounts, hour, manyApps, pass, passes, period } from "./many-apps.ts";
import type { World } from "./world.ts";

const rarelyDeep = { deepEveryMs: 168 * hour };
const listsOf = (objects: number) => Math.ceil(objects / 25);

/** The calls of one pass, with the requests that its lists of the vault took. */
async function counted(world: World, bridge: Parameters<typeof pass>[1]) {
  const from = world.calls.length;
  const { vaultRequests, clusterRequests, ...result } = await pass(world, bridge);
  return { calls: callCounts(world.calls.slice(from)), vaultRequests, clusterRequests, result };
}

for (const clusters of [[], ["green", "red"]]) {
  const names = ["blue", ...clusters];
  test(`a pass in which nothing is new costs the vault's lists and one look at the classes for each of ${names.length} clusters`, async () => {
    const { world, namespaces } = await manyApps({ namespaces: 40, objects: 3 }, { ...rarelyDeep, clusters });
    const instance = world.start();
    await passes(world, instance, 3 * period);
    for (let turn = 0; turn < 3; turn += 1) {
      const { calls, vaultRequests, clusterRequests } = await counted(world, instance.bridge);
      assert.deepEqual(calls, {
        "cluster list SecretProviderClass of the cluster": names.length,
        "vault listed secret": 1,
      });
      assert.equal(vaultRequests, listsOf(namespaces.length * 3));
      assert.equal(clusterRequests, names.length);
      await world.pass(period);
    }
    world.stop();
  });
}

/** Two readings of a class with several objects must agree, so each of them is read twice. */
const readsOf = (objects: number) => (objects === 1 ? 1 : 2 * objects);

for (const objects of [1, 3]) {
  test(`a deep look costs six lists, one read for each Secret and ${readsOf(objects)} of a class of ${objects} objects`, async () => {
    const { world, namespaces } = await manyApps({ namespaces: 5, objects }, { deepEveryMs: 0 });
    const instance = world.start();
    await passes(world, instance, 2 * period);
    const { calls, result } = await counted(world, instance.bridge);
    const looks = namespaces.length;
    assert.equal(result.why.deep, looks);
    assert.deepEqual(calls, {
      "cluster list SecretProviderClass of the cluster": 1,
      "vault listed secret": 1,
      "cluster list SecretProviderClass of a namespace": looks,
      "cluster list Deployment of a namespace": looks,
      "cluster list StatefulSet of a namespace": looks,
      "cluster list DaemonSet of a namespace": looks,
      "cluster list Pod of a namespace": looks,
      "cluster list SecretProviderClassPodStatus of a namespace": looks,
      "cluster get Secret of a namespace": looks,
      "vault current secret": looks * readsOf(objects),
      // The driver's facts; over the network they are kept for a while.
      "cluster get CSIDriver of the cluster": looks,
      "cluster get DaemonSet of a namespace": looks,
    });
    world.stop();
  });
}

test("a day in which nothing changes: every target is looked at four times, and the vault is listed 96 times", async () => {
  const { world, namespaces } = await manyApps({ namespaces: 40, objects: 3 });
  const instance = world.start();
  await passes(world, instance, 6 * hour);
  const from = world.calls.length;
  const results = await passes(world, instance, 24 * hour);
  assert.equal(results.length, 96);
  const deep = results.reduce((sum, { why }) => sum + why.deep, 0);
  assert.equal(deep, namespaces.length * 4);
  const listed = results.reduce((sum, { vaultRequests }) => sum + vaultRequests, 0);
  assert.equal(listed, 96 * listsOf(120));
  const calls = callCounts(world.calls.slice(from));
  assert.equal(calls["vault current secret"], deep * readsOf(3));
  assert.ok(results.every(({ looked, handedOver }) => looked <= 8 && handedOver === 0));
  world.stop();
});
