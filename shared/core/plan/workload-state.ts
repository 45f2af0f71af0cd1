/**
 * What one workload still needs, object by object: is it *started for* the wanted version (its marker names it, or it
 * is fresh), must it be restarted, or can nobody tell?
 */

import type { WorkloadPods } from "../dependents.ts";
import type { Pod } from "../observed.ts";
import type { Freshness } from "../freshness.ts";
import { judgeFreshness, ourWriteAt } from "../freshness.ts";
import type { ReadKey } from "../freshness.ts";
import { ownMarker } from "../marker.ts";
import type { Marker } from "../marker.ts";
import { restartPolicyOf } from "../policy.ts";
import type { RestartPolicy } from "../policy.ts";
import type { ActiveClass, Look } from "./look.ts";
import { activeClassesOf, showsCurrent } from "./look.ts";
import { restartKey } from "./memory-keys.ts";
import { dependencies, gatherUses } from "./object-uses.ts";
import type { RawUse } from "./object-uses.ts";
import { rolloutOf } from "./rollout.ts";
import { metStrangersBytes } from "./strangers-bytes.ts";
import type { Wanted } from "./wanted.ts";
import { equalRun } from "./wanted.ts";

export interface WorkloadState {
  readonly item: WorkloadPods;
  readonly restart: RestartPolicy;
  readonly marker: Marker;
  readonly classes: readonly ActiveClass[];
  readonly uses: readonly ObjectUse[];
}

/** How a workload depends on one object, and where it stands with it. */
export interface ObjectUse {
  readonly wanted: Wanted;
  readonly mounts: boolean;
  /** Names of the classes through which it depends on the object. */
  readonly classes: ReadonlySet<string>;
  /** `marked`: its template carries the marker for it, so only the rollout is to be proven. */
  readonly standing: "marked" | "awaits-driver" | Freshness;
  /** All its pods' mounts show the wanted version. */
  readonly mountsCurrent: boolean;
  /** Keys it got at container start, of Secrets that are there. */
  readonly keys: readonly ReadKey[];
  /** It got some of a Secret that is not there now. */
  readonly gone: boolean;
  /** A key of it may have held something else, for all that times and mounts say of a pod. */
  readonly doubtful: boolean;
}

export function stateOf(item: WorkloadPods, look: Look): WorkloadState {
  const restart = restartPolicyOf(item.key, look.policy);
  const marker = ownMarker(item.workload);
  const classes = activeClassesOf(look, item);
  const uses = [...gatherUses(item, classes, restart, look).values()].map((use) =>
    doubt(use, judgeUse(use, item, marker, look), item, marker, look),
  );
  return { item, restart, marker, classes, uses };
}

function judgeUse(use: RawUse, item: WorkloadPods, marker: Marker, look: Look): ObjectUse {
  const mounts = use.mountedBy.length > 0;
  const mountsCurrent = use.mountedBy.every(({ owner, object }) =>
    item.pods.every(
      (pod) =>
        !pod.uses.mounts.some((mount) => mount.className === owner.item.name) ||
        showsCurrent(look, pod, owner, [object]),
    ),
  );
  const { wanted, classes, keys, gone } = use;
  const doubtful = use.turned !== undefined || use.movedPin || movedVault(wanted, item, look);
  const base = { wanted, mounts, classes, mountsCurrent, keys, gone, doubtful };
  // A pin may go back to what an older marker names, although pods have started with something else since.
  const outdated = use.pinnedAt > (item.workload.restartedByUsAt ?? 0);
  const entry = outdated ? undefined : marker.entries.get(use.wanted.key);
  if (entry?.version === use.wanted.current.version) return { ...base, standing: "marked" };
  if (use.movedPin) return { ...base, standing: mountsCurrent ? "unknown" : "old" };
  const fresh = freshness(use, item, mounts, mountsCurrent, use.wanted.createdOn, look);
  if (fresh === "fresh") {
    const met = metStrangersBytes({ object: wanted.key, classes, keys }, item, marker, look);
    return { ...base, standing: met ? "old" : "fresh" };
  }
  return { ...base, standing: considerEqualBytes(use, item, entry?.version, base, fresh, look) };
}

