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
import type { ActiveClass, ActiveSecret, Look, WantedObject } from "./look.ts";
import { activeClassesOf, showsCurrent } from "./look.ts";
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
  /** Keys it got at container start. */
  readonly keys: readonly ReadKey[];
}

export function stateOf(item: WorkloadPods, look: Look): WorkloadState {
  const restart = restartPolicyOf(item.key, look.policy);
  const marker = ownMarker(item.workload);
  const classes = activeClassesOf(look, item);
  const uses = [...gatherUses(item, classes, restart, look).values()].map((use) => judgeUse(use, item, marker, look));
  return { item, restart, marker, classes, uses };
}

interface RawUse {
  readonly wanted: Wanted;
  readonly mountedBy: { readonly owner: ActiveClass; readonly object: WantedObject }[];
  readonly classes: Set<string>;
  readonly keys: ReadKey[];
  /** When a class that pins it was last changed; 0 where none does. */
  pinnedAt: number;
  readonly reloads: boolean;
  /** A pin of it may have been moved since pods of the workload started, and nothing can prove which they got. */
  movedPin: boolean;
}

function gatherUses(
  item: WorkloadPods,
  classes: readonly ActiveClass[],
  restart: RestartPolicy,
  look: Look,
): ReadonlyMap<string, RawUse> {
  const uses = new Map<string, RawUse>();
  const useOf = (wanted: Wanted): RawUse => {
    const use = uses.get(wanted.key) ?? {
      wanted,
      mountedBy: [],
      classes: new Set<string>(),
      keys: [],
      pinnedAt: 0,
      reloads: restart === "never",
      movedPin: false,
    };
    uses.set(wanted.key, use);
    return use;
  };
  for (const owner of classes) {
    if (item.mounts.has(owner.item.name)) {
      for (const object of owner.objects) {
        // A pinned object triggers nothing; a new one is mounted by its owner's own rollout.
        if (object.wanted.pinned || object.unmounted) continue;
        const use = useOf(object.wanted);
        use.mountedBy.push({ owner, object });
        use.classes.add(owner.item.name);
      }
    }
    for (const secret of owner.secrets) {
      if (secret.state.kind === "refused") continue;
      const read = item.reads.filter(
        (entry) => entry.secret === secret.name && (entry.by !== "volume" || restart === "always"),
      );
      for (const [key, wanted] of secret.sources) {
        if (
          (wanted.pinned && !wroteKeyOf(secret, key) && !pinMayHaveMoved(owner, item.pods)) ||
          !secret.data.has(key) ||
          !read.some((entry) => entry.key === undefined || entry.key === key)
        )
          continue;
        const use = useOf(wanted);
        use.classes.add(owner.item.name);
        if (wanted.pinned) use.pinnedAt = Math.max(use.pinnedAt, owner.item.changedAt);
        if (wanted.pinned && !wroteKeyOf(secret, key)) use.movedPin = true;
        if (secret.state.kind !== "missing")
          use.keys.push({
            secret: secret.state.secret,
            key,
            classChangedAt: owner.item.changedAt,
            mounted: item.mounts.has(owner.item.name),
            ...mountersAt(owner, wanted, look),
          });
      }
    }
  }
  return uses;
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
  const base = { wanted: use.wanted, mounts, classes: use.classes, mountsCurrent, keys: use.keys };
  // A pin may go back to what an older marker names, although pods have started with something else since.
  const outdated = use.pinnedAt > (item.workload.restartedByUsAt ?? 0);
  const entry = outdated ? undefined : marker.entries.get(use.wanted.key);
  if (entry?.version === use.wanted.current.version) return { ...base, standing: "marked" };
  if (use.movedPin) return { ...base, standing: mountsCurrent ? "unknown" : "old" };
  const fresh = freshness(use, item, mounts, mountsCurrent, use.wanted.createdOn, look);
  if (fresh === "fresh") return { ...base, standing: "fresh" };
  return { ...base, standing: considerEqualBytes(use, item, entry?.version, base, fresh, look) };
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
  const asIfCurrent =
    marked !== undefined && run.versions.has(marked) ? "fresh" : freshness(use, item, true, true, run.bornAt, look);
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
    driver: look.driver,
    mountedAt: (pod) => mountedAt(pod, use.classes, look),
    reloaderTraceAt: item.workload.reloaderTraceAt,
    now: look.now,
  });
}

/** When the oldest and the youngest of a class's mounters were created, once all of them show the wanted version. */
export function mountersAt(
  owner: ActiveClass,
  wanted: Wanted,
  look: Look,
): Pick<ReadKey, "oldestMounterAt" | "youngestMounterAt"> {
  const objects = owner.objects.filter((object) => object.wanted.key === wanted.key);
  const times = owner.mounters.map((pod) => pod.createdAt);
  if (times.length === 0 || !owner.mounters.every((pod) => showsCurrent(look, pod, owner, objects)))
    return { oldestMounterAt: undefined, youngestMounterAt: undefined };
  return { oldestMounterAt: Math.min(...times), youngestMounterAt: Math.max(...times) };
}

/** When a pod mounted the first of these classes that it mounts. */
export function mountedAt(pod: Pod, classes: Iterable<string>, look: Look): number | undefined {
  const times = [...classes].flatMap((name) => look.found.statusOf(pod, name)?.createdAt ?? []);
  return times.length === 0 ? undefined : Math.min(...times);
}

/** A pin that was moved counts once we wrote its bytes: who started before that got the old pin's by env. */
function wroteKeyOf(secret: ActiveSecret, key: string): boolean {
  return secret.state.kind === "right" && ourWriteAt({ secret: secret.state.secret, key }) !== undefined;
}

/**
 * The driver may have written a moved pin's bytes itself: the class was changed, mounters were rolled out since, and
 * one of these pods started before. The age of the pinned version says nothing of that.
 */
export function pinMayHaveMoved(owner: ActiveClass, pods: readonly Pod[]): boolean {
  const { changedAt } = owner.item;
  return (
    owner.mounters.some((pod) => pod.createdAt >= changedAt) &&
    pods.some((pod) => pod.started && pod.createdAt < changedAt)
  );
}
