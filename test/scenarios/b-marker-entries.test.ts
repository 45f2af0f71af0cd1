/** The marker is read entry by entry: what its text says beside an object's own entry neither helps nor harms that object. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { createMemoryHistory } from "../../shared/memory-history.ts";
import { holderClass, holderPattern, setBefore, walkthrough } from "./set-ups.ts";
import { providerClass, workload } from "./manifests.ts";
import { marker } from "./one-app.ts";
import { assertRuns, startsOf, witness } from "./truth.ts";
import { World, bothGenerations } from "./world.ts";

const hour = 3_600_000;

/** The driver makes the Secret anew: our write no longer shows on it, so only markers say what pods are started for. */
async function madeAnew(world: World, secret: string): Promise<void> {
  await world.pass(10 * 60_000);
  world.blue.delete("Secret", "default", secret);
  await world.until(`${secret} is there again`, () => world.blue.store.find("Secret", "default", secret) !== undefined);
}

for (const generation of bothGenerations) {
  test(`an object that the class no longer names takes nothing from the others' entries, driver ${generation}`, async () => {
    const world = new World({ generation });
    const seen = witness(world);
    for (const name of ["db", "color"]) setBefore(world, name, `${name}-1`);
    const spec = { name: "kv", objects: ["color", "db"], secrets: { database: { password: "db" } } };
    world.blue.apply(providerClass(spec));
    world.blue.apply(workload({ name: "app", mounts: ["kv"], env: { DB: ["database", "password"] } }));
    await world.pass(60_000);
    const { bridge } = world.start();
    world.set("db", "db-2");
    await world.untilOutcome("kv", "converged");
    await madeAnew(world, "database");
    world.blue.apply(providerClass({ ...spec, objects: ["db"] }));
    world.mark();
    await world.clock.until(bridge.reconcile());
    assert.equal(world.outcome("kv"), "converged", world.timeline());
    await world.pass(hour);
    assert.equal(seen.restarts("Deployment/app").length, 1);
    assert.equal(startsOf(world.blue, "app").length, 2);
    world.stop();
  });

  test(`entries of a class that is refused just now stay, and still count once it is mended, driver ${generation}`, async () => {
    const world = new World({ generation });
    await holderPattern(world);
    setBefore(world, "key", "key-1");
    world.blue.apply(providerClass({ name: "own", objects: ["key"] }));
    world.blue.apply(workload({ name: "app", mounts: ["own"], env: { DB: ["database", "password"] } }));
    await world.pass(60_000);
    const { bridge } = world.start();
    const { version } = world.set("db", "db-2");
    await world.untilOutcome("kv", "converged");
    assert.equal(startsOf(world.blue, "app").length, 2, "the first start and one restart");
    await madeAnew(world, "database");
    world.blue.apply(providerClass({ ...holderClass, annotations: { "rotation-bridge/ignore": "true" } }));
    world.set("key", "key-2");
    await world.untilOutcome("own", "converged");
    assert.equal(startsOf(world.blue, "app").length, 3);
    const text = marker(world) ?? "";
    assert.ok(text.includes(`contoso/secret/db=${version}@`), text);
    world.blue.apply(providerClass({ ...holderClass, annotations: { "rotation-bridge/ignore": "false" } }));
    world.mark();
    await world.clock.until(bridge.reconcile());
    assert.equal(world.outcome("kv"), "converged", world.timeline());
    await world.pass(hour);
    assert.equal(startsOf(world.blue, "app").length, 3);
    world.stop();
  });

  test(`a version that only a marker names keeps an older answer of the vault out, driver ${generation}`, async () => {
    const world = new World({ generation, eventDelayMs: undefined });
    const seen = witness(world);
    await walkthrough(world);
    const [dying, other] = [world.start({}, createMemoryHistory()), world.start({}, createMemoryHistory())];
    const event = world.event("Secret", world.set("Secret", "new"));
    world.after = ({ verb, kind }) => {
      if (verb !== "patch" || kind !== "Deployment") return;
      world.after = () => undefined;
      dying.kill();
      // No pod has mounted the new version yet, and the replica that the timer meets does not have it.
      world.vault.stale("contoso", "Secret", { until: world.clock.now() + 10 });
      void other.bridge.reconcile();
    };
    void dying.bridge.onMessage(event);
    await world.untilOutcome("kv", "waiting(vault-stale)");
    await world.untilOutcome("kv", "converged");
    assert.deepEqual(seen.values("syncedsecret", "mysecret"), ["old", "new"]);
    assert.equal(seen.restarts("Deployment/app").length, 1);
    assertRuns(world.blue, "app", { env: { PASSWORD: "new" }, mounted: { Secret: "new" } });
    world.stop();
  });
}