/**
 * Marker and ages speak for the object, and not for a key that another one may have fed. While our restart is on its way
 * or known to have met other bytes, it is decided by that.
 */
function doubt(use: RawUse, judged: ObjectUse, item: WorkloadPods, marker: Marker, look: Look): ObjectUse {
  const { standing, mountsCurrent } = judged;
  if (use.turned === undefined || !mountsCurrent) return judged;
  const complete = () =>
    !look.notebook.reverted(restartKey(item.key, marker)) && rolloutOf(item, look).kind === "complete";
  return standing === "fresh" || (standing === "marked" && complete()) ? { ...judged, standing: use.turned } : judged;
}

/**
 * The version before may hold the same bytes (somebody saved the value again). Asked only where it can save a
 * restart: not when we changed the Secret for this version, and for mounters only if the driver refreshes by itself.
 */
function considerEqualBytes(
  use: RawUse,
  item: WorkloadPods,
  marked: string | undefined,
  base: Omit<ObjectUse, "standing">,
  verdict: Freshness,
  look: Look,
): ObjectUse["standing"] {
  const wroteForIt = use.keys.some(
    (read) => (ourWriteAt(read) ?? 0) >= use.wanted.createdOn && use.wanted.createdOn > 0,
  );
  const driverRefreshes = look.driver.rotation === "on";
  // With history a new version moves all the others, whatever its own bytes.
  if (use.wanted.history || wroteForIt || (base.mounts && !driverRefreshes)) return verdict;
  const run = equalRun(use.wanted, look.input.vault);
  look.needs.push(...run.needs);
  if (run.versions.size === 1) return verdict;
  if (!base.mounts) {
    if (marked !== undefined && run.versions.has(marked)) return "marked";
    return freshness(use, item, false, true, run.bornAt, look);
  }
  const shownEqual = use.mountedBy.every(({ owner, object }) =>
    item.pods.every((pod) => {
      const shown = look.found.statusOf(pod, owner.item.name)?.versions.get(object.ids[0]);
      return shown === undefined ? !pod.started : run.versions.has(shown);
    }),
  );
  if (!shownEqual) return verdict;
  // Restarted for the same bytes under an older id: that restart's rollout is still to be proven.
  if (marked !== undefined && run.versions.has(marked)) return base.mountsCurrent ? "marked" : "awaits-driver";
  const asIfCurrent = freshness(use, item, true, true, run.bornAt, look);
  if (asIfCurrent !== "fresh") return asIfCurrent;
  return base.mountsCurrent ? "fresh" : "awaits-driver";
}

function freshness(
  use: RawUse,
  item: WorkloadPods,
  mounts: boolean,
  mountsCurrent: boolean,
  bornAt: number,
  look: Look,
): Freshness {
  return judgeFreshness({
    pods: item.pods,
    keys: use.keys,
    bornAt,
    mountsCurrent,
    mounts,
    reloads: use.reloads,
    movedVault: movedVault(use.wanted, item, look),
    driver: look.driver,
    mountedAt: (pod) => mountedAt(pod, use.classes, look),
    reloaderTraceAt: item.workload.reloaderTraceAt,
    now: look.now,
  });
}

/** Our restart was for an object of this name in another vault, and no class of the workload names that any more. */
function movedVault({ key }: Wanted, item: WorkloadPods, look: Look): boolean {
  const { entries } = ownMarker(item.workload);
  const named = key.slice(key.indexOf("/"));
  const others = [...entries.keys()].filter((other) => other !== key && other.endsWith(named));
  if (others.length === 0 || entries.has(key)) return false;
  const present = new Set(dependencies(item, activeClassesOf(look, item)).map((wanted) => wanted.key));
  return others.some((other) => !present.has(other));
}

/** When a pod mounted the first of these classes that it mounts. */
export function mountedAt(pod: Pod, classes: Iterable<string>, look: Look): number | undefined {
  const times = [...classes].flatMap((name) => look.found.statusOf(pod, name)?.createdAt ?? []);
  return times.length === 0 ? undefined : Math.min(...times);
}
