/** Somebody else's rollout may do our work: then it is proven, and ours is saved. */

import type { WorkloadPods } from "../dependents.ts";
import { judgeFreshness } from "../freshness.ts";
import type { Look } from "./look.ts";
import { foreignRolloutCovers, pollOf, rolloutOf } from "./rollout.ts";
import { waiting } from "./wait.ts";
import type { Waiting } from "./wait.ts";
import { mountedAt } from "./workload-state.ts";
import type { ObjectUse, WorkloadState } from "./workload-state.ts";

/** Somebody else's rollout (a person's, or Reloader's) whose new pods are right does the work: it is proven instead. */
export function watchForeign(state: WorkloadState, old: readonly ObjectUse[], look: Look): Waiting | undefined {
  const covered = foreignRolloutCovers(state.item, (pod) => old.every((use) => podIsFresh(pod, use, look, state.item)));
  if (!covered) return undefined;
  const rollout = rolloutOf(state.item, look);
  return rollout.kind === "running" ? waiting("rollout-running", rollout.about, pollOf(state.item, look)) : undefined;
}

function podIsFresh(pod: WorkloadPods["pods"][number], use: ObjectUse, look: Look, item: WorkloadPods): boolean {
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
