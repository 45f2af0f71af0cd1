/** maxUnavailable and maxSurge of a rolling update, as Kubernetes works them out (ResolveFenceposts of its deployment util). */

import type { WorkloadKind } from "../observed.ts";
import { field, number, text } from "./read.ts";

/** How many pods may be missing at a time. Percentages of maxUnavailable are rounded down, of maxSurge up. */
export function unavailableAtMost(kind: WorkloadKind, spec: unknown, desired: number): number {
  const limits = field(spec, kind === "Deployment" ? "strategy" : "updateStrategy", "rollingUpdate");
  const defaults = { Deployment: ["25%", "25%"], StatefulSet: [1, 0], DaemonSet: [1, 0] } as const;
  const [unavailable, surge] = defaults[kind];
  const mayMiss = resolved(field(limits, "maxUnavailable") ?? unavailable, desired, Math.floor);
  const mayAdd = resolved(field(limits, "maxSurge") ?? surge, desired, Math.ceil);
  // Kubernetes reads "none missing, none more" as one missing, so that the rollout can move at all.
  return mayMiss === 0 && mayAdd === 0 ? 1 : mayMiss;
}

function resolved(value: unknown, desired: number, round: (share: number) => number): number {
  const percent = /^(\d{1,3})%$/.exec(text(value) ?? "")?.[1];
  return percent === undefined ? (number(value) ?? 0) : round((Number(percent) / 100) * desired);
}
