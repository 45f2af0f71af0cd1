/** A worker thread as its owner sees it. A seed that kills it, or never ends, costs no more than this thread. */

import { Worker } from "node:worker_threads";
import type { Stretches } from "./plan-branches.ts";
import type { FromWorker, Played, ToWorker } from "./worker.ts";

/** A seed takes a part of a second, on a busy machine a few. */
const mostMsASeed = 300_000;

export class RunningWorker {
  readonly #worker: Worker;
  readonly #hear: (played: Played) => void;
  #left: readonly number[] = [];
  #done: (() => void) | undefined;
  #watch: NodeJS.Timeout | undefined;
  #branches: Stretches | undefined;
  #dead = false;
  #why: string | undefined;

  /** `hear` gets each seed that was played, also the one that the thread died of. */
  constructor(file: URL, counts: boolean, hear: (played: Played) => void) {
    this.#hear = hear;
    this.#worker = new Worker(file, { workerData: counts ? "branches" : "" });
    this.#worker.on("message", (message: FromWorker) => this.#told(message));
    this.#worker.on("error", (error) => {
      this.#why ??= `thrown: ${error instanceof Error ? (error.stack ?? "") : "?"}`;
    });
    // Only now has everything arrived that the thread said before its end.
    this.#worker.on("exit", (code) => this.#ended(this.#why ?? `the thread ended with ${code}`));
  }

  get dead(): boolean {
    return this.#dead;
  }

  /** Plays these seeds; answers with those that it did not come to because it died. */
  play(seeds: readonly number[]): Promise<readonly number[]> {
    this.#left = seeds;
    this.#watchOver();
    return this.#answered(seeds).then(() => this.#left);
  }

  /** Ends the thread; answers what the plans of its seeds went through, if that was counted. */
  async end(): Promise<Stretches | undefined> {
    if (!this.#dead) await this.#answered("end");
    return this.#branches;
  }

  #answered(message: ToWorker): Promise<void> {
    const port = this.#worker;
    return new Promise((resolve) => {
      this.#done = resolve;
      port.postMessage(message);
    });
  }

  #told(message: FromWorker): void {
    if (message.kind === "branches") {
      this.#branches = message.branches;
      return;
    }
    this.#left = this.#left.filter((seed) => seed !== message.seed);
    this.#watchOver();
    this.#hear(message);
    if (this.#left.length === 0) this.#done?.();
  }

  /** Ended as it was told to, or with the seed that it was at. */
  #ended(why: string): void {
    this.#dead = true;
    const [seed, ...others] = this.#left;
    this.#left = others;
    this.#watchOver();
    if (seed !== undefined) this.#hear({ kind: "played", seed, steps: 0, broken: [why], counts: {}, killed: true });
    this.#done?.();
  }

  #watchOver(): void {
    clearTimeout(this.#watch);
    if (this.#left.length === 0 || this.#dead) return;
    this.#watch = setTimeout(() => {
      this.#why = `no end after ${mostMsASeed / 1000} s`;
      void this.#worker.terminate();
    }, mostMsASeed);
  }
}
