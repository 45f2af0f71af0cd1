/**
 * A kubelet's syncs of one pod: every 60 to 90 s, and at once when the pod's labels or annotations change. Of all that a
 * sync does, only the repeated publishing of volumes matters here, so without it there are none.
 */

import type { CsiDriver } from "../csi/driver.ts";
import { equal, objectAt } from "../json.ts";
import type { JsonObject } from "../json.ts";
import { nameOf, uidOf } from "../objects.ts";
import type { NodeServices } from "./node-services.ts";

export class PodSyncs {
  readonly #pod: JsonObject;
  readonly #driver: CsiDriver;
  readonly #services: NodeServices;
  /** As it was last seen. */
  #seen: JsonObject;
  #count = 0;
  #cancel: (() => void) | undefined;
  #asked = 0;

  constructor(pod: JsonObject, driver: CsiDriver, services: NodeServices) {
    this.#pod = pod;
    this.#driver = driver;
    this.#services = services;
    this.#seen = pod;
  }

  /** All volumes are mounted. */
  start(): void {
    if (this.#driver.republishes) this.#plan();
  }

  changed(pod: JsonObject): void {
    const before = this.#seen;
    this.#seen = pod;
    if (this.#cancel !== undefined && !sameMarks(before, pod)) void this.#sync();
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #plan(): void {
    const { timers, timing } = this.#services;
    this.#cancel?.();
    this.#cancel = timers.after(timing.resyncMs * (1 + this.#jitter() / 2), () => void this.#sync());
  }

  /** What is asked for while volumes are being published comes once afterwards. */
  async #sync(): Promise<void> {
    this.#plan();
    this.#asked += 1;
    if (this.#asked > 1) return;
    while (this.#asked > 0 && this.#cancel !== undefined) {
      this.#asked = 1;
      await this.#driver.republish(this.#pod);
      this.#asked -= 1;
    }
    this.#asked = 0;
  }

  /** From 0 to 1, spread evenly over the syncs, and the same in every run. */
  #jitter(): number {
    this.#count += 1;
    let seed = 0;
    for (const unit of `${nameOf(this.#pod)}/${uidOf(this.#pod)}`)
      seed = (seed * 31 + (unit.codePointAt(0) ?? 0)) % 997;
    return (seed / 997 + this.#count * goldenRatio) % 1;
  }
}

const goldenRatio = 0.618_034;

/** What of a pod's metadata makes a kubelet sync it. */
function sameMarks(one: JsonObject, other: JsonObject): boolean {
  return ["labels", "annotations"].every((key) =>
    equal(objectAt(one, "metadata", key), objectAt(other, "metadata", key)),
  );
}
