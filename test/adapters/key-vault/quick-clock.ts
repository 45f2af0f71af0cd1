import type { Clock } from "../../../shared/ports.ts";

export interface QuickClock extends Clock {
  /** Every wait that was asked for, in milliseconds. */
  readonly waits: readonly number[];
}

/** A clock whose waits are over at once, as if the time had passed. For back-off against real sockets. */
export function quickClock(): QuickClock {
  const waits: number[] = [];
  let time = Date.UTC(2026, 0, 1);
  return {
    waits,
    now: () => time,
    id: () => "id",
    sleep: async (ms) => {
      waits.push(ms);
      time += ms;
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}
