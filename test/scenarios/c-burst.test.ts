import assert from "node:assert/strict";
import { test } from "node:test";
import { count } from "./calls.ts";
import { providerClass, workload } from "./manifests.ts";
import { assertRuns, unheard } from "./one-app.ts";
import { setBefore } from "./set-ups.ts";
import { witness } from "./truth.ts";
import { bothGenerations, World } from "./world.ts";

const minute = 60_000;
const secrets = Array.from({ length: 10 }, (_, index) => index);

/** Ten secrets, and for each of them ten workloads that mount its class and read its Secret. */
async function street(generation: "1.5" | "1.6"): Promise<World> {
  const world = new World({ generation });
  for (const index of secrets) {
    const namespace = `team-${index}`;
    setBefore(world, `db-${index}`, "0");
    world.blue.apply(
      providerClass({ name: "kv", namespace, objects: [`db-${index}`], secrets: { app: { k: `db-${index}` } } }),
    );
    for (const app of secrets)
      world.blue.apply(workload({ name: `app-${app}`, namespace, mounts: ["kv"], env: { PASSWORD: ["app", "k"] } }));
  }
  await unheard(world, 660_000);
  return world;
}

for (const generation of bothGenerations) {
  test(`C1: 10 secrets x 10 workloads, a change every 100 ms: all converge, changes are coalesced, driver ${generation}`, async () => {
    const world = await street(generation);
    const seen = witness(world);
    world.start();
    const changes = 100;
    for (let change = 1; change <= changes; change += 1) {
      world.set(`db-${change % 10}`, String(change));
      await world.pass(100);
    }
    const last = (index: number) => String(index === 0 ? changes : changes - 10 + index);
    for (const index of secrets) await world.untilOutcome("kv", "converged", `blue/team-${index}`, 5 * minute);
    await world.pass(15 * minute);
    for (const index of secrets)
      for (const app of secrets) assertRuns(world, last(index), `app-${app}`, `team-${index}`);
    // Each secret changes every second for ten seconds: it settles once, or at most is written in the middle and again.
    for (const index of secrets)
      for (const app of secrets) {
        const restarts = seen.restarts(`Deployment/app-${app}`, `team-${index}`).length;
        assert.ok(restarts <= 2, `${restarts} restarts of team-${index}/app-${app} for ten changes`);
      }
    assert.ok(count(world.calls, "patch Secret") <= 2 * secrets.length);
    world.stop();
  });
}
