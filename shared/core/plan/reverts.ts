/** Which restarts may have met old bytes in the Secret, and must be done again. */

import { ourWriteAt } from "../freshness.ts";
import type { Marker } from "../marker.ts";
import type { Look } from "./look.ts";
import { activeSecret } from "./look.ts";
import { ownedKey, restartKey } from "./memory-keys.ts";
import type { ObjectUse, WorkloadState } from "./workload-state.ts";

/**
 * A poll between our marker and the end of its rollout found other bytes in the Secret, or our write gone from it: a
 * pod may have started with the old bytes by env or subPath. A write that was gone before the restart (the driver made
 * the Secret anew) cannot be lost in its rollout. Readers start only after the proof, so hardly ever in that window: those
 * that wait for each other's classes in a ring do, and a stranger may write at any time.
 */
export function noteReverts(state: WorkloadState, marked: readonly ObjectUse[], look: Look): void {
  const restart = restartKey(state.item.key, state.marker);
  const lost = marked.some((use) =>
    use.keys.some((read) => {
      const found = activeSecret(look, read.secret.name)?.secret.state;
      if (found?.kind === "wrong" && found.differing.includes(read.key)) return true;
      const owned = ownedKey(restart, read.secret.name, read.key, use.wanted.current.version);
      return look.notebook.count(owned) > 0 && ourWriteAt(read) === undefined;
    }),
  );
  if (lost) look.notebook.markReverted(restart);
}

/**
 * The Secret was made anew after our restart, with other bytes than are wanted, and pods have started since: the driver
 * made it from a mount that was still old. On 1.5 it never changes it again, so those pods got the old bytes.
 */
export function noteRemade(state: WorkloadState, marked: readonly ObjectUse[], look: Look): void {
  const { workload, pods, key: name } = state.item;
  const remade = marked.some((use) =>
    use.keys.some((read) => {
      const found = activeSecret(look, read.secret.name)?.secret.state;
      const wrong = found?.kind === "wrong" && found.differing.includes(read.key) && ourWriteAt(read) === undefined;
      const { createdAt } = read.secret;
      const since = wrong && createdAt >= (workload.restartedByUsAt ?? Number.POSITIVE_INFINITY);
      return since && pods.some((pod) => pod.started && pod.createdAt >= createdAt);
    }),
  );
  if (remade) look.notebook.markReverted(restartKey(name, state.marker));
}

/** What to remember with a restart: the keys that our own write owns when it is set. */
export function ownedKeys(state: WorkloadState, marker: Marker): readonly string[] {
  const restart = restartKey(state.item.key, marker);
  return state.uses.flatMap((use) =>
    use.keys
      .filter((read) => ourWriteAt(read) !== undefined)
      .map((read) => ownedKey(restart, read.secret.name, read.key, use.wanted.current.version)),
  );
}
