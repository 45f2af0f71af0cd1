/** One timer trigger: fires at its schedule, never twice at a time, and on demand. */

import type { TypedData } from "./protocol.ts";

export interface TimerOptions {
  readonly name: string;
  readonly next: (after: number) => number;
  /** False: only `fire` runs it. */
  readonly automatic: boolean;
  readonly run: (input: TypedData) => Promise<void>;
}

export interface RunningTimer {
  readonly name: string;
  fire(): Promise<void>;
  stop(): void;
}

/** setTimeout counts 31 bits of milliseconds. */
const longestWaitMs = 2 ** 31 - 1;

export function runTimer(options: TimerOptions): RunningTimer {
  let waiting: NodeJS.Timeout | undefined;
  let stopped = !options.automatic;
  let last = 0;

  function fire(): Promise<void> {
    const now = Date.now();
    const status = { Last: iso(last), Next: iso(options.next(now)), LastUpdated: iso(last) };
    last = now;
    const json = JSON.stringify({ Schedule: { AdjustForDST: true }, ScheduleStatus: status, IsPastDue: false });
    return options.run({ json });
  }

  function wait(): void {
    if (stopped) return;
    const now = Date.now();
    const due = options.next(now);
    const untilDue = due - now;
    waiting = setTimeout(
      () => {
        if (untilDue > longestWaitMs) return wait();
        // A failed run is in the host's log already; the timer goes on.
        void fire()
          .catch(() => undefined)
          .then(wait);
      },
      Math.min(untilDue, longestWaitMs),
    );
  }

  wait();
  return {
    name: options.name,
    fire,
    stop: () => {
      stopped = true;
      clearTimeout(waiting);
    },
  };
}

function iso(time: number): string {
  return new Date(time).toISOString();
}
