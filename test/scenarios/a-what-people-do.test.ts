import assert from "node:assert/strict";
import { test } from "node:test";
import { providerClass, workload } from "./manifests.ts";
import { World, bothGenerations } from "./world.ts";

for (const generation of bothGenerations) {
  test(`A1: the plain walkthrough, driver ${generation}`, async () => {
    const world = new World({ generation });
    world.set("Secret", "old");
    world.blue.apply(providerClass({ name: "kv", objects: ["Secret"], secrets: { syncedsecret: { mysecret: "Secret" } } }));
    world.blue.apply(workload({ name: "app", mounts: ["kv"], env: { PASSWORD: ["syncedsecret", "mysecret"] } }));
    await world.pass(60_000);
    world.start();
    await world.pass(20 * 60_000);
    assert.equal(world.steps("restart").length, 0, "installing the bridge restarts nothing");
    world.set("Secret", "new");
    await world.untilOutcome("kv", "converged");
    assert.equal(world.blue.secretValue("default", "syncedsecret", "mysecret"), "new");
    const [start, ...others] = world.blue.running("default");
    assert.equal(others.length, 0);
    assert.equal(start?.env["PASSWORD"], "new");
    assert.equal(start?.files["/mnt/kv/Secret"], "new");
    assert.deepEqual(world.steps("restart"), ["restart Deployment/app"]);
    await world.pass(60 * 60_000);
    assert.equal(world.steps("restart").length, 1);
    world.stop();
  });
}
