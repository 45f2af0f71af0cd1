/**
 * The versions wanted now, and what is known around them: which version ids the namespace shows, whether the vault's
 * answer is stale, and since when the bytes have been what they are.
 */

import type { Dependents } from "../dependents.ts";
import { ownMarker } from "../marker.ts";
import type { Scope } from "../message.ts";
import type { Rendering } from "../rendering/render.ts";
import { fetchKey } from "../rendering/needed-objects.ts";
import { mountedVersions } from "../rendering/version-history.ts";
import type { ClassObject, ProviderClass } from "../provider-class.ts";
import type { ObjectVersion, VaultObject } from "../vault-object.ts";
import { objectKey } from "../vault-object.ts";
import type { Need, VaultReading, VaultView } from "./plan-types.ts";
import { versionKey } from "./plan-types.ts";

/** One object of one class, at the version that the class wants now. */
export interface Wanted {
  readonly key: string;
  readonly object: VaultObject;
  readonly pinned: boolean;
  readonly current: ObjectVersion;
  /** Milliseconds; 0 where the vault gave no date. */
  readonly createdOn: number;
  /** Several versions of it are mounted; this is the first of them. */
  readonly history: boolean;
}

export function wantedOf(item: ClassObject, vault: VaultReading): Wanted | undefined {
  const mounted = mountedVersions(item, vault.lists);
  const first = mounted.ok ? mounted.versions[0] : undefined;
  if (first === undefined) return undefined;
  const answer = vault.answers.get(fetchKey(item.object, first.pin));
  if (answer === undefined || !answer.ok) return undefined;
  const createdOn = answer.current.createdOn ?? 0;
  return {
    key: objectKey(item.object),
    object: item.object,
    pinned: item.pin !== undefined,
    current: answer.current,
    createdOn,
    history: item.history > 1,
  };
}

/** The ids under which pod statuses show the object: one, or with history one for each version. */
export function idsOf(item: ClassObject, lists: VaultReading["lists"]): readonly string[] {
  const mounted = mountedVersions(item, lists);
  return mounted.ok ? mounted.versions.map(({ id }) => id) : [];
}

/** The id of the version that counts as the current one. */
export function firstId({ id, history }: ClassObject): string {
  return history > 1 ? `${id}/0` : id;
}

/** Consecutive versions with equal bytes count as one, born when the first of them was created. */
export interface EqualRun {
  readonly versions: ReadonlySet<string>;
  readonly bornAt: number;
  readonly needs: readonly Need[];
}

/** At most this many versions back are compared; beyond, an older version counts as different (one restart too many). */
const longestRun = 5;

export function equalRun(wanted: Wanted, vault: VaultView): EqualRun {
  const versions = new Set([wanted.current.version]);
  let last = wanted.current;
  for (let length = 1; length <= longestRun; length += 1) {
    const key = versionKey(wanted.key, last.version);
    if (!vault.before.has(key)) {
      const need = { kind: "before", object: wanted.object, version: last.version } as const;
      return { versions, bornAt: last.createdOn ?? 0, needs: [need] };
    }
    const before = vault.before.get(key);
    if (before === undefined || !before.value.equals(wanted.current.value)) break;
    versions.add(before.version);
    last = before;
  }
  return { versions, bornAt: last.createdOn ?? 0, needs: [] };
}

/** The version ids that anything in the namespace shows for an object: pod statuses, markers, and the event's hint. */
export interface ShownVersions {
  /** From pod statuses and markers: evidence that the object has been mounted here. */
  readonly mounted: ReadonlyMap<string, ReadonlySet<string>>;
  /** The same of pinned objects: they say nothing about what is current. */
  readonly pinned: ReadonlyMap<string, ReadonlySet<string>>;
  /** Ids of events: hints only. */
  readonly hinted: ReadonlyMap<string, ReadonlySet<string>>;
}

export function shownVersions(
  found: Dependents,
  statuses: Iterable<{ className: string; versions: ReadonlyMap<string, string> }>,
  scope: Scope,
): ShownVersions {
  const mounted = new Map<string, Set<string>>();
  const pinned = new Map<string, Set<string>>();
  const add = (into: Map<string, Set<string>>, key: string, version: string) => {
    into.set(key, (into.get(key) ?? new Set()).add(version));
  };
  for (const status of statuses) {
    const content = found.classes.get(status.className)?.content;
    if (content === undefined || !content.ok) continue;
    for (const item of content.objects) {
      const version = status.versions.get(firstId(item));
      if (version !== undefined) add(item.pin === undefined ? mounted : pinned, objectKey(item.object), version);
    }
  }
  for (const item of found.workloads) {
    for (const [key, entry] of ownMarker(item.workload).entries) add(mounted, key, entry.version);
  }
  const hinted = new Map<string, Set<string>>();
  if (scope !== "all") for (const hint of scope) if (hint.version !== undefined) add(hinted, hint.object, hint.version);
  return { mounted, pinned, hinted };
}

export interface Standing {
  /** A later version than the vault's current answer is known: the answer is stale. */
  readonly stale: boolean;
  /** Ids that the vault does not know (yet), or that it created in the same second as the current one. */
  readonly unknown: readonly string[];
  /** Something here has mounted the object, at a version the vault knows. */
  readonly seenMounted: boolean;
  /** The vault could not say. */
  readonly unsure: boolean;
  readonly needs: readonly Need[];
}

/** How the vault's current answer stands against what the namespace and the event show. */
export function standingOf(wanted: Wanted, shown: ShownVersions, vault: VaultView): Standing {
  const mounted = shown.mounted.get(wanted.key) ?? new Set();
  const ids = new Set([...mounted, ...(shown.hinted.get(wanted.key) ?? [])]);
  const needs: Need[] = [];
  const unknown: string[] = [];
  let stale = false;
  let unsure = false;
  let seenMounted = mounted.has(wanted.current.version);
  for (const id of ids) {
    if (id === wanted.current.version) continue;
    const answer = vault.versions.get(versionKey(wanted.key, id));
    if (answer === undefined) needs.push({ kind: "version", object: wanted.object, version: id });
    else if (answer.known) {
      if ((answer.createdOn ?? 0) > wanted.createdOn) stale = true;
      // Of two versions of one second nobody can say which is the newer one: a replica's answer gets time to catch up.
      if (answer.createdOn === wanted.createdOn && mounted.has(id)) unknown.push(id);
      if (mounted.has(id)) seenMounted = true;
    } else if (answer.problem === "not-found") unknown.push(id);
    else if (answer.problem !== "forbidden") unsure = true;
  }
  return { stale, unknown, seenMounted, unsure, needs };
}

/** The objects of a class that no live pod has mounted although live pods have mounted the class: it was changed. */
export function unmountedObjects(found: Dependents, item: ProviderClass, rendering: Rendering): ReadonlySet<string> {
  if (!item.content.ok || !rendering.ok) return new Set();
  const statuses = found.livePods.flatMap((pod) => found.statusOf(pod, item.name) ?? []);
  if (statuses.length === 0) return new Set();
  const missing = item.content.objects.filter((object) => {
    const id = firstId(object);
    const wanted = rendering.versions.get(id);
    // A pin that no pod shows counts as new: its owner's rollout mounts it.
    if (object.pin !== undefined) return !statuses.some((status) => status.versions.get(id) === wanted);
    return !statuses.some((status) => status.versions.has(id));
  });
  return new Set(missing.map((object) => object.id));
}
