/**
 * Clocks for everything in local/: the virtual one steps time as fast as the work allows (tests, simulation), the
 * real one is the machine's (demo). Both offer `after`, on which the stand-ins' controllers run.
 */

import { randomUUID } from "node:crypto";
import type { Clock } from "../shared/ports.ts";

export interface LocalClock extends Clock {
  /** Calls `run` once, `ms` from now; the answer cancels it. */
  after(ms: number, run: () => void): () => void;
}

export function realClock(): LocalClock {
  return {
    now: () => Date.now(),
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    id: () => randomUUID(),
    after: (ms, run) => {
      const timer = setTimeout(run, ms);
      return () => clearTimeout(timer);
    },
  };
}

interface Timer {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
}

/**
 * Time that moves only when nothing else can. Work that awaits nothing but this clock and in-memory promises is
 * deterministic: timers fire in order of time, then of registration.
 */
export class VirtualClock implements LocalClock {
  #now: number;
  #order = 0;
  readonly #timers: Timer[] = [];

  constructor(startMs: number = Date.UTC(2026, 0, 1)) {
    this.#now = startMs;
  }

  now(): number {
    return this.#now;
  }

  id(): string {
    this.#order += 1;
    return `id-${this.#order}`;
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.after(ms, resolve);
    });
  }

  after(ms: number, run: () => void): () => void {
    this.#order += 1;
    const timer = { at: this.#now + Math.max(0, ms), order: this.#order, run };
    this.#timers.splice(this.#place(timer), 0, timer);
    return () => {
      const index = this.#place(timer) - 1;
      if (this.#timers[index] === timer) this.#timers.splice(index, 1);
    };
  }

  /** How many timers come before this one, itself included: they are in order of time, then of registration. */
  #place({ at, order }: Timer): number {
    let [low, high] = [0, this.#timers.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      const other = this.#timers[middle];
      if (other === undefined || other.at > at || (other.at === at && other.order > order)) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  /** Lets `ms` pass, firing every timer on the way. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    await inTurns(() => {
      const next = this.#timers[0];
      if (next === undefined || next.at > end) return false;
      this.#fire(next);
      return true;
    });
    this.#now = end;
  }

  /** Lets time pass until `work` is done and gives its result; throws if it is not done within `atMostMs`. */
  async until<T>(work: Promise<T>, atMostMs: number = 24 * 3_600_000): Promise<T> {
    let done = false;
    const finished = work.finally(() => {
      done = true;
    });
    finished.catch(() => undefined);
    const end = this.#now + atMostMs;
    await inTurns(() => {
      if (done) return false;
      const next = this.#timers[0];
      if (next === undefined) throw new Error("The work waits for something that no timer will bring.");
      if (next.at > end) throw new Error(`The work was not done within ${atMostMs} ms of virtual time.`);
      this.#fire(next);
      return true;
    });
    return finished;
  }

  #fire(timer: Timer): void {
    this.#timers.shift();
    this.#now = timer.at;
    timer.run();
  }
}

/** More than this would keep what is real (a message to a worker thread, Ctrl+C) waiting. */
const turnsAtOnce = 50;

/**
 * Calls `turn` until it answers false, each time after all promise callbacks that can run have run: an immediate comes
 * after the whole microtask queue, and since Node 11 so does each of several. Several at once spare the round of the
 * event loop that each one alone would take.
 */
function inTurns(turn: () => boolean): Promise<void> {
  return new Promise((resolve, reject) => {
    let going = true;
    const next = (): void => {
      if (!going) return;
      try {
        going = turn();
        if (!going) resolve();
      } catch (error) {
        going = false;
        reject(error);
      }
    };
    const some = (): void => {
      if (!going) return;
      for (let count = 1; count < turnsAtOnce; count += 1) setImmediate(next);
      setImmediate(() => {
        next();
        some();
      });
    };
    some();
  });
}
