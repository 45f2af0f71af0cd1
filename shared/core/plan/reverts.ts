/** Which restarts may have met old bytes in the Secret, and must be done again. */

import { ourWriteAt } from "../freshness.ts";
import type { Look } from "./look.ts";
import { activeSecret } from "./look.ts";
import { ownedKey } from "./memory-keys.ts";
import type { ObjectUse, WorkloadState } from "./workload-state.ts";

/**
 * A poll between our marker and the end of its rollout found other bytes in the Secret, or our write gone from it: a
 * pod may have started with the old bytes by env or subPath. A write that was gone before the restart (the driver made
 * the Secret anew) cannot be lost in its rollout. Pods of pure readers start only after the proof, so never in that window.
 */
export function noteReverts(state: WorkloadState, marked: readonly ObjectUse[], look: Look): void {
  const lost = marked.some(
    (use) =>
      use.mounts &&
      use.keys.some((read) => {
        const found = activeSecret(look, read.secret.name)?.secret.state;
        if (found?.kind === "wrong" && found.differing.includes(read.key)) return true;
        const marker = { workload: state.item.key, attempt: state.marker.attempt };
        const owned = ownedKey(marker, read.secret.name, read.key, use.wanted.current.version);
        return look.notebook.count(owned) > 0 && ourWriteAt(read) === undefined;
      }),
  );
  if (lost) look.notebook.markReverted(state.item.key);
}

/** What to remember with a restart: the keys that our own write owns when it is set. */
export function ownedKeys(state: WorkloadState, attempt: number): readonly string[] {
  const workload = state.item.key;
  return state.uses.flatMap((use) =>
    use.keys
      .filter((read) => use.mounts && ourWriteAt(read) !== undefined)
      .map((read) => ownedKey({ workload, attempt }, read.secret.name, read.key, use.wanted.current.version)),
  );
}
