/** The marker that a restart writes. */

import type { WorkloadPods } from "../dependents.ts";
import { fedEntry, parseMarker, sameVersions } from "../marker.ts";
import type { Marker, MarkerEntry } from "../marker.ts";
import type { Look } from "./look.ts";
import { dependencies } from "./object-uses.ts";
import type { Wanted } from "./wanted.ts";
import type { WorkloadState } from "./workload-state.ts";

/**
 * The marker of a restart that is the `attempt`th for its versions, or a later one: the same text (of a marker that was
 * copied here, or of a restart for what no marker names) would be the same template, and restart nothing.
 */
export function wantedMarker(state: WorkloadState, attempt: number, look: Look): Marker {
  const entries = wantedEntries(state, look);
  const wanted = { entries, fed: fedNow(state, entries), attempt };
  const present = parseMarker(state.item.workload.marker);
  const isThere = sameVersions(wanted, present) && attempt <= present.attempt;
  return isThere ? { ...wanted, attempt: present.attempt + 1 } : wanted;
}

/**
 * Does a restart's marker leave this version out? It has one entry an object: none for what is brought later, and none
 * for a pin beside the version that follows the vault. Only the order of times tells of such a version that it was brought.
 */
export function isLeftOut({ key, current }: Wanted, entries: Marker["entries"]): boolean {
  return entries.get(key)?.version !== current.version;
}

/** Does it leave out what feeds a key that the workload reads? */
export function leavesKeysOut(state: WorkloadState, look: Look): boolean {
  const entries = wantedEntries(state, look);
  const { item, classes } = state;
  return classes.some((owner) =>
    owner.secrets.some(({ name, sources }) =>
      [...sources].some(([key, wanted]) => isRead(item, name, key) && isLeftOut(wanted, entries)),
    ),
  );
}

/**
 * The marker in full: one entry for each object that it mounts or that feeds a key it reads. Entries of classes that
 * are refused or cannot be read stay as they were; objects that no class names any more are dropped.
 */
export function wantedEntries(state: WorkloadState, look: Look): Marker["entries"] {
  const entries = new Map<string, MarkerEntry>();
  const wanted = dependencies(state.item, state.classes);
  // What follows the vault comes last: it takes the place of what another class pins.
  for (const { key, current, createdOn } of [...wanted].sort((a, b) => Number(b.pinned) - Number(a.pinned)))
    entries.set(key, { version: current.version, createdOn });
  const settled = new Set(state.classes.flatMap((owner) => owner.objects.map((object) => object.wanted.key)));
  for (const object of broughtLater(state)) entries.delete(object);
  const readable = [...look.found.classes.values()].every(
    (item) => look.active.has(item.name) || !dependsOn(state.item, item.name, look),
  );
  if (!readable) for (const [key, entry] of state.marker.entries) if (!settled.has(key)) entries.set(key, entry);
  return entries;
}

/**
 * Which object feeds each key that its pods get at their start. A class may be changed to feed it with another one that
 * the marker names as well, or be pinned to the very version that it names for another class.
 */
function fedNow({ item, classes }: WorkloadState, entries: Marker["entries"]): ReadonlyMap<string, string> {
  const fed = classes.flatMap((owner) =>
    owner.secrets.flatMap(({ name, sources, data, state }) =>
      [...sources].flatMap(([key, wanted]) => {
        if (!isRead(item, name, key) || state.kind !== "right" || !data.has(key)) return [];
        const version = wanted.pinned && isLeftOut(wanted, entries) ? wanted.current.version : undefined;
        return [fedEntry(name, key, wanted.key, version)];
      }),
    ),
  );
  return new Map(fed);
}

/**
 * Keys of objects that nothing has mounted yet are written once a pod has: who gets such a key at its start gets it
 * late. The marker leaves the object out, and the write will ask for the restart that brings it.
 */
export function broughtLater({ item, classes }: WorkloadState): readonly string[] {
  return classes.flatMap((owner) => {
    const unmounted = new Set(owner.objects.filter((object) => object.unmounted).map(({ wanted }) => wanted.key));
    return owner.secrets.flatMap(({ name, sources }) =>
      [...sources].flatMap(([key, wanted]) => {
        const read = item.reads.some(
          (entry) => entry.secret === name && entry.by !== "volume" && (entry.key === undefined || entry.key === key),
        );
        return read && unmounted.has(wanted.key) ? [wanted.key] : [];
      }),
    );
  });
}

function isRead(item: WorkloadPods, secret: string, key: string): boolean {
  return item.reads.some((read) => read.secret === secret && (read.key === undefined || read.key === key));
}

function dependsOn(item: WorkloadPods, className: string, look: Look): boolean {
  if (item.mounts.has(className)) return true;
  return item.reads.some((read) => look.found.claimants(read.secret).some((owner) => owner.name === className));
}
