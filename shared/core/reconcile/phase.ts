/** An even spread that needs no memory: the same text has the same place. */

import { createHash } from "node:crypto";

/** From 0 up to, not including, 1. */
export function phaseOf(text: string): number {
  return createHash("sha256").update(text).digest().readUInt32BE(0) / 2 ** 32;
}
