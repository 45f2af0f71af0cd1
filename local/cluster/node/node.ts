import type { Timers } from "../timers.ts";

/** One machine of the cluster. A lost one does nothing until it comes back: its kubelet and driver wait here. */
export class Node {
  readonly name: string;
  readonly #timers: Timers;
  readonly #waiting: (() => void)[] = [];
  #lost = false;

  constructor(name: string, timers: Timers) {
    this.name = name;
    this.#timers = timers;
  }

  get lost(): boolean {
    return this.#lost;
  }

  /** Resolves after `ms`, or when the node is back if it is lost by then. */
  async pause(ms: number): Promise<void> {
    await this.#timers.sleep(ms);
    while (this.#lost) {
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve);
      });
    }
  }

  /** Runs now, or when the node is back. */
  whenUp(run: () => void): void {
    if (this.#lost) this.#waiting.push(run);
    else run();
  }

  lose(): void {
    this.#lost = true;
  }

  recover(): void {
    this.#lost = false;
    for (const run of this.#waiting.splice(0)) run();
  }
}
