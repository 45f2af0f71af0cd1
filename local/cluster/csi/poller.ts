/** Driver 1.5 with rotation on: a ticker and one worker on each node, from the driver's start. */

import type { JsonObject } from "../json.ts";
import { keyOf } from "../objects.ts";
import { rotatePod } from "./rotate-pod.ts";
import type { RotationWorld } from "./rotate-pod.ts";

const failedAgainMs = 10_000;

export interface PollerOptions extends RotationWorld {
  readonly pollIntervalMs: number;
  /** The node's pod statuses. */
  readonly podStatuses: () => readonly JsonObject[];
}

export class Poller {
  readonly #options: PollerOptions;
  readonly #due = new Set<string>();
  #working = false;
  #cancel: () => void = () => undefined;

  constructor(options: PollerOptions) {
    this.#options = options;
  }

  /** The driver's process starts, `inMs` from now; the first poll comes one interval later. */
  start(inMs: number): void {
    const { timers, pollIntervalMs } = this.#options;
    this.#cancel();
    this.#cancel = timers.after(inMs + pollIntervalMs, () => this.#poll());
  }

  #poll(): void {
    const { node, podStatuses } = this.#options;
    this.start(0);
    if (!node.lost) for (const podStatus of podStatuses()) this.#add(keyOf(podStatus));
  }

  #add(key: string): void {
    this.#due.add(key);
    if (!this.#working) void this.#work();
  }

  /** One after the other. What failed comes again without back-off, for ever. */
  async #work(): Promise<void> {
    this.#working = true;
    for (const key of this.#due) {
      this.#due.delete(key);
      const result = await rotatePod(this.#options, key);
      if (result === "failed") this.#options.timers.after(failedAgainMs, () => this.#add(key));
    }
    this.#working = false;
  }
}
