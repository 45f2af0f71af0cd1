/** Another rollout may do the work of a restart: then it is proven, and the restart is saved. */

import type { WorkloadPods } from "../dependents.ts";
import { judgeFreshness } from "../freshness.ts";
import type { Pod } from "../observed.ts";
import type { Look } from "./look.ts";
import { restartKey } from "./memory-keys.ts";
import { unfinishable } from "./obstacles.ts";
import { foreignRolloutCovers, pollOf, rolloutOf } from "./rollout.ts";
import { waiting } from "./wait.ts";
import type { Obstacle, Waiting } from "./wait.ts";
import { mountedAt } from "./workload-state.ts";
import type { ObjectUse, WorkloadState } from "./workload-state.ts";

/**
 * A rollout whose new pods are right does the work, whoever set it going (a person, Reloader, or we for another object):
 * it is proven instead. One that never finishes by itself is not sat and waited for.
 */
export function watchForeign(state: WorkloadState, old: readonly ObjectUse[], look: Look): Waiting | undefined {
  const { item } = state;
  if (!foreignRolloutCovers(item, isFreshFor(old, item, look)) || unfinishable(state) !== undefined) return undefined;
  const rollout = rolloutOf(item, look);
  return rollout.kind === "running" ? waiting("rollout-running", rollout.about, pollOf(item, look)) : undefined;
}

/**
 * Such a rollout is stuck: a restart would make the same pods again, and be stuck after as long a wait. What is in doubt,
 * or met old bytes, may be stuck for that.
 */
export function stuckAnyway(state: WorkloadState, old: readonly ObjectUse[], look: Look): Obstacle | undefined {
  const { item } = state;
  const isFresh = isFreshFor(old, item, look);
  const rollout = rolloutOf(item, look);
  // A pod that is not ready for want of the new version needs the restart, and so does one that hangs if it would need
  // it once it comes up.
  const asIfStarted = (pod: Pod) => ({ ...pod, started: true, lastStartedAt: pod.lastStartedAt ?? look.now });
  const inVain =
    rollout.kind === "stuck" &&
    !old.some(({ doubtful }) => doubtful) &&
    !look.notebook.reverted(restartKey(item.key, state.marker)) &&
    foreignRolloutCovers(item, isFresh) &&
    item.pods.every((pod) => pod.ready || isFresh(asIfStarted(pod)));
  return inVain ? { kind: "failed", reason: "rollout-stuck", about: rollout.about } : undefined;
}

function isFreshFor(old: readonly ObjectUse[], item: WorkloadPods, look: Look): (pod: Pod) => boolean {
  return (pod) => old.every((use) => podIsFresh(pod, use, look, item));
}

function podIsFresh(pod: Pod, use: ObjectUse, look: Look, item: WorkloadPods): boolean {
  const current = [...use.classes].every((name) => {
    const owner = look.active.get(name);
    const mounts = pod.uses.mounts.some((mount) => mount.className === name);
    if (owner === undefined || !mounts) return true;
    const status = look.found.statusOf(pod, name);
    const objects = owner.objects.filter((object) => object.wanted.key === use.wanted.key);
    return status === undefined
      ? !pod.started
      : objects.every((object) => status.versions.get(object.ids[0]) === object.wanted.current.version);
  });
  const verdict = judgeFreshness({
    pods: [pod],
    // Old mounts may still be about, and write old bytes back.
    keys: use.keys.map((read) => ({ ...read, oldestMounterAt: undefined, youngestMounterAt: undefined })),
    bornAt: use.wanted.createdOn,
    mountsCurrent: current,
    mounts: use.mounts,
    reloads: false,
    movedVault: false,
    driver: look.driver,
    mountedAt: (mounter) => mountedAt(mounter, use.classes, look),
    reloaderTraceAt: item.workload.reloaderTraceAt,
    now: look.now,
  });
  return verdict === "fresh";
}
