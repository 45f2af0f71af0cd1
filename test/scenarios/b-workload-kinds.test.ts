/** B12: kinds and update strategies. What never finishes by itself is not patched; the rest rolls once. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { objectAt } from "../../local/cluster/json.ts";
import { workload } from "./manifests.ts";
import { assertRuns, marker, oneApp, passwords, pods, started } from "./one-app.ts";
import { bothGenerations } from "./world.ts";

const hour = 3_600_000;

for (const generation of bothGenerations) {
  const on = `driver ${generation}`;

  for (const kind of ["StatefulSet", "DaemonSet"] as const) {
    test(`B12: a ${kind} with OnDelete waits for its owner and names the pods, ${on}`, async () => {
      const { world } = await oneApp(
        { generation },
        { kind, replicas: 2, spec: { updateStrategy: { type: "OnDelete" } } },
      );
      const old = pods(world);
      world.set("db", "new");
      await world.untilOutcome("kv", "waiting(on-delete)");
      assert.deepEqual(world.about("kv"), [`${kind}/app`, ...old.map((pod) => `Pod/${pod}`)]);
      await world.pass(hour);
      assert.equal(marker(world, kind), undefined, "it is not patched");
      for (const pod of old) world.blue.delete("Pod", "default", pod);
      await world.untilOutcome("kv", "converged", "blue/default", 2 * hour);
      assertRuns(world, "new");
      world.stop();
    });

    test(`B12: a ${kind} rolls and converges, ${on}`, async () => {
      const { world } = await oneApp({ generation }, { kind, replicas: 3 });
      const before = started(world);
      world.set("db", "new");
      await world.untilOutcome("kv", "converged");
      assertRuns(world, "new");
      assert.equal(started(world), 2 * before);
      await world.pass(2 * hour);
      assert.equal(started(world), 2 * before);
      world.stop();
    });
  }

  test(`B12: a StatefulSet's partition waits for its owner, ${on}`, async () => {
    const { world } = await oneApp(
      { generation },
      {
        kind: "StatefulSet",
        replicas: 3,
        spec: { updateStrategy: { type: "RollingUpdate", rollingUpdate: { partition: 2 } } },
      },
    );
    world.set("db", "new");
    await world.untilOutcome("kv", "waiting(partitioned)");
    assert.deepEqual(world.about("kv"), ["StatefulSet/app"]);
    await world.pass(hour);
    assert.equal(marker(world, "StatefulSet"), undefined, "it is not patched");
    world.blue.patch("StatefulSet", "default", "app", {
      spec: { updateStrategy: { rollingUpdate: { partition: 0 } } },
    });
    await world.untilOutcome("kv", "converged", "blue/default", 2 * hour);
    assertRuns(world, "new");
    world.stop();
  });

  test(`B12: a StatefulSet on a broken revision is not patched and the pod is named, ${on}`, async () => {
    const { world } = await oneApp({ generation }, { kind: "StatefulSet", replicas: 2 });
    world.blue.crashWhen((start) => start.env["BROKEN"] !== undefined);
    const shape = { kind: "StatefulSet", name: "app", replicas: 2, mounts: ["kv"] } as const;
    world.blue.apply(workload({ ...shape, env: { PASSWORD: ["app", "k"], BROKEN: ["app", "k"] } }));
    await world.pass(60_000);
    world.set("db", "new");
    await world.untilOutcome("kv", "waiting(broken-revision)");
    assert.match(world.about("kv").join(), /^StatefulSet\/app,Pod\/app-1: .*CrashLoopBackOff/);
    assert.equal(marker(world, "StatefulSet"), undefined);
    world.blue.apply(workload({ ...shape, env: { PASSWORD: ["app", "k"] } }));
    world.blue.delete("Pod", "default", "app-1");
    await world.untilOutcome("kv", "converged", "blue/default", 2 * hour);
    assertRuns(world, "new");
    world.stop();
  });

  test(`B12: a DaemonSet's pod on a lost node is named; the others run with the new value, ${on}`, async () => {
    const app = await oneApp({ generation }, { kind: "DaemonSet" });
    const { world } = app;
    const lost = world.blue.running("default").find((start) => start.node === "node-1")?.pod;
    world.blue.loseNode("node-1");
    await world.pass(120_000);
    world.set("db", "new");
    await world.untilOutcome("kv", "waiting(old-mount)", "blue/default", hour);
    assert.deepEqual(world.about("kv"), ["DaemonSet/app", `Pod/${lost}`]);
    const onNode = world.blue.running("default").filter((start) => start.node === "node-0");
    assert.deepEqual(
      onNode.map((start) => start.env["PASSWORD"]),
      ["new"],
    );
    world.blue.recoverNode("node-1");
    await world.untilOutcome("kv", "converged", "blue/default", 3 * hour);
    assertRuns(world, "new");
    assert.equal(passwords(world).length, 2);
    assert.equal(world.steps("restart").length, 1);
    world.stop();
  });

  test(`B12: Recreate is one restart, ${on}`, async () => {
    const { world } = await oneApp({ generation }, { replicas: 3, spec: { strategy: { type: "Recreate" } } });
    world.set("db", "new");
    await world.untilOutcome("kv", "converged");
    assertRuns(world, "new");
    assert.equal(started(world), 6);
    world.stop();
  });

  test(`B12: minReadySeconds is waited for and is not taken for stuck, ${on}`, async () => {
    const { world } = await oneApp(
      { generation },
      { replicas: 2, spec: { minReadySeconds: 240, progressDeadlineSeconds: 1200 } },
    );
    world.set("db", "new");
    await world.untilOutcome("kv", "converged", "blue/default", hour);
    const available = objectAt(world.blue.store.get("Deployment", "default", "app"), "status")["availableReplicas"];
    assert.equal(available, 2);
    assertRuns(world, "new");
    assert.deepEqual(
      world.log.filter((line) => line.fields["outcome"] === "failed"),
      [],
    );
    // On 1.6 an old pod's tick falls into so long a rollout and reverts the Secret: then one more restart is due.
    assert.equal(world.steps("restart").length, generation === "1.5" ? 1 : 2);
    world.stop();
  });
}
