/**
 * What runs have seen of a target's restarts whose pods met old bytes. Nothing in the cluster tells it afterwards, so it
 * outlives the run and its chain, in the history.
 */

import { withReverted } from "./core/memory.ts";
import type { Target } from "./core/target.ts";
import type { History } from "./ports.ts";

export interface Recalled {
  /** All restarts known now, this run's own among them. */
  readonly reverted: readonly string[];
  /** Another run has seen something that this one did not know. */
  readonly isNew: boolean;
}

export class RevertedNotes {
  readonly #target: Target;
  readonly #history: Pick<History, "reverted" | "keepReverted">;
  /** What the history knows; undefined before it was asked. */
  #noted: ReadonlySet<string> | undefined;

  constructor(target: Target, history: Pick<History, "reverted" | "keepReverted">) {
    this.#target = target;
    this.#history = history;
  }

  get asked(): boolean {
    return this.#noted !== undefined;
  }

  /** Asks what other runs have seen. `own` is what this run knows. */
  async recall(own: readonly string[]): Promise<Recalled> {
    const noted = await this.#history.reverted(this.#target);
    const isNew = noted.some((restart) => !own.includes(restart) && this.#noted?.has(restart) !== true);
    this.#noted = new Set(noted);
    return { reverted: withReverted(noted, own), isNew };
  }

  /** At once: the step that follows takes away what tells it, and this run may die. */
  async keep(own: readonly string[]): Promise<void> {
    const now = new Set(own);
    const before = this.#noted ?? new Set();
    if (now.size === before.size && [...now].every((restart) => before.has(restart))) return;
    // Another run may have noted something since.
    const others = (await this.#history.reverted(this.#target)).filter((restart) => !before.has(restart));
    const kept = withReverted(others, [...now]);
    await this.#history.keepReverted(this.#target, kept);
    this.#noted = new Set(kept);
  }
}
