/** What looks of the bridge have read in Secrets, and when. What an instance took with it when it died was not seen. */

import type { BridgeCall } from "./sim.ts";

type Looker = Pick<BridgeCall, "instance" | "namespace">;

interface Read {
  readonly place: string;
  readonly bytes: string;
  readonly at: number;
}

export class SecretReads {
  /** By `namespace/secret/key`, then by what it held in base64. */
  readonly #last = new Map<string, Map<string, number>>();
  /** Reads of looks that may be under way, by instance and namespace: nothing of them has been kept yet. */
  readonly #underWay = new Map<string, Read[]>();

  /** When a look last read these bytes (in base64) there; 0 if none has. */
  lastRead(place: string, bytes: string): number {
    const kept = this.#last.get(place)?.get(bytes) ?? 0;
    const now = [...this.#underWay.values()].flat().filter((read) => read.place === place && read.bytes === bytes);
    return Math.max(kept, ...now.map(({ at }) => at));
  }

  read(looker: Looker, read: Read): void {
    const key = keyOf(looker);
    this.#underWay.set(key, [...(this.#underWay.get(key) ?? []), read]);
  }

  /** The look is over: another one begins, or a step is taken. What it saw is in the history. */
  over(looker: Looker): void {
    for (const { place, bytes, at } of this.#underWay.get(keyOf(looker)) ?? []) {
      const ofKey = this.#last.get(place) ?? new Map<string, number>();
      this.#last.set(place, ofKey.set(bytes, at));
    }
    this.#underWay.delete(keyOf(looker));
  }

  died(instance: number): void {
    for (const key of this.#underWay.keys()) if (key.startsWith(`${instance}/`)) this.#underWay.delete(key);
  }
}

function keyOf({ instance, namespace }: Looker): string {
  return `${instance}/${namespace}`;
}
