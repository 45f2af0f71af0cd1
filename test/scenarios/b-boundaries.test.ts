/** B17: tenants whose classes reach for more than they may. Nothing leaks and nothing of others is touched. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { barePod, providerClass, workload } from "./manifests.ts";
import { assertRuns, assertUntouched, passwords, pods, soFar, unheard } from "./one-app.ts";
import { assertNoLeak, crownJewel, devClass, tenants } from "./tenants.ts";
import { bothGenerations } from "./world.ts";

const hour = 3_600_000;

/** A Secret of a tenant's making that looks like the driver's, with an empty key `k`. */
function managedSecret(name: string): object {
  return {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name, namespace: "dev", labels: { "secrets-store.csi.k8s.io/managed": "true" } },
    type: "Opaque",
    data: { k: "" },
  };
}

for (const generation of bothGenerations) {
  const on = `driver ${generation}`;

  test(`B17: a class of a vault that the map does not let flow here is refused, and that vault is not asked, ${on}`, async () => {
    const world = await tenants(generation);
    world.blue.apply(devClass({ vault: "other", secrets: { stolen: { k: "db" } } }));
    world.blue.apply(managedSecret("stolen"));
    const { bridge } = world.start();
    const before = soFar(world);
    world.set("db", `${crownJewel}-2`, {}, "other");
    await world.untilOutcome("bad", "refused(vault-not-allowed)", "blue/dev");
    assert.deepEqual(world.about("bad", "blue/dev"), ["SecretProviderClass/bad", "vault other"]);
    await world.clock.until(bridge.reconcile());
    assert.ok(world.results.length > 0);
    assertUntouched(world, before);
    assert.equal(world.blue.secretValue("dev", "stolen", "k"), "");
    const asked = world.calls.filter((call) => call.target === "vault");
    assert.ok(asked.every((call) => call.name !== "jewel"));
    assertNoLeak(world);
    world.stop();
  });

  test(`B17: the same class in a namespace where the vault may flow works, ${on}`, async () => {
    const world = await tenants(generation);
    world.blue.apply(
      providerClass({ name: "kv", namespace: "prod", vault: "other", objects: ["db"], secrets: { app: { k: "db" } } }),
    );
    world.blue.apply(workload({ name: "app", namespace: "prod", mounts: ["kv"], env: { PASSWORD: ["app", "k"] } }));
    await unheard(world, 660_000);
    world.start();
    world.set("db", "second", {}, "other");
    await world.untilOutcome("kv", "converged", "blue/prod");
    assertRuns(world, "second", "app", "prod");
    assertRuns(world, "old", "app", "dev");
    world.stop();
  });

  test(`B17: a class that names an object which no pod here could mount gets no value of it, ${on}`, async () => {
    const world = await tenants(generation);
    // The tenant's own class is changed to sync another object; its pods have not mounted it.
    world.blue.apply(
      providerClass({
        name: "kv",
        namespace: "dev",
        objects: ["db", "jewel"],
        secrets: { app: { k: "db", stolen: "jewel" } },
      }),
    );
    world.start();
    world.set("jewel", `${crownJewel}-2`);
    await world.untilOutcome("kv", "waiting(class-changed)", "blue/dev");
    world.set("db", "new");
    await world.until("the object that is mounted goes on", () => passwords(world, "app", "dev").join() === "new");
    await world.pass(1000);
    // That restart mounts the new object too, by the tenant's own identity; before it nothing of it was written.
    const written = world.log.filter((line) => line.event === "step").map((line) => String(line.fields["step"]))[0];
    assert.equal(written, "write Secret/app (k)");
    assertNoLeak(world);
    world.stop();
  });

  test(`B17: a class that no pod mounts brings no value into a Secret that a tenant made for it, ${on}`, async () => {
    const world = await tenants(generation);
    world.blue.apply(devClass({ objects: ["jewel"], secrets: { bait: { k: "jewel" } } }));
    world.blue.apply(managedSecret("bait"));
    world.start();
    const before = soFar(world);
    world.set("jewel", `${crownJewel}-2`);
    await world.untilOutcome("bad", "waiting(not-yet-mounted)", "blue/dev");
    await world.pass(6 * hour);
    assertUntouched(world, before);
    assert.equal(world.blue.secretValue("dev", "bait", "k"), "");
    assertNoLeak(world);
    world.stop();
  });

  test(`B17: another team's Secret that a class names is not touched: unlabelled, immutable, of another type, ${on}`, async () => {
    const world = await tenants(generation);
    const managed = { "secrets-store.csi.k8s.io/managed": "true" };
    const secret = (name: string, more: Record<string, unknown>, labels: Record<string, string> = managed) =>
      world.blue.apply({
        apiVersion: "v1",
        kind: "Secret",
        metadata: { name, namespace: "dev", labels },
        type: "Opaque",
        data: { k: "dGhlaXJz" },
        ...more,
      });
    secret("plain", {}, {});
    secret("frozen", { immutable: true });
    secret("odd", { type: "example.com/odd" });
    for (const name of ["plain", "frozen", "odd"]) {
      world.blue.apply(devClass({ name: `wants-${name}`, secrets: { [name]: { k: "db" } } }));
      world.blue.apply(workload({ name: `mounts-${name}`, namespace: "dev", mounts: [`wants-${name}`] }));
    }
    world.blue.apply(workload({ name: "reads", namespace: "dev", env: { PASSWORD: ["plain", "k"] } }));
    await unheard(world, 120_000);
    world.start();
    const versions = () => ["plain", "frozen", "odd"].map((name) => world.blue.secretValue("dev", name, "k"));
    const before = versions();
    const [reader] = pods(world, "reads", "dev");
    world.set("db", "new");
    await world.untilOutcome("wants-plain", "refused(not-managed)", "blue/dev");
    await world.untilOutcome("wants-frozen", "refused(immutable)", "blue/dev");
    await world.untilOutcome("wants-odd", "refused(wrong-type)", "blue/dev");
    await world.untilOutcome("kv", "converged", "blue/dev");
    assertRuns(world, "new", "app", "dev");
    assert.deepEqual(world.steps("write"), ["write Secret/app (k)"]);
    assert.equal(versions()[0], before[0]);
    assert.deepEqual(pods(world, "reads", "dev"), [reader]);
    world.stop();
  });

  test(`B17: two mounted classes that claim one Secret are refused both, ${on}`, async () => {
    const world = await tenants(generation);
    world.blue.apply(devClass({ name: "thief", objects: ["jewel"], secrets: { app: { k: "jewel" } } }));
    world.blue.apply(barePod({ name: "thief", namespace: "dev", mounts: ["thief"] }));
    await unheard(world, 30_000);
    world.start();
    const before = soFar(world);
    world.set("db", "new");
    await world.untilOutcome("kv", "refused(double-claim)", "blue/dev");
    assert.deepEqual(world.about("kv", "blue/dev"), ["Secret/app", "SecretProviderClass/thief"]);
    assert.equal(world.outcome("thief", "blue/dev"), "refused(double-claim)");
    await world.pass(hour);
    assertUntouched(world, before);
    world.stop();
  });

  test(`B17: a Secret with the managed label that no class names is never read or written, ${on}`, async () => {
    const world = await tenants(generation);
    world.blue.apply(managedSecret("lone"));
    const { bridge } = world.start();
    world.set("db", "new");
    await world.untilOutcome("kv", "converged", "blue/dev");
    await world.clock.until(bridge.reconcile());
    assert.ok(world.calls.every((call) => call.name !== "lone"));
    assert.equal(world.blue.secretValue("dev", "lone", "k"), "");
    world.stop();
  });
}
