/** The machine's time, run faster: waits shrink, and nothing that is measured in real time changes. */

import { randomUUID } from "node:crypto";
import type { LocalClock } from "../../local/clock.ts";

export interface QuickClock extends LocalClock {
  /** From now on `speed` milliseconds pass in each real one. Waits that run already keep their pace. */
  run(speed: number): void;
}

export function quickClock(): QuickClock {
  let speed = 1;
  let since = Date.now();
  let start = since;
  const now = () => Math.floor(start + (Date.now() - since) * speed);
  return {
    run: (faster) => {
      start = now();
      since = Date.now();
      speed = faster;
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
