/** What the Secrets of a world have held, key by key, and whether the bridge put it there. */

import { isObject, listAt, objectAt, textAt } from "../../local/cluster/json.ts";
import type { LocalCluster } from "../../local/cluster/cluster.ts";
import type { JsonObject } from "../../local/cluster/json.ts";
import { nameOf, namespaceOf } from "../../local/cluster/objects.ts";
import { fieldManager } from "../../shared/core/marker.ts";
import type { Clock } from "../../shared/ports.ts";

interface Held {
  readonly at: number;
  /** In base64; empty while there is no such key. */
  readonly bytes: string;
  readonly ours: boolean;
}

export class SecretHistory {
  readonly #clock: Clock;
  /** By `namespace/name`, then by key; oldest first. */
  readonly #held = new Map<string, Map<string, Held[]>>();

  constructor(clock: Clock, clusters: Iterable<LocalCluster>) {
    this.#clock = clock;
    for (const { store } of clusters)
      store.watch("Secret", undefined, ({ type, object }) => this.#changed(object, type === "DELETED"));
  }

  /**
   * Did somebody else than the bridge put these bytes back where the right ones had been, so that who started between
   * `from` and `to` could meet them?
   */
  wasReverted(place: string, right: string, bytes: string, from: number, to: number): boolean {
    const held = this.#of(place);
    const first = held.findIndex((one) => one.bytes === right);
    return held.some((one, index) => {
      const until = held[index + 1]?.at ?? Number.POSITIVE_INFINITY;
      return first >= 0 && index > first && one.bytes === bytes && !one.ours && one.at <= to && until >= from;
    });
  }

  /** Between `from` and `to`: had somebody else than the bridge made the key with these bytes, when there was none? And when? */
  remadeAt(place: string, bytes: string, from: number, to: number): number | undefined {
    const held = this.#of(place);
    return held.find((one, index) => {
      const until = held[index + 1]?.at ?? Number.POSITIVE_INFINITY;
      const isRemade = index > 0 && held[index - 1]?.bytes === "" && one.bytes === bytes && !one.ours;
      return isRemade && one.at <= to && until >= from;
    })?.at;
  }

  /** When a key (`namespace/name/key`) last got these bytes; undefined if it never did. */
  cameAt(place: string, bytes: string): number | undefined {
    return this.#of(place).findLast((one) => one.bytes === bytes)?.at;
  }

  /** `secret`: `namespace/name`. Does a key of it hold something else now than it did then? */
  isOtherThan(secret: string, then: number): boolean {
    return [...(this.#held.get(secret)?.values() ?? [])].some((held) => {
      const was = held.findLast((one) => one.at <= then);
      return was !== undefined && was.bytes !== held.at(-1)?.bytes;
    });
  }

  #of(place: string): readonly Held[] {
    const cut = place.lastIndexOf("/");
    return this.#held.get(place.slice(0, cut))?.get(place.slice(cut + 1)) ?? [];
  }

  #changed(object: JsonObject, gone: boolean): void {
    const secret = `${namespaceOf(object)}/${nameOf(object)}`;
    const keys = this.#held.get(secret) ?? new Map<string, Held[]>();
    this.#held.set(secret, keys);
    const data = gone ? {} : objectAt(object, "data");
    for (const key of new Set([...keys.keys(), ...Object.keys(data)])) {
      const held = keys.get(key) ?? [];
      const bytes = textAt(data, key);
      if (held.at(-1)?.bytes === bytes) continue;
      keys.set(key, [...held, { at: this.#clock.now(), bytes, ours: bytes !== "" && isOurs(object, key) }]);
    }
  }
}

function isOurs(object: JsonObject, key: string): boolean {
  return listAt(object, "metadata", "managedFields").some(
    (entry) =>
      isObject(entry) &&
      textAt(entry, "manager") === fieldManager &&
      `f:${key}` in objectAt(entry, "fieldsV1", "f:data"),
  );
}
