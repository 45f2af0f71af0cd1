import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { VirtualClock } from "../local/clock.ts";
import { seats } from "../shared/seats.ts";

test("never more than so many hold a seat, whoever waits gets one in order, and all end", async () => {
  const workers = fc.array(
    fc.record({ beforeMs: fc.nat(50), awayMs: fc.nat(50), afterMs: fc.nat(50), fails: fc.boolean() }),
    {
      minLength: 1,
      maxLength: 20,
    },
  );
  await fc.assert(
    fc.asyncProperty(workers, fc.integer({ min: 1, max: 4 }), async (all, atMost) => {
      const clock = new VirtualClock();
      const room = seats(atMost);
      const began: number[] = [];
      let seated = 0;
      let most = 0;
      const sitFor = async (ms: number) => {
        seated += 1;
        most = Math.max(most, seated);
        await clock.sleep(ms);
        seated -= 1;
      };
      const work = all.map(({ beforeMs, awayMs, afterMs, fails }, index) =>
        room.take(async () => {
          began.push(index);
          await sitFor(beforeMs);
          await room.leaveFor(() => clock.sleep(awayMs));
          await sitFor(afterMs);
          if (fails) throw new Error("on purpose");
        }),
      );
      const results = await clock.until(Promise.allSettled(work));
      assert.ok(most <= atMost, `${most} at once`);
      assert.deepEqual(
        results.map(({ status }) => status === "rejected"),
        all.map(({ fails }) => fails),
      );
      assert.deepEqual(
        began,
        began.toSorted((a, b) => a - b),
        "first come, first served",
      );
    }),
    { numRuns: 100, seed: 3 },
  );
});

test("who waits for something else keeps no seat", async () => {
  const clock = new VirtualClock();
  const room = seats(1);
  const start = clock.now();
  const away = room.take(() => room.leaveFor(() => clock.sleep(60_000)));
  await clock.until(room.take(() => clock.sleep(10)));
  assert.equal(clock.now() - start, 10);
  await clock.until(away);
});
