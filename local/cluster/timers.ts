import type { LocalClock } from "../clock.ts";

/** The timers of one cluster: after `stop` none is left and none is taken on. */
export class Timers {
  readonly #clock: LocalClock;
  readonly #cancels = new Set<() => void>();
  #stopped = false;

  constructor(clock: LocalClock) {
    this.#clock = clock;
  }

  now(): number {
    return this.#clock.now();
  }

  get stopped(): boolean {
    return this.#stopped;
  }

  /** Calls `run` once, `ms` from now; the answer cancels it. */
  after(ms: number, run: () => void): () => void {
    if (this.#stopped) return () => undefined;
    const cancelTimer = this.#clock.after(ms, () => {
      this.#cancels.delete(cancel);
      run();
    });
    const cancel = (): void => {
      this.#cancels.delete(cancel);
      cancelTimer();
    };
    this.#cancels.add(cancel);
    return cancel;
  }

  /** Never resolves once stopped: what waited is left where it was, as when a process ends. */
  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.after(ms, resolve);
    });
  }

  stop(): void {
    this.#stopped = true;
    for (const cancel of this.#cancels) cancel();
  }
}
