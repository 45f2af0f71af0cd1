/** The machine's time, run faster: waits shrink, and nothing that is measured in real time changes. */

import { randomUUID } from "node:crypto";
import type { LocalClock } from "../../local/clock.ts";

export interface QuickClock extends LocalClock {
  /** From now on so many milliseconds pass in each real one. Waits that run already keep their pace. */
  pace(speed: number): void;
}

/** `speed` milliseconds pass in each real one. */
export function quickClock(atFirst: number): QuickClock {
  let speed = atFirst;
  let since = Date.now();
  let start = since;
  const now = () => Math.floor(start + (Date.now() - since) * speed);
  return {
    pace: (next) => {
      start = now();
      since = Date.now();
      speed = next;
    },
    now,
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms / speed)),
    id: () => randomUUID(),
    after: (ms, run) => {
      const timer = setTimeout(run, ms / speed);
      return () => clearTimeout(timer);
    },
  };
}
