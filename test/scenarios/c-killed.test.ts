import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { createMemoryHistory } from "../../shared/memory-history.ts";
import { assertAllRun, fleet, latency } from "./fleet.ts";
import { untilQuiet } from "./fleet-laws.ts";
import { witness } from "./truth.ts";
import { bothGenerations } from "./world.ts";

const size = 25;

/** How many calls an instance makes before it dies. One that lives longer than the rotation is not killed by its number. */
const lives = fc.array(fc.integer({ min: 1, max: 600 }), { minLength: 1, maxLength: 5 });

for (const generation of bothGenerations) {
  test(`C5: the worker dies again and again under load: every target is finished, no restart is repeated, driver ${generation}`, async () => {
    await fc.assert(
      fc.asyncProperty(lives, fc.boolean(), async (calls, table) => {
        const all = await fleet(size, { generation });
        const { world, namespaces } = all;
        const seen = witness(world);
        const history = () => (table ? world.history : createMemoryHistory());
        let instance = world.start({}, history());
        latency(world, 20);
        const slow = world.before;
        const left = [...calls];
        let made = 0;
        world.before = (call) => {
          made += 1;
          const [life] = left;
          if (life !== undefined && made >= life) {
            left.shift();
            made = 0;
            instance.kill();
            instance = world.start({}, history());
          }
          return slow(call);
        };
        world.set("db", "new");
        await world.pass(60_000);
        // What a dead instance was working on stays invisible for ten minutes.
        await untilQuiet(world, 90 * 60_000);
        assertAllRun(all, "new");
        for (const namespace of namespaces) {
          assert.equal(world.outcome("kv", `blue/${namespace}`), "converged", namespace);
          for (const app of ["holder", "shop"])
            assert.equal(seen.restarts(`Deployment/${app}`, namespace).length, 1, `${namespace}: ${app}`);
        }
        assert.deepEqual(world.queue.poison, []);
        world.stop();
      }),
      { numRuns: 5, seed: 31, endOnFailure: true },
    );
  });
}
