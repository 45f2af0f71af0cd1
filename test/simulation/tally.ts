/** How often each thing happened, over one run or many. */

export type Counts = Readonly<Record<string, number>>;

export class Tally {
  readonly #counts = new Map<string, number>();

  add(name: string, times: number = 1): void {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + times);
  }

  merge(counts: Counts): void {
    for (const [name, times] of Object.entries(counts)) this.add(name, times);
  }

  of(name: string): number {
    return this.#counts.get(name) ?? 0;
  }

  /** Of all names that begin with `prefix`. */
  total(prefix: string): number {
    return [...this.#counts].reduce((sum, [name, times]) => (name.startsWith(prefix) ? sum + times : sum), 0);
  }

  counts(): Counts {
    return Object.fromEntries([...this.#counts].sort(([one], [other]) => (one < other ? -1 : 1)));
  }
}
