/** Small damage to bytes, as fast-check makes and shrinks it. */

import * as fc from "fast-check";
import type { Change } from "./pfx.ts";

/** One to four bytes set, put in or taken out anywhere, or the end cut off. */
export const change: fc.Arbitrary<Change> = fc
  .array(
    fc.record({
      kind: fc.constantFrom("set", "bit", "insert", "remove", "cut", "repeat"),
      // Most of what a reader decides on is near the start.
      at: fc.oneof(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 0.1, noNaN: true })),
      byte: fc.oneof(fc.nat(255), fc.constantFrom(0, 1, 2, 3, 4, 5, 6, 0x30, 0x31, 0x7f, 0x80, 0x81, 0x82, 0xa0, 0xff)),
    }),
    { minLength: 1, maxLength: 4 },
  )
  .map((steps) => (bytes) => steps.reduce((now, step) => apply(now, step), bytes));

interface Step {
  readonly kind: "set" | "bit" | "insert" | "remove" | "cut" | "repeat";
  readonly at: number;
  readonly byte: number;
}

function apply(bytes: Uint8Array, { kind, at, byte }: Step): Uint8Array {
  const index = Math.floor(at * bytes.length);
  const [before, after] = [bytes.subarray(0, index), bytes.subarray(index)];
  if (kind === "set") return Buffer.concat([before, Uint8Array.of(byte), after.subarray(1)]);
  if (kind === "bit")
    return Buffer.concat([before, Uint8Array.of((after[0] ?? 0) ^ (1 << (byte % 8))), after.subarray(1)]);
  if (kind === "insert") return Buffer.concat([before, Uint8Array.of(byte), after]);
  if (kind === "remove") return Buffer.concat([before, after.subarray(1)]);
  if (kind === "cut") return before;
  return Buffer.concat([before, after.subarray(0, byte), after]);
}
