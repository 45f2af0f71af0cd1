/** Our own restart is on its way: its rollout is watched, whatever it was for. */

import { sameVersions } from "../marker.ts";
import type { Look } from "./look.ts";
import { unfinishable } from "./obstacles.ts";
import type { Next } from "./plan-types.ts";
import { pollOf, rolloutOf } from "./rollout.ts";
import type { RolloutState } from "./rollout.ts";
import { poll, waiting } from "./wait.ts";
import type { Obstacle, Progress, Waiting } from "./wait.ts";
import { isLeftOut, wantedEntries } from "./wanted-marker.ts";
import type { ObjectUse, WorkloadState } from "./workload-state.ts";

/** Restarts for the same versions. */
export const mostAttempts = 3;
/** So long a replica of the vault may lag after it served a mount. */
const laggingMs = 30_000;

type OnItsWay =
  | { readonly kind: "rolling"; readonly outcome: Progress; readonly next: Next }
  | { readonly kind: "obstacle"; readonly outcome: Obstacle };

/** A rollout that is not complete; undefined: it is. */
export function watchRollout(state: WorkloadState, rollout: RolloutState, look: Look): OnItsWay | undefined {
  if (rollout.kind === "complete") return undefined;
  const { about } = rollout;
  if (rollout.kind === "stuck")
    return { kind: "obstacle", outcome: { kind: "failed", reason: "rollout-stuck", about } };
  if (rollout.kind === "lingering")
    return { kind: "obstacle", outcome: { kind: "waiting", reason: "old-mount", about } };
  const waitsForOwner = rollout.kind === "running" ? unfinishable(state) : undefined;
  if (waitsForOwner !== undefined) return { kind: "obstacle", outcome: waitsForOwner };
  return { kind: "rolling", ...waiting("rollout-running", about, pollOf(state.item, look)) };
}

/**
 * Restarted by us for what its marker leaves out: until the rollout is complete nothing but the rest of the marker tells.
 */
export function watchUnmarked(state: WorkloadState, uses: readonly ObjectUse[], look: Look): OnItsWay | undefined {
  const entries = wantedEntries(state, look);
  // A marker that leaves out all there is to name is a restart of ours as well.
  if (state.item.workload.restartedByUsAt === undefined) return undefined;
  if (!uses.every(({ wanted }) => isLeftOut(wanted, entries))) return undefined;
  if (!sameVersions({ entries, attempt: 1 }, state.marker)) return undefined;
  return watchRollout(state, rolloutOf(state.item, look), look);
}

/** New pods mounted an older version than their marker names. Undefined: only another restart helps, if one is left. */
export function awaitMounts({ item, marker }: WorkloadState, look: Look): Waiting | undefined {
  if (look.driver.rotation === "on") return waiting("driver-refresh", [item.key], { kind: "later", atLeastMs: 30_000 });
  // The driver read from a replica of the vault that lagged.
  const lagged = look.notebook.since(`lagging/${item.key}`);
  // What the last restart brought stays as it is: a look that begins anew need not sit and wait for it.
  const youngest = Math.max(...item.pods.map((pod) => pod.createdAt));
  const isSettled = marker.attempt >= mostAttempts && look.now - youngest >= laggingMs;
  return lagged < laggingMs && !isSettled ? waiting("rollout-running", [item.key], poll) : undefined;
}
