/** When each of many looks takes place, so that together they are a trickle and no storm. */

import { targetKey } from "../target.ts";
import type { NeededLook } from "./needed-looks.ts";
import { phaseOf } from "./phase.ts";

/** Something is known to be new: four a second. */
const urgentEveryMs = 250;
/** The rest has time until shortly before the next pass. */
const restWithinMs = 10 * 60_000;

export interface SpreadLook {
  readonly look: NeededLook;
  readonly delayMs: number;
}

/** Each of n looks that can wait has its own n-th of ten minutes, and a place within it that differs from pass to pass. */
export function spreadOver(looks: readonly NeededLook[], now: number): readonly SpreadLook[] {
  const urgent = looks.filter(isUrgent);
  const rest = looks.filter((look) => !isUrgent(look));
  const slotMs = restWithinMs / Math.max(1, rest.length);
  return [
    ...urgent.map((look, index) => ({ look, delayMs: (index + 1) * urgentEveryMs })),
    ...rest.map((look, index) => {
      const place = index + phaseOf(`${now} ${targetKey(look.target)}`);
      return { look, delayMs: Math.floor(place * slotMs) };
    }),
  ];
}

function isUrgent({ why }: NeededLook): boolean {
  return why === "newer-version" || why === "class-changed";
}
