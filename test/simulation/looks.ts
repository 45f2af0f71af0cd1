/** When each instance's present look at a namespace began, and what it could see. */

import type { JsonObject } from "../../local/cluster/json.ts";
import { bornAt, livePods, ownPods } from "./pods.ts";
import type { BridgeCall, Sim } from "./sim.ts";

/** A poll of a rollout is 1.5 s, a conflict is tried again after 0.1 s for 20 times at the most. */
const mostAMinute = 150;

/** So long somebody's rollout may take that comes before a restart which was due. */
const dueMs = 5 * 60_000;

type Looker = Pick<BridgeCall, "instance" | "namespace">;

export class Looks {
  readonly #sim: Sim;
  readonly #break: (law: string) => void;
  readonly #began = new Map<string, number>();
  /** The live pods at that time: what came since, it had not seen. */
  readonly #pods = new Map<string, readonly JsonObject[]>();
  /** The same of every look so far, by namespace. */
  readonly #past = new Map<string, { readonly at: number; readonly pods: readonly JsonObject[] }[]>();
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

  /** Did a look of the last minutes, after the version came, find a pod of the workload that had been there before? */
  sawOlder({ namespace, kind, name, at: now }: BridgeCall, version: number): boolean {
    const looks = this.#past.get(namespace) ?? [];
    const older = (pod: JsonObject) => bornAt(pod) <= version;
    return looks.some(({ at, pods }) => at >= Math.max(version, now - dueMs) && ownPods(pods, kind, name).some(older));
  }

  begin({ instance, namespace, at: now }: BridgeCall): void {
    this.#began.set(`${instance}/${namespace}`, now);
    const pods = livePods(this.#sim, namespace);
    this.#pods.set(`${instance}/${namespace}`, pods);
    const past = this.#past.get(namespace) ?? [];
    past.push({ at: now, pods });
    this.#past.set(namespace, past);
    const minute = `${instance}/${namespace}/${Math.floor(now / 60_000)}`;
    const looks = (this.#inMinute.get(minute) ?? 0) + 1;
    this.#inMinute.set(minute, looks);
    if (looks === mostAMinute) this.#break(`instance ${instance} looks at ${namespace} all the time`);
  }
}
