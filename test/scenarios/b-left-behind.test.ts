/** What is left behind by people's changes: classes, Secrets, manifests and readers that nothing looks after any more. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { RemoteProblem } from "../../shared/core/remote-problem.ts";
import { providerClass, workload } from "./manifests.ts";
import { oneApp, reconcile, unheard } from "./one-app.ts";
import { World, bothGenerations } from "./world.ts";

const minutes = 60_000;

function passwords(world: World, app: string): readonly (string | undefined)[] {
  const starts = world.blue.running("default").filter((start) => start.labels["app"] === app);
  return starts.map((start) => start.env["PASSWORD"]);
}

for (const generation of bothGenerations) {
  const on = `driver ${generation}`;

  test(`a class that nobody mounts any more leaves its Secret to the class that took its place, ${on}`, async () => {
    const world = new World({ generation });
    world.set("one", "first");
    world.set("two", "second");
    await unheard(world, 11 * minutes);
    world.blue.apply(providerClass({ name: "was", objects: ["one"], secrets: { app: { password: "one" } } }));
    world.blue.apply(workload({ name: "app", mounts: ["was"], env: { PASSWORD: ["app", "password"] } }));
    await unheard(world, 11 * minutes);
    const { bridge } = world.start();
    world.set("one", "first, newer");
    await world.untilOutcome("was", "converged");
    world.blue.apply(providerClass({ name: "is", objects: ["two"], secrets: { app: { password: "two" } } }));
    world.blue.apply(workload({ name: "app", mounts: ["is"], env: { PASSWORD: ["app", "password"] } }));
    // On 1.5 the owner deletes the old Secret, as the driver only creates it.
    world.blue.delete("Secret", "default", "app");
    world.blue.rolloutRestart("Deployment", "default", "app");
    await world.pass(3 * minutes);
    assert.equal(world.blue.secretValue("default", "app", "password"), "second");
    const writes = world.steps("write").length;
    for (let look = 0; look < 3; look += 1) {
      await reconcile({ world, bridge });
      await world.pass(minutes);
    }
    assert.equal(world.steps("write").length, writes);
    assert.equal(world.blue.secretValue("default", "app", "password"), "second");
    assert.deepEqual(passwords(world, "app"), ["second"]);
    world.stop();
  });

  test(`a reader whose Secret is gone with its last mounter is named, not called converged, ${on}`, async () => {
    const { world } = await oneApp({ generation });
    world.blue.apply(workload({ name: "reader", env: { PASSWORD: ["app", "k"] } }));
    await unheard(world, 11 * minutes);
    world.blue.delete("Deployment", "default", "app");
    await world.pass(minutes);
    assert.equal(world.blue.secretValue("default", "app", "k"), undefined);
    world.set("db", "new");
    await world.untilOutcome("kv", "waiting(secret-missing)");
    assert.match(world.about("kv").join(), /Pod\/reader-/);
    assert.deepEqual(passwords(world, "reader"), ["old"]);
    world.stop();
  });

  for (const kind of ["unauthorized", "forbidden"] as const) {
    test(`one passing denial (${kind}) after the write does not leave the rotation half done, ${on}`, async () => {
      const { world } = await oneApp({ generation });
      let denials = 0;
      world.before = (call) => {
        const written = world.steps("write").length > 0;
        if (!written || denials > 0 || call.verb !== "list" || call.kind !== "Pod") return;
        denials += 1;
        throw new RemoteProblem(kind, "Could not list Pod default: denied.", kind === "forbidden" ? 403 : 401);
      };
      world.set("db", "new");
      await world.untilOutcome("kv", "converged");
      assert.equal(denials, 1);
      assert.deepEqual(passwords(world, "app"), ["new"]);
      assert.equal(world.steps("restart").length, 1);
      world.stop();
    });
  }

  test(`pods of a paused template that dropped the class are named as long as they live, ${on}`, async () => {
    const { world } = await oneApp({ generation });
    world.blue.patch("Deployment", "default", "app", { spec: { paused: true } });
    world.blue.apply(workload({ name: "app", spec: { paused: true } }));
    await world.pass(minutes);
    world.set("db", "new");
    await world.untilOutcome("kv", "waiting(old-mount)");
    assert.ok(world.about("kv").some((name) => name.startsWith("Pod/app-")));
    assert.deepEqual(passwords(world, "app"), ["old"]);
    world.stop();
  });
}

test("a marker that came with a copied manifest is not believed: the pods are judged, and restarted once", async () => {
  const world = new World({ generation: "1.5" });
  world.set("db", "old");
  await unheard(world, 11 * minutes);
  world.blue.apply(providerClass({ name: "kv", objects: ["db"], secrets: { app: { k: "db" } } }));
  world.blue.apply(workload({ name: "holder", mounts: ["kv"] }));
  await unheard(world, 11 * minutes);
  const { version, createdOn } = world.set("db", "new");
  await unheard(world, minutes);
  const copied = `contoso/secret/db=${version}@${createdOn / 1000}`;
  world.blue.apply(workload({ name: "app", mounts: ["kv"], env: { PASSWORD: ["app", "k"] } }));
  const template = { metadata: { annotations: { "rotation-bridge/versions": copied } } };
  world.blue.patch("Deployment", "default", "app", { spec: { template } });
  await unheard(world, minutes);
  assert.deepEqual(passwords(world, "app"), ["old"], "driver 1.5 has left the Secret as it was");
  const { bridge } = world.start();
  await reconcile({ world, bridge });
  await world.untilOutcome("kv", "converged");
  assert.deepEqual(passwords(world, "app"), ["new"]);
  const restarts = world.steps("restart").length;
  await reconcile({ world, bridge });
  await world.pass(minutes);
  assert.equal(world.steps("restart").length, restarts);
  world.stop();
});

for (const pinned of [true, false]) {
  test(`an object that was never mounted in the namespace is not written there, ${pinned ? "pinned" : "current"}`, async () => {
    const world = new World({ generation: "1.6" });
    const { version } = world.set("jewel", "crown");
    await unheard(world, 11 * minutes);
    const labels = { "secrets-store.csi.k8s.io/managed": "true" };
    const metadata = { name: "mine", namespace: "guest", labels };
    world.blue.apply({ apiVersion: "v1", kind: "Secret", metadata, type: "Opaque", data: { k: "eA==" } });
    const item = pinned ? { objectName: "jewel", objectVersion: version } : "jewel";
    world.blue.apply(
      providerClass({ name: "grab", namespace: "guest", objects: [item], secrets: { mine: { k: "jewel" } } }),
    );
    const { bridge } = world.start();
    await reconcile({ world, bridge });
    await world.pass(2 * minutes);
    assert.equal(world.blue.secretValue("guest", "mine", "k"), "x");
    assert.equal(world.outcome("grab", "blue/guest"), "waiting(not-yet-mounted)");
    world.stop();
  });
}

test("two classes that nobody mounts and that claim one Secret are refused, whoever looks first", async () => {
  const world = new World({ generation: "1.6" });
  world.set("one", "1");
  world.set("two", "2");
  await unheard(world, 11 * minutes);
  world.blue.apply(providerClass({ name: "a", objects: ["one"], secrets: { app: { k: "one" } } }));
  world.blue.apply(providerClass({ name: "b", objects: ["two"], secrets: { app: { k: "two" } } }));
  const { bridge } = world.start();
  await reconcile({ world, bridge });
  assert.deepEqual([world.outcome("a"), world.outcome("b")], ["refused(double-claim)", "refused(double-claim)"]);
  world.stop();
});

test("a cluster that does not answer holds up no other", async () => {
  const { world } = await oneApp({ generation: "1.5", clusters: ["green"] });
  world.before = async (call) => {
    if (call.target !== "cluster" || call.cluster !== "green") return;
    await world.clock.sleep(25_000);
    throw new RemoteProblem("timeout", "Could not list SecretProviderClass: no answer in time.");
  };
  const since = world.clock.now();
  world.set("db", "new");
  await world.until("blue is written", () => world.blue.secretValue("default", "app", "k") === "new");
  assert.ok(world.clock.now() - since < 10_000);
  world.stop();
});

test("a pod that fails hours after a complete rollout is not watched for ever", async () => {
  const { world, bridge } = await oneApp({ generation: "1.5" }, { replicas: 2 });
  world.set("db", "new");
  await world.untilOutcome("kv", "converged");
  await world.pass(60 * minutes);
  world.blue.crashWhen((start) => start.labels["app"] === "app");
  world.blue.delete("Pod", "default", world.blue.running("default")[0]?.pod ?? "");
  await world.pass(2 * minutes);
  const before = world.calls.length;
  await reconcile({ world, bridge });
  await world.pass(240 * minutes);
  assert.ok(world.calls.length - before < 100);
  world.stop();
});
