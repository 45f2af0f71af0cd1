/** When each instance's present look at a namespace began, and what it could see. */

import type { JsonObject } from "../../local/cluster/json.ts";
import { livePods } from "./pods.ts";
import type { BridgeCall, Sim } from "./sim.ts";

/** A poll of a rollout is 1.5 s, a conflict is tried again after 0.1 s for 20 times at the most. */
const mostAMinute = 150;

type Looker = Pick<BridgeCall, "instance" | "namespace">;

export class Looks {
  readonly #sim: Sim;
  readonly #break: (law: string) => void;
  readonly #began = new Map<string, number>();
  /** The live pods at that time: what came since, it had not seen. */
  readonly #pods = new Map<string, readonly JsonObject[]>();
  readonly #inMinute = new Map<string, number>();

  constructor(sim: Sim, broken: (law: string) => void) {
    this.#sim = sim;
    this.#break = broken;
  }

  /** Undefined while it has not looked yet. */
  began({ instance, namespace }: Looker): number | undefined {
    return this.#began.get(`${instance}/${namespace}`);
  }

  podsSeen({ instance, namespace }: Looker): readonly JsonObject[] {
    return this.#pods.get(`${instance}/${namespace}`) ?? [];
  }

  begin({ instance, namespace, at: now }: BridgeCall): void {
    this.#began.set(`${instance}/${namespace}`, now);
    this.#pods.set(`${instance}/${namespace}`, livePods(this.#sim, namespace));
    const minute = `${instance}/${namespace}/${Math.floor(now / 60_000)}`;
    const looks = (this.#inMinute.get(minute) ?? 0) + 1;
    this.#inMinute.set(minute, looks);
    if (looks === mostAMinute) this.#break(`instance ${instance} looks at ${namespace} all the time`);
  }
}
