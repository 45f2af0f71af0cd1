import type { JsonObject } from "../json.ts";
import { keyOf } from "../objects.ts";
import type { Store } from "../store.ts";
import type { Timers } from "../timers.ts";

interface Version {
  readonly at: number;
  /** Undefined: deleted. */
  readonly object: JsonObject | undefined;
}

/** Secrets as kubelets see them: `delayMs` behind the API (0: never behind). */
export class SecretCache {
  readonly #store: Store;
  readonly #timers: Timers;
  readonly #delayMs: number;
  readonly #versions = new Map<string, Version[]>();

  constructor(store: Store, timers: Timers, delayMs: number) {
    this.#store = store;
    this.#timers = timers;
    this.#delayMs = delayMs;
    if (delayMs === 0) return;
    store.watch("Secret", undefined, ({ type, object }) => {
      const key = keyOf(object);
      const known = this.#versions.get(key) ?? [];
      const seenNow = known.findLastIndex((version) => version.at + delayMs <= timers.now());
      known.splice(0, Math.max(0, seenNow));
      known.push({ at: timers.now(), object: type === "DELETED" ? undefined : object });
      this.#versions.set(key, known);
    });
  }

  find(namespace: string, name: string): JsonObject | undefined {
    if (this.#delayMs === 0) return this.#store.find("Secret", namespace, name);
    const versions = this.#versions.get(`${namespace}/${name}`) ?? [];
    return versions.findLast((version) => version.at + this.#delayMs <= this.#timers.now())?.object;
  }
}
