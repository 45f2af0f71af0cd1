/**
 * A workload that was found old for a version, and that somebody else rolled out before the bridge could restart it. Where the
 * driver wrote the Secret and may write again, nothing proves what the new pods started with. They are not left to a person:
 * the restart was due, and is still done (docs/decisions/0025).
 */

import type { Look } from "./look.ts";
import { dueKey } from "./memory-keys.ts";
import { obstacleOf } from "./obstacles.ts";
import { isLeftOut, wantedEntries } from "./wanted-marker.ts";
import type { WorkloadDecision } from "./workload-decision.ts";
import type { ObjectUse, WorkloadState } from "./workload-state.ts";

/**
 * Notes, of what was decided in the end, which restarts are made or wait for nothing but rollouts, Secrets and the like. While
 * somebody else's rollout is on its way only what was noted before stays so: the bridge may never have meant to restart it.
 */
export function noteDue(
  states: readonly WorkloadState[],
  decisions: ReadonlyMap<string, WorkloadDecision>,
  look: Look,
): void {
  for (const state of states) {
    const decision = decisions.get(state.item.key);
    const old = state.uses.filter((use) => use.standing === "old" || isDue(use, state, look));
    if (decision?.kind === "restart" || (decision?.kind === "held" && decision.next.kind === "soon"))
      for (const use of old) if (isProvable(use, state, look)) look.notebook.since(keyOf(use, state));
    if (decision?.kind === "rolling" && obstacleOf(state, old, look) === undefined)
      for (const use of old) if (look.notebook.saw(keyOf(use, state))) look.notebook.since(keyOf(use, state));
  }
}

/** Nobody can tell what it was started with, and the look before noted that its restart was due. */
export function isDue(use: ObjectUse, state: WorkloadState, look: Look): boolean {
  return use.standing === "unknown" && isProvable(use, state, look) && look.notebook.saw(keyOf(use, state));
}

/** A restart would prove it by its marker: not of a pin that moved, nor of what the marker leaves out. */
function isProvable({ doubtful, wanted }: ObjectUse, state: WorkloadState, look: Look): boolean {
  return !doubtful && !isLeftOut(wanted, wantedEntries(state, look));
}

function keyOf({ wanted }: ObjectUse, { item }: WorkloadState): string {
  return dueKey(item.key, wanted.key, wanted.current.version);
}
