/** What happened to the objects of one kind, in order, for as long as a watch may ask for it. */

import { ApiError } from "./api-error.ts";
import type { JsonObject } from "./json.ts";

export interface WatchEvent {
  readonly type: "ADDED" | "MODIFIED" | "DELETED";
  readonly object: JsonObject;
}

export type WatchListener = (event: WatchEvent) => void;

interface Entry {
  readonly version: number;
  readonly event: WatchEvent;
}

export class WatchLog {
  readonly #keep: number;
  /** Each listener with the version of the last event it was told. */
  readonly #listeners = new Map<WatchListener, number>();
  readonly #undelivered: Entry[] = [];
  #entries: Entry[] = [];
  /** Events up to this resourceVersion are forgotten. */
  #forgotten = 0;
  #delivering = false;

  constructor(keep: number) {
    this.#keep = keep;
  }

  /** Listeners are called at once, in order; an event that a listener causes comes after the one it is told. */
  push(version: number, event: WatchEvent): void {
    this.#entries.push({ version, event });
    if (this.#entries.length > 2 * this.#keep) this.forget(this.#entries[this.#keep - 1]?.version ?? 0);
    this.#undelivered.push({ version, event });
    if (this.#delivering) return;
    this.#delivering = true;
    try {
      for (let next = this.#undelivered.shift(); next !== undefined; next = this.#undelivered.shift()) {
        this.#tell(next);
      }
    } finally {
      this.#delivering = false;
    }
  }

  /** Everything after `version`, then what comes; throws 410 if that is forgotten. The answer ends it. */
  follow(version: number, listener: WatchListener): () => void {
    if (version < this.#forgotten) throw new ApiError(410, "Expired", `too old resource version: ${version}`);
    const past = this.#entries.filter((entry) => entry.version > version);
    this.#listeners.set(listener, past.at(-1)?.version ?? version);
    for (const entry of past) listener(entry.event);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  /** Drops what happened up to `version`, as etcd's compaction does. */
  forget(version: number): void {
    this.#forgotten = Math.max(this.#forgotten, version);
    this.#entries = this.#entries.filter((entry) => entry.version > this.#forgotten);
  }

  #tell({ version, event }: Entry): void {
    for (const [listener, seen] of this.#listeners) {
      if (seen >= version) continue;
      this.#listeners.set(listener, version);
      listener(event);
    }
  }
}
