/**
 * A workload that was found old for a version, and that somebody else rolled out before the bridge restarted it. Where the
 * driver wrote the Secret and may write again, nothing proves what the new pods started with; but they are no longer what a
 * person is asked about: the restart was due, and is done (docs/decisions/0025).
 */

import type { Look } from "./look.ts";
import { dueKey } from "./memory-keys.ts";
import { isLeftOut, wantedEntries } from "./wanted-marker.ts";
import type { ObjectUse, WorkloadState } from "./workload-state.ts";

/** To be told when these uses are old and the bridge sees to it: nothing stands in the way that a person must clear. */
export function noteDue(state: WorkloadState, old: readonly ObjectUse[], look: Look): void {
  for (const use of old) if (isProvable(use, state, look)) look.notebook.since(keyOf(use, state));
}

/** Nobody can tell what it was started with, and the look before was about to restart it. */
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
