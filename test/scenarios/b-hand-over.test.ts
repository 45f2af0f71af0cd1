/** B4: hand over first, work second: whatever is patched, the message that goes on with it is on the queue by then. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { parseTargetMessage } from "../../shared/core/parse-message.ts";
import { assertRuns, oneApp } from "./one-app.ts";
import type { OneApp } from "./one-app.ts";
import { bothGenerations } from "./world.ts";

const ways = [
  {
    way: "an event",
    begin: ({ world, bridge }: OneApp) => void bridge.onMessage(world.event("db", world.set("db", "new"))),
  },
  {
    way: "the timer",
    begin: ({ world, bridge }: OneApp) => {
      world.set("db", "new");
      void bridge.reconcile();
    },
  },
];

for (const generation of bothGenerations) {
  for (const { way, begin } of ways) {
    test(`B4: what ${way} began is on the queue before anything is patched, however slow the queue, driver ${generation}`, async () => {
      const app = await oneApp({ generation, eventDelayMs: undefined });
      const { world } = app;
      const patched: string[] = [];
      const tooEarly: string[] = [];
      world.before = async ({ target, verb, kind }) => {
        if (target === "queue") await world.clock.sleep(3000);
        if (verb !== "patch") return;
        patched.push(kind);
        if (!world.queue.bodies().some((body) => parseTargetMessage(body) !== undefined)) tooEarly.push(kind);
      };
      begin(app);
      await world.untilOutcome("kv", "converged");
      assert.deepEqual(patched, ["Secret", "Deployment"]);
      assert.deepEqual(tooEarly, []);
      assertRuns(world, "new");
      world.stop();
    });
  }
}
