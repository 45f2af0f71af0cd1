/** A bound that many callers share, first come first served. */

export interface Seats {
  /** Runs work once a seat is free. The wait ends with the work before, which all ends. */
  take<T>(work: () => Promise<T>): Promise<T>;
  /** For work that has a seat: others may have it while this waits for something else. */
  leaveFor(wait: () => Promise<void>): Promise<void>;
}

export function seats(atMost: number): Seats {
  let free = atMost;
  const waiting: (() => void)[] = [];

  async function enter(): Promise<void> {
    if (free > 0) free -= 1;
    // Whoever leaves hands its seat over, so `free` stays as it is.
    else await new Promise<void>((resolve) => waiting.push(resolve));
  }

  function leave(): void {
    const next = waiting.shift();
    if (next === undefined) free += 1;
    else next();
  }

  return {
    async take(work) {
      await enter();
      try {
        return await work();
      } finally {
        leave();
      }
    },
    async leaveFor(wait) {
      leave();
      try {
        await wait();
      } finally {
        await enter();
      }
    },
  };
}
