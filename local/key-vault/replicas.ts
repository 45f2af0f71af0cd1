/** Replicas that lag: for a while a vault answers as if its newest versions did not exist yet. */

import type { ObjectType } from "../../shared/core/vault-object.ts";

export interface StaleOptions {
  /** Whose replica; a secret's where it is not said. */
  readonly type?: ObjectType;
  /** So many requests are answered by the replica; without `reads` and `until`, all. */
  readonly reads?: number;
  /** Until this time (milliseconds since 1970) the replica answers. */
  readonly until?: number;
  /**
   * What the replica lacks: `newest` (default), the newest version there is now and all later ones; `later`, only what
   * is set after now.
   */
  readonly without?: "newest" | "later";
}

interface Versioned {
  readonly version: string;
}

interface Lag {
  readonly known: ReadonlySet<string>;
  readonly until: number;
  reads: number;
}

export class Replicas {
  readonly #lags = new Map<string, Lag>();

  /** `versions`, oldest first, are what the vault holds now. A new lag of an object replaces the one before. */
  lag(vault: string, name: string, versions: readonly Versioned[], options: StaleOptions): void {
    const kept = options.without === "later" ? versions : versions.slice(0, -1);
    this.#lags.set(objectOf(vault, name), {
      known: new Set(kept.map(({ version }) => version)),
      until: options.until ?? Number.POSITIVE_INFINITY,
      reads: options.reads ?? Number.POSITIVE_INFINITY,
    });
  }

  /** What the replica that answers this request knows. Counts the request. */
  seen<V extends Versioned>(vault: string, name: string, versions: readonly V[], now: number): readonly V[] {
    const lag = this.#lags.get(objectOf(vault, name));
    if (lag === undefined || lag.reads <= 0 || now >= lag.until) return versions;
    lag.reads -= 1;
    return versions.filter(({ version }) => lag.known.has(version));
  }

  /** The same, for a list of all objects; not counted. */
  listed<V extends Versioned>(vault: string, name: string, versions: readonly V[], now: number): readonly V[] {
    const lag = this.#lags.get(objectOf(vault, name));
    if (lag === undefined || lag.reads <= 0 || now >= lag.until) return versions;
    return versions.filter(({ version }) => lag.known.has(version));
  }
}

function objectOf(vault: string, name: string): string {
  return `${vault}/${name}`.toLowerCase();
}
