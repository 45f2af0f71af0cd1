/**
 * Background garbage collection: an object all of whose owners are gone is deleted, references to gone owners are
 * dropped where another owner lives; a namespace that is being deleted is emptied first.
 */

import { isApiError } from "./api-error.ts";
import { listAt, textAt } from "./json.ts";
import type { Json, JsonObject } from "./json.ts";
import { isKindName, resourceKinds } from "./kinds.ts";
import type { KindName } from "./kinds.ts";
import { isDeleting, nameOf, namespaceOf, uidOf } from "./objects.ts";
import type { Store } from "./store.ts";
import type { Timers } from "./timers.ts";

const manager = { fieldManager: "kube-controller-manager" };

/** Looks at an object's dependents `delayMs` after the object is gone, and at an orphan that long after its creation. */
export function startGarbageCollector(store: Store, timers: Timers, delayMs: number): void {
  /** Uids of the dependents by the owner's uid. */
  const dependents = new Map<string, Map<string, { kind: KindName; namespace: string; name: string }>>();

  for (const kind of Object.values(resourceKinds).map((entry) => entry.kind)) {
    store.watch(kind, undefined, ({ type, object }) => {
      const owners = listAt(object, "metadata", "ownerReferences");
      const place = { kind, namespace: namespaceOf(object), name: nameOf(object) };
      for (const owner of owners) {
        const known = dependents.get(textAt(owner, "uid")) ?? new Map();
        dependents.set(textAt(owner, "uid"), known);
        if (type === "DELETED") known.delete(uidOf(object));
        else known.set(uidOf(object), place);
      }
      if (type === "DELETED") {
        const left = [...(dependents.get(uidOf(object)) ?? [])];
        if (left.length > 0) timers.after(delayMs, () => left.forEach(([uid, found]) => collect(found, uid)));
        timers.after(delayMs + 60_000, () => dependents.delete(uidOf(object)));
      } else if (owners.length > 0 && owners.every((owner) => !lives(owner, namespaceOf(object)))) {
        timers.after(delayMs, () => collect(place, uidOf(object)));
      }
      if (kind === "Namespace" && type !== "DELETED" && isDeleting(object)) {
        timers.after(delayMs, () => empty(nameOf(object)));
      }
    });
  }

  function lives(owner: Json, namespace: string): boolean {
    const kind = textAt(owner, "kind");
    if (!isKindName(kind)) return true;
    const found = store.find(kind, namespace, textAt(owner, "name"));
    return found !== undefined && uidOf(found) === textAt(owner, "uid");
  }

  function collect(place: { kind: KindName; namespace: string; name: string }, uid: string): void {
    const object = store.find(place.kind, place.namespace, place.name);
    if (object === undefined || uidOf(object) !== uid) return;
    const owners = listAt(object, "metadata", "ownerReferences");
    const living = owners.filter((owner) => lives(owner, place.namespace));
    if (owners.length === 0 || living.length === owners.length) return;
    try {
      if (living.length > 0) dropOwners(place, object, living);
      else store.delete(place.kind, place.namespace, place.name, { uid });
    } catch (error) {
      if (!isApiError(error)) throw error;
      timers.after(1000, () => collect(place, uid));
    }
  }

  function dropOwners(
    place: { kind: KindName; namespace: string; name: string },
    object: JsonObject,
    living: readonly Json[],
  ): void {
    const resourceVersion = textAt(object, "metadata", "resourceVersion");
    const patch = { metadata: { resourceVersion, ownerReferences: living } };
    store.mergePatch(place.kind, place.namespace, place.name, patch, manager);
  }

  /** Deletes what is in the namespace, then the namespace itself. */
  function empty(namespace: string): void {
    const space = store.find("Namespace", "", namespace);
    if (space === undefined || !isDeleting(space)) return;
    let left = 0;
    for (const kind of Object.values(resourceKinds)) {
      for (const object of kind.namespaced ? store.list(kind.kind, namespace).items : []) {
        left += 1;
        store.delete(kind.kind, namespace, nameOf(object));
      }
    }
    if (left > 0) timers.after(500, () => empty(namespace));
    else store.mergePatch("Namespace", "", namespace, { metadata: { finalizers: null } }, manager);
  }
}
