/** A workload whose template carries the wanted marker: is its rollout proven, or must it be done again? */

import type { Look } from "./look.ts";
import { restartKey } from "./memory-keys.ts";
import { obstacleOf } from "./obstacles.ts";
import { awaitMounts, mostAttempts, watchRollout } from "./own-rollout.ts";
import { heldFor, restart } from "./restart-step.ts";
import { proofAwaited, secretsNotReady } from "./restart-gates.ts";
import type { WaitFor } from "./restart-gates.ts";
import { isLagging, noteMet } from "./reverts.ts";
import { rolloutOf } from "./rollout.ts";
import type { WorkloadDecision } from "./workload-decision.ts";
import type { ObjectUse, WorkloadState } from "./workload-state.ts";

/** Its template carries the wanted marker: prove the rollout, and that its pods really mounted the versions. */
export function decideMarked(
  state: WorkloadState,
  marked: readonly ObjectUse[],
  waitFor: WaitFor,
  look: Look,
): WorkloadDecision | undefined {
  const { key } = state.item;
  const rollout = rolloutOf(state.item, look);
  noteMet(state, marked, rollout.kind, look);
  const onItsWay = watchRollout(state, rollout, look);
  if (onItsWay !== undefined) return { ...onItsWay, for: marked };
  const lagging = marked.filter(isLagging);
  // Where its own new mounts are old (on 1.6 they write old bytes back), another restart helps only once the vault has caught up.
  if (lagging.length === 0)
    return look.notebook.reverted(restartKey(key, state.marker))
      ? again(state, marked, "reverted", waitFor, look)
      : undefined;
  const awaited = awaitMounts(state, look);
  if (awaited !== undefined) return { kind: "rolling", ...awaited, for: lagging };
  return again(state, lagging, "mounts-stale", waitFor, look);
}

/** Another restart for the same versions: `#2`, at most `#3`. */
function again(
  state: WorkloadState,
  because: readonly ObjectUse[],
  reason: "reverted" | "mounts-stale",
  waitFor: WaitFor,
  look: Look,
): WorkloadDecision {
  const { key } = state.item;
  if (state.marker.attempt >= mostAttempts)
    return { kind: "obstacle", outcome: { kind: "failed", reason, about: [key] }, for: because };
  const obstacle = obstacleOf(state, because, look);
  if (obstacle !== undefined) return { kind: "obstacle", outcome: obstacle, for: because };
  const notRight = secretsNotReady(state, because, look);
  if (notRight !== undefined) return { kind: "held", ...notRight, for: because };
  // Old mounts that are still about would put old bytes back once more.
  const wait = proofAwaited(state, waitFor);
  if (wait !== undefined) return heldFor(wait, because);
  return restart(state, because, state.marker.attempt + 1, look);
}
