/** Does the restart of a workload leave moments without a ready pod? By its strategy; disruption budgets do not count in rollouts. */

import type { Workload } from "../observed.ts";
import type { Outage } from "./plan-report-types.ts";

export function outageOf(workload: Workload): Outage | undefined {
  const { kind, desired, strategy, unavailableAtMost } = workload;
  if (desired === 0) return undefined;
  if (strategy === "recreate") {
    return { kind: "recreate", sentence: "Strategy Recreate: all its pods end before new ones start." };
  }
  if (strategy !== "rolling" || unavailableAtMost === undefined || unavailableAtMost === 0) return undefined;
  if (kind === "DaemonSet") {
    return { kind: "each-node", sentence: "On each node its pod ends before the new one is ready." };
  }
  if (desired === 1) {
    const why = kind === "StatefulSet" ? "a StatefulSet of one replica" : "one replica and maxUnavailable 1";
    return { kind: "only-pod", sentence: `Its only pod ends before the new one is ready (${why}).` };
  }
  if (unavailableAtMost >= desired) {
    return { kind: "all-at-once", sentence: `maxUnavailable lets all ${desired} pods end at once.` };
  }
  return undefined;
}
