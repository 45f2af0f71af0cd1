/** C2, C3 at size: 500 namespaces with a mounter and a reader each. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { runApart } from "./apart.ts";
import { count, countsOf } from "./calls.ts";
import { assertAllRun, fleet, latency } from "./fleet.ts";
import { rotate, untilQuiet } from "./fleet-laws.ts";

test("500 namespaces x 2 workloads: all converged after one restart each; the event ten times more changes nothing", () =>
  runApart(new URL("wide-fleet.ts", import.meta.url)));

test("a wide fan-out keeps its bounds: looks, calls and messages at once", async () => {
  const size = 100;
  const all = await fleet(size);
  const { world } = all;
  world.start();
  const { peak } = latency(world, 20);
  await rotate(all);
  // 32 looks at a time, and five calls of a look.
  assert.ok(peak("cluster") <= 32 * 5, `${peak("cluster")} calls to the cluster at once`);
  assert.ok(peak("queue") <= 64, `${peak("queue")} messages sent at once`);
  // The object as it is now, by its old version's id, and what came before: each by one call at a time.
  assert.ok(peak("vault") <= 3, `${peak("vault")} calls to the vault at once`);
  // Each target decides five times, and always by an answer that was asked for after it had read the cluster.
  const vault = count(world.calls, "vault current");
  assert.ok(vault < 2 * size, `${vault} readings of one object by ${size} targets`);
  assert.ok(count(world.calls, "vault version") + count(world.calls, "vault before") < size / 2);
  world.stop();
});

test("the level law: the same event ten times, old events out of order and the timer cost looks and nothing else", async () => {
  const size = 20;
  const all = await fleet(size);
  const { world } = all;
  const { bridge } = world.start();
  const versions = [];
  for (const value of ["one", "two", "three"]) {
    versions.push(world.set("db", value));
    await world.untilOutcome("kv", "converged", "blue/team-0");
    await untilQuiet(world);
  }
  assertAllRun(all, "three");
  const starts = world.blue.starts.length;
  const [one, two, three] = versions;
  assert.ok(one !== undefined && two !== undefined && three !== undefined);
  const oldest = world.vault.versions("contoso", "db")[0];
  assert.ok(oldest !== undefined);
  const events = [...Array.from({ length: 10 }, () => three), two, one, two, oldest, three];
  for (const version of events) {
    const before = world.calls.length;
    world.queue.put(world.event("db", version));
    await untilQuiet(world);
    const counts = countsOf(world.calls.slice(before));
    const once = (name: string) => counts[name] ?? 0;
    assert.equal(once("index"), 1);
    assert.equal(once("queue send"), size);
    // Each target once for the event, and once for the message that was handed over before it.
    assert.equal(once("list SecretProviderClass"), 2 * size);
    assert.equal(once("get Secret"), 2 * size);
    assert.ok(once("vault current") <= 2 * size);
    assert.equal(
      Object.keys(counts).some((name) => name.startsWith("patch")),
      false,
      JSON.stringify(counts),
    );
    assert.equal(once("list ReplicaSet"), 0);
  }
  const before = world.calls.length;
  await world.clock.until(bridge.reconcile());
  await untilQuiet(world);
  const counts = countsOf(world.calls.slice(before));
  assert.equal(
    Object.keys(counts).some((name) => name.startsWith("patch")),
    false,
    JSON.stringify(counts),
  );
  assert.equal(world.blue.starts.length, starts, "nothing is started");
  assertAllRun(all, "three");
  world.stop();
});

test("a cluster that answers slowly: who gets no look within the time budget goes on by message, and none is lost", async () => {
  const all = await fleet(80, { timeBudgetMs: 30_000 });
  const { world, namespaces } = all;
  world.start();
  let latencyMs = 6_000;
  world.before = async ({ target }) => world.clock.sleep(target === "cluster" ? latencyMs : 20);
  world.set("db", "new");
  const whole = () => world.results.find(({ targets }) => targets.length === namespaces.length);
  await world.until("the event is worked through", () => whole() !== undefined);
  const late = whole()?.targets.filter(({ reason }) => reason === "cluster-unreachable").length ?? 0;
  assert.ok(late > 0, "some came too late");
  latencyMs = 20;
  for (const namespace of namespaces) await world.untilOutcome("kv", "converged", `blue/${namespace}`);
  assertAllRun(all, "new");
  assert.equal(count(world.calls, "patch Deployment"), 2 * namespaces.length, "each workload is restarted once");
  world.stop();
});
