import { isApiError } from "./api-error.ts";
import type { Timers } from "./timers.ts";

/** A controller's work queue: each key is worked on once for all that happened meanwhile. */
export class WorkQueue {
  readonly #timers: Timers;
  readonly #delayMs: number;
  readonly #sync: (key: string) => void;
  readonly #due = new Map<string, { readonly at: number; readonly cancel: () => void }>();
  readonly #failures = new Map<string, number>();

  /** `sync` looks at one key, `delayMs` after something happened to it. An ApiError from it means: try again. */
  constructor(timers: Timers, delayMs: number, sync: (key: string) => void) {
    this.#timers = timers;
    this.#delayMs = delayMs;
    this.#sync = sync;
  }

  add(key: string): void {
    this.addAfter(key, this.#delayMs);
  }

  /** A key that is already due earlier stays so. */
  addAfter(key: string, ms: number): void {
    const at = this.#timers.now() + ms;
    const due = this.#due.get(key);
    if (due !== undefined) {
      if (due.at <= at) return;
      due.cancel();
    }
    const cancel = this.#timers.after(ms, () => {
      this.#due.delete(key);
      this.#work(key);
    });
    this.#due.set(key, { at, cancel });
  }

  #work(key: string): void {
    try {
      this.#sync(key);
      this.#failures.delete(key);
    } catch (error) {
      if (!isApiError(error)) throw error;
      const failures = this.#failures.get(key) ?? 0;
      this.#failures.set(key, failures + 1);
      this.addAfter(key, retryDelay(failures));
    }
  }
}

/** client-go's default: 5 ms, doubling, at most 1,000 s. */
export function retryDelay(failures: number): number {
  return Math.min(5 * 2 ** Math.min(failures, 30), 1_000_000);
}
