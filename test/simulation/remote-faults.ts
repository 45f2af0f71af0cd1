/** What goes wrong between an instance and the other side: windows of time in which a share of the calls fails. */

import { ApiError } from "../../local/cluster/api-error.ts";
import type { ApiReason } from "../../local/cluster/api-error.ts";
import { RemoteProblem } from "../../shared/core/remote-problem.ts";
import type { Random } from "./random.ts";
import type { Tally } from "./tally.ts";

export type RemoteFault =
  | "401"
  | "403"
  | "404"
  | "409"
  | "422"
  | "429"
  | "500"
  | "503"
  | "reset"
  | "hang"
  /** Takes effect; the answer never comes. */
  | "lost"
  | "slow";

export interface RemoteCall {
  readonly target: "cluster" | "queue";
  /** Its name; empty for the queue. */
  readonly cluster: string;
  readonly verb: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

interface Window {
  readonly fault: RemoteFault;
  readonly from: number;
  readonly to: number;
  readonly share: number;
  /** `patch`, ...; empty: any. */
  readonly verb: string;
  /** `Secret`, `Deployment`, ...; empty: any. */
  readonly kind: string;
  readonly target: RemoteCall["target"];
  /** Empty: any. */
  readonly cluster: string;
}

/** As the adapter's own: a call that hangs ends after this long. */
const hangMs = 6000;

export class RemoteFaults {
  readonly #windows: Window[] = [];
  readonly #random: Random;
  readonly #tally: Tally;

  readonly #note: (text: string) => void;

  constructor(random: Random, tally: Tally, note: (text: string) => void) {
    this.#random = random;
    this.#tally = tally;
    this.#note = note;
  }

  add(window: Window): void {
    this.#windows.push(window);
  }

  /** Runs before a call takes effect; may throw what the call throws. */
  async before(call: RemoteCall, now: number, sleep: (ms: number) => Promise<void>): Promise<void> {
    const fault = this.#meets(call, now, (one) => one !== "lost");
    if (fault === undefined) return;
    if (fault === "slow") return sleep(this.#random.int(500, 4000));
    if (fault === "hang") {
      await sleep(hangMs);
      throw new RemoteProblem("timeout", `Could not ${call.verb} ${call.kind}: no answer in time.`);
    }
    if (fault === "reset")
      throw new RemoteProblem("unavailable", `Could not ${call.verb} ${call.kind}: the connection broke.`);
    const status = Number(fault);
    if (call.target === "queue")
      throw new RemoteProblem(status === 429 ? "throttled" : "unavailable", `The queue answered ${status}.`, status);
    throw new ApiError(status, reasonOf(status), `fault ${status}`);
  }

  /** Runs when a call has taken effect. */
  after(call: RemoteCall, now: number): void {
    if (this.#meets(call, now, (one) => one === "lost") !== undefined)
      throw new RemoteProblem("unavailable", `Could not ${call.verb} ${call.kind}: the connection broke.`);
  }

  #meets(call: RemoteCall, now: number, fits: (fault: RemoteFault) => boolean): RemoteFault | undefined {
    for (const { fault, from, to, share, verb, kind, target, cluster } of this.#windows) {
      if (now < from || now >= to || target !== call.target || !fits(fault)) continue;
      if (cluster !== "" && cluster !== call.cluster) continue;
      if ((kind !== "" && kind !== call.kind) || (verb !== "" && verb !== call.verb)) continue;
      if (!this.#random.chance(share)) continue;
      this.#tally.add(`fault ${target} ${fault}`);
      this.#note(
        `  ! ${fault}: ${call.verb} ${call.kind} ${[call.cluster, call.namespace, call.name].join(" ").trim()}`,
      );
      return fault;
    }
    return undefined;
  }
}

const reasons: ReadonlyMap<number, ApiReason> = new Map([
  [401, "Unauthorized"],
  [403, "Forbidden"],
  [404, "NotFound"],
  [409, "Conflict"],
  [422, "Invalid"],
  [429, "TooManyRequests"],
  [500, "InternalError"],
]);

function reasonOf(status: number): ApiReason {
  return reasons.get(status) ?? "ServiceUnavailable";
}
