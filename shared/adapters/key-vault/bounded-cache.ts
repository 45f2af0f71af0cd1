/** What was learned a short while ago: bounded in number and in time, so that values do not stay in memory for long. */

export class BoundedCache<T> {
  readonly #entries = new Map<string, { readonly value: T; readonly until: number }>();
  readonly #atMost: number;
  readonly #keepMs: number;

  constructor(options: { readonly atMost: number; readonly keepMs: number }) {
    this.#atMost = options.atMost;
    this.#keepMs = options.keepMs;
  }

  get(key: string, now: number): T | undefined {
    const entry = this.#entries.get(key);
    return entry !== undefined && now < entry.until ? entry.value : undefined;
  }

  /** Forgets what is too old, then the oldest entries over the bound. */
  set(key: string, value: T, now: number): void {
    this.#entries.delete(key);
    this.#entries.set(key, { value, until: now + this.#keepMs });
    for (const [other, entry] of this.#entries) {
      if (entry.until > now && this.#entries.size <= this.#atMost) break;
      this.#entries.delete(other);
    }
  }
}
