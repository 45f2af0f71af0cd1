/** 500 namespaces rotate, and then hear of the same version again; for c-fleet.test.ts. */

import assert from "node:assert/strict";
import { assertAllRun, fleet } from "./fleet.ts";
import { rotate, sameAgain } from "./fleet-laws.ts";

const all = await fleet(500);
const { world } = all;
const { bridge } = world.start();
const [old] = world.vault.versions("contoso", "db");
const version = await rotate(all);
assert.ok(old !== undefined);
await sameAgain(all, async () => {
  for (let time = 0; time < 10; time += 1) world.queue.put(world.event("db", version));
  world.queue.put(world.event("db", old));
});
await sameAgain(all, async () => void (await world.clock.until(bridge.reconcile())));
assertAllRun(all, "new");
world.stop();
