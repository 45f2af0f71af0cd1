import assert from "node:assert/strict";
import { test } from "node:test";
import { VirtualClock } from "../../../local/clock.ts";
import { createCaller } from "../../../shared/adapters/kubernetes/caller.ts";
import { connect } from "../../../shared/adapters/kubernetes/connection.ts";
import { defaultLimits } from "../../../shared/adapters/kubernetes/retry.ts";

test("a fan-out makes at most 64 requests of a cluster at a time, and all of them in the end", async (t) => {
  const clock = new VirtualClock();
  const connection = connect({ server: "http://127.0.0.1:1" });
  t.after(() => connection.close());
  const caller = createCaller({ connection, token: undefined, clock, limits: defaultLimits });
  let running = 0;
  let most = 0;
  const request = async () => {
    running += 1;
    most = Math.max(most, running);
    await clock.sleep(20);
    running -= 1;
    return "answer";
  };
  const call = { verb: "list", resource: "pods", namespace: "shop" } as const;
  const answers = await clock.until(Promise.all(Array.from({ length: 500 }, () => caller(call, request))));
  assert.equal(answers.length, 500);
  assert.equal(most, 64);
});
