/** Spread of a sample in which some may never come. Pure. */

import { median } from "../../bench/numbers.ts";

export interface Spread {
  readonly n: number;
  /** How many came at all; the rest is of these. */
  readonly came: number;
  readonly p50: number;
  readonly min: number;
  readonly max: number;
}

/** `undefined` in a sample: it never came. Without any that came the numbers are NaN. */
export function spreadOf(sample: readonly (number | undefined)[]): Spread {
  const came = sample.filter((value) => value !== undefined);
  const some = came.length > 0;
  return {
    n: sample.length,
    came: came.length,
    p50: median(came),
    min: some ? Math.min(...came) : Number.NaN,
    max: some ? Math.max(...came) : Number.NaN,
  };
}
