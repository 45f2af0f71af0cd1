import assert from "node:assert/strict";
import { test } from "node:test";
import { clusterPort } from "../local/cluster/cluster-port.ts";
import { lookOnly } from "../shared/look-only.ts";
import { readOnlyCluster } from "../shared/read-only-cluster.ts";
import { applyApp } from "./scenarios/one-app.ts";
import { portsOf } from "./scenarios/reports.ts";
import { World } from "./scenarios/world.ts";

test("a report's cluster reads as the cluster does, and every write of it fails before the cluster hears of it", async () => {
  const world = new World({ generation: "1.6" });
  world.set("db", "one");
  applyApp(world);
  await world.pass(60_000);
  const calls: string[] = [];
  const port = clusterPort(world.blue, { before: ({ verb, kind }) => void calls.push(`${verb} ${kind}`) });
  const cluster = readOnlyCluster(port);
  const [found] = await cluster.workloads("default");
  assert.ok(found);
  assert.equal((await cluster.secret("default", "app"))?.name, "app");
  assert.equal((await cluster.podStatuses("default")).length, 1);
  calls.length = 0;
  await assert.rejects(cluster.writeSecret("default", "app", new Map(), "1"), /tried to write a Secret/);
  await assert.rejects(cluster.restart("default", found, "", "1"), /tried to write a workload/);
  await assert.rejects(cluster.touchPodStatus("default", "x", 1), /tried to write a pod status/);
  assert.deepEqual(calls, []);
  world.stop();
});

test("many namespaces of one vault and cluster: the vault is asked once, the driver once", async () => {
  const world = new World({ generation: "1.6" });
  world.set("db", "one");
  const namespaces = Array.from({ length: 20 }, (_, index) => `shop-${index}`);
  for (const namespace of namespaces) applyApp(world, { namespace });
  await world.pass(60_000);
  const calls: string[] = [];
  const ports = portsOf(world, { before: (_, { verb, kind }) => void calls.push(`${verb} ${kind}`) });
  let asked = 0;
  const vault = {
    ...ports.vault,
    current: (...args: Parameters<typeof ports.vault.current>) => ((asked += 1), ports.vault.current(...args)),
  };
  const said: string[] = [];
  const targets = namespaces.map((namespace) => ({ cluster: "blue", namespace }));
  const results = await world.clock.until(
    lookOnly(targets, "all", { ...ports, vault, progress: (doing) => void said.push(doing) }),
  );
  assert.equal(results.filter(({ ok }) => ok).length, 20);
  assert.equal(asked, 1);
  assert.equal(calls.filter((call) => call === "get CSIDriver").length, 1);
  assert.equal(said.filter((line) => line.startsWith("Reading blue/shop-")).length, 20);
  world.stop();
});
