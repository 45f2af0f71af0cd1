/**
 * The memory of one look while it is being planned. Times that are not asked for again lapse by themselves (what is
 * no longer so has no first time), counts stay.
 */

import type { Memory } from "../memory.ts";
import { withReverted } from "../memory.ts";
import { isNote, restartOf } from "./memory-keys.ts";

export class Notebook {
  readonly #before: Memory;
  readonly #now: number;
  readonly #firstSeen = new Map<string, number>();
  readonly #counts: ReadonlyMap<string, number>;
  #reverted: Set<string>;

  constructor(memory: Memory, now: number) {
    this.#before = memory;
    this.#now = now;
    this.#counts = new Map(Object.entries(memory.counts));
    this.#reverted = new Set(memory.reverted);
  }

  /** How long `key` has been so, in milliseconds: 0 at the first look that finds it. */
  since(key: string): number {
    const first = Math.min(this.#before.firstSeen[key] ?? this.#now, this.#now);
    this.#firstSeen.set(key, first);
    return this.#now - first;
  }

  /** Was `key` so at the look before? */
  saw(key: string): boolean {
    return this.#before.firstSeen[key] !== undefined;
  }

  /** What was so at the look before, of all that begins like this. */
  beginningWith(prefix: string): readonly string[] {
    return Object.keys(this.#before.firstSeen).filter((key) => key.startsWith(prefix));
  }

  /** Starts `key` anew: the next look that asks finds it for the first time. */
  forget(key: string): void {
    this.#firstSeen.delete(key);
  }

  count(key: string): number {
    return this.#counts.get(key) ?? 0;
  }

  /** `restart`: see `restartKey`, or a `metKey`. */
  reverted(restart: string): boolean {
    return this.#reverted.has(restart);
  }

  markReverted(restart: string): void {
    this.#reverted.add(restart);
  }

  /** With all that was noted of it while classes were left alone. */
  clearReverted(restart: string): void {
    this.#reverted = new Set([...this.#reverted].filter((noted) => restartOf(noted) !== restart));
  }

  /** `noted`: a `metKey` of what turned out to be right. */
  clearMet(noted: string): void {
    this.#reverted.delete(noted);
  }

  /** Restarts that have been done again, or undone: nobody will ask for them any more. */
  keepReverted(present: () => ReadonlySet<string>): void {
    if (this.#reverted.size === 0) return;
    const restarts = present();
    for (const restart of this.#reverted) if (!restarts.has(restartOf(restart))) this.#reverted.delete(restart);
  }

  toMemory(): Memory {
    // Bounded, because it travels in a queue message: the newest counts are the ones that matter.
    const counts = [...this.#counts].slice(-200);
    const notes = [...this.#firstSeen].filter(([key]) => isNote(key)).slice(-100);
    const times = [...this.#firstSeen].filter(([key]) => !isNote(key)).slice(-200);
    return {
      firstSeen: Object.fromEntries([...times, ...notes]),
      counts: Object.fromEntries(counts),
      reverted: withReverted([], [...this.#reverted]),
      delayMs: this.#before.delayMs,
    };
  }
}
