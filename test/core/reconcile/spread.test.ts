import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { lookReasons } from "../../../shared/core/reconcile/needed-looks.ts";
import type { NeededLook } from "../../../shared/core/reconcile/needed-looks.ts";
import { spreadOver } from "../../../shared/core/reconcile/spread.ts";

const look = (index: number, why: NeededLook["why"]): NeededLook => ({
  target: { cluster: "blue", namespace: `ns-${index}` },
  why,
  cause: why,
});

test("looks that can wait are spread over ten minutes, at another place in each pass", () => {
  const looks = Array.from({ length: 600 }, (_, index) => look(index, "unproven"));
  const delays = spreadOver(looks, 1000).map(({ delayMs }) => delayMs);
  delays.forEach((delay, index) => assert.ok(delay >= index * 1000 && delay < (index + 1) * 1000));
  assert.notDeepEqual(
    spreadOver(looks, 2000).map(({ delayMs }) => delayMs),
    delays,
  );
});

test("in no ten seconds are there more than 40 urgent looks and an even share of the others", () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...lookReasons), { maxLength: 600 }), (reasons) => {
      const spread = spreadOver(
        reasons.map((why, index) => look(index, why)),
        1000,
      );
      assert.equal(spread.length, reasons.length);
      const waiting = spread.filter((one) => !["newer-version", "class-changed"].includes(one.look.why)).length;
      for (let from = 0; from < 600_000; from += 10_000) {
        const within = spread.filter(({ delayMs }) => delayMs >= from && delayMs < from + 10_000).length;
        assert.ok(within <= 40 + Math.ceil(waiting / 60) + 1, `${within} from ${from}`);
      }
    }),
    { numRuns: 50 },
  );
});
