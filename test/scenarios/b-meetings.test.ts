/** A message meets a run of its target, which takes it over: whatever becomes of the run, nothing is lost. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { rotateMessages } from "../../shared/look-messages.ts";
import { providerClass, workload } from "./manifests.ts";
import { applyApp, assertRuns, unheard } from "./one-app.ts";
import { World, bothGenerations } from "./world.ts";

const hour = 3_600_000;

for (const generation of bothGenerations) {
  test(`the process dies with both: the message that was taken over comes again, without the timer, driver ${generation}`, async () => {
    const world = new World({ generation, eventDelayMs: undefined });
    for (const name of ["db", "other"]) world.set(name, "old");
    await unheard(world, 660_000);
    applyApp(world);
    world.blue.apply(providerClass({ name: "other", objects: ["other"], secrets: { other: { k: "other" } } }));
    world.blue.apply(workload({ name: "another", mounts: ["other"], env: { PASSWORD: ["other", "k"] } }));
    await unheard(world, 660_000);
    const victim = world.start();
    world.before = ({ verb, kind, name }) => {
      if (verb !== "patch" || kind !== "Secret" || name !== "other") return;
      world.before = () => undefined;
      victim.kill();
      world.start();
    };
    world.queue.put(world.event("db", world.set("db", "new")));
    await world.until("the run is under way", () => world.steps("write").length > 0);
    world.set("other", "new");
    const hints = [{ object: "contoso/secret/other", version: undefined }];
    const begin = () => ({ now: world.clock.now(), id: world.clock.id() });
    for (const message of rotateMessages(hints, ["blue"], "default", begin)) world.queue.put(message);
    await world.until("it is taken over", () => world.results.some(({ ignored }) => ignored.length > 0));
    await world.pass(hour);
    assertRuns(world, "new");
    assert.equal(world.blue.secretValue("default", "other", "k"), "new", world.timeline());
    assert.equal(world.steps("restart").length, 2);
    assert.equal(world.queue.size, 0);
    world.stop();
  });
}
