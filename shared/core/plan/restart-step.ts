/** A restart as a step of the plan, and the wait that holds one up. */

import { formatMarker } from "../marker.ts";
import type { Look } from "./look.ts";
import { mostAttempts } from "./own-rollout.ts";
import type { Next } from "./plan-types.ts";
import { ownedKeys } from "./reverts.ts";
import { waiting } from "./wait.ts";
import type { Wait } from "./wait.ts";
import { wantedMarker } from "./wanted-marker.ts";
import type { WorkloadDecision } from "./workload-decision.ts";
import type { ObjectUse, WorkloadState } from "./workload-state.ts";

const afterRestart: Next = { kind: "soon", ms: 1000, afterStep: true };

/** The `attempt`th restart for its versions, or a later one: an obstacle where none would ever be enough. */
export function restart(
  state: WorkloadState,
  because: readonly ObjectUse[],
  attempt: number,
  look: Look,
): WorkloadDecision {
  const { workload, key } = state.item;
  const marker = wantedMarker(state, attempt, look);
  // Nothing that a restart brings would ever be enough (two classes that pin one object otherwise): a person must look.
  const startUnknown = { kind: "waiting", reason: "start-unknown", about: [key] } as const;
  const inVain = marker.attempt > attempt && state.marker.attempt >= mostAttempts;
  if (inVain) return { kind: "obstacle", outcome: startUnknown, for: because };
  const step = {
    kind: "restart",
    workload,
    marker: formatMarker(marker),
    counts: ownedKeys(state, marker),
    because: because.map((use) => `${use.wanted.key}@${use.wanted.current.version}`),
  } as const;
  return { kind: "restart", step, ...waiting("rollout-running", [key], afterRestart), for: because };
}

/** Its restart waits for the proof of what other workloads mount. */
export function heldFor({ outcome, next }: Wait, old: readonly ObjectUse[]): WorkloadDecision {
  return outcome.kind === "waiting"
    ? { kind: "held", outcome, next, for: old, forOthers: true }
    : { kind: "obstacle", outcome, for: old };
}
