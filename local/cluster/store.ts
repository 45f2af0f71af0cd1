/**
 * An in-memory Kubernetes API: raw JSON objects with the bookkeeping of the API server (resourceVersion, uid,
 * generation, managedFields, optimistic locks, graceful deletion, watches). All calls are synchronous and all time
 * comes from the given clock, so a run is repeatable. Objects are never changed in place: what was read stays as it was.
 */

import { ApiError } from "./api-error.ts";
import { equal, listAt, numberAt, objectAt, textAt, without } from "./json.ts";
import type { JsonObject } from "./json.ts";
import { resourceKinds } from "./kinds.ts";
import type { KindName, ResourceKind } from "./kinds.ts";
import { managedFieldsAfter } from "./managed-fields.ts";
import { mergePatch } from "./merge-patch.ts";
import { ObjectTables } from "./object-tables.ts";
import {
  conflict,
  defaulted,
  graceOf,
  hasGeneration,
  notFound,
  sameWish,
  scope,
  spared,
  statusOnly,
  tracked,
  withoutEmptyAnnotations,
} from "./store-rules.ts";
import { seconds } from "./times.ts";
import { checkSecret, defaultedSecret } from "./validation.ts";
import type { WatchListener } from "./watch-log.ts";

export interface WriteOptions {
  readonly fieldManager: string;
  /** `status`: only `.status` is written. */
  readonly subresource?: "status";
}

export interface DeleteOptions {
  /** Seconds; for pods only. The pod's own grace period where it is not given; 0 removes the pod at once. */
  readonly gracePeriodSeconds?: number;
  /** Preconditions: 409 unless the object still has them. */
  readonly uid?: string;
  readonly resourceVersion?: string;
}

export interface ObjectList {
  /** By namespace, then name. */
  readonly items: readonly JsonObject[];
  readonly resourceVersion: string;
}

/** One write before it is stored: an admission webhook answers it with another object, nothing, or an ApiError. */
export interface AdmissionRequest {
  readonly verb: "create" | "update" | "delete";
  readonly kind: KindName;
  readonly namespace: string;
  readonly name: string;
  readonly object: JsonObject;
  readonly before: JsonObject | undefined;
  readonly fieldManager: string;
}

export type Admission = (request: AdmissionRequest) => JsonObject | undefined;

export interface StoreOptions {
  /** Watch events kept per kind; older ones answer 410. */
  readonly watchHistory?: number;
}

export class Store {
  readonly #now: () => number;
  readonly #tables: ObjectTables;
  readonly #admissions = new Set<Admission>();
  #uids = 0;

  constructor(clock: { now(): number }, options: StoreOptions = {}) {
    this.#now = () => clock.now();
    this.#tables = new ObjectTables(options.watchHistory ?? 10_000);
  }

  /** The newest resourceVersion of the whole store. */
  get resourceVersion(): string {
    return this.#tables.version;
  }

  /** The object as it is now; 404 if there is none. For cluster-scoped kinds the namespace is ignored. */
  get(kind: KindName, namespace: string, name: string): JsonObject {
    const found = this.find(kind, namespace, name);
    if (found === undefined) throw notFound(resourceKinds[kind], name);
    return found;
  }

  find(kind: KindName, namespace: string, name: string): JsonObject | undefined {
    return this.#tables.find(kind, namespace, name);
  }

  /** All objects of a kind, of one namespace if it is given, with labels that match the selector. */
  list(kind: KindName, namespace?: string, options: { readonly labelSelector?: string } = {}): ObjectList {
    const items = this.#tables.list(kind, namespace, options.labelSelector ?? "");
    return { items, resourceVersion: this.resourceVersion };
  }

  /** Stores a new object and answers with it; 409 AlreadyExists, 422 Invalid, 403 in a namespace that is being deleted. */
  create(kind: KindName, object: JsonObject, options: WriteOptions): JsonObject {
    const type = resourceKinds[kind];
    const name = textAt(object, "metadata", "name");
    const namespace = scope(type, textAt(object, "metadata", "namespace"));
    if (name === "") throw new ApiError(422, "Invalid", `${kind} "" is invalid: metadata.name: Required value`);
    if (this.find(kind, namespace, name) !== undefined) {
      throw new ApiError(409, "AlreadyExists", `${type.plural} "${name}" already exists`);
    }
    if (type.namespaced && textAt(this.find("Namespace", "", namespace), "metadata", "deletionTimestamp") !== "") {
      throw new ApiError(403, "Forbidden", `${type.plural} "${name}" is forbidden: namespace is being terminated`);
    }
    const asked = defaulted(type, namespace, object);
    const admitted = this.#admit({ verb: "create", kind, namespace, name, object: asked, before: undefined }, options);
    this.#uids += 1;
    const serial = this.#uids.toString(16).padStart(12, "0");
    const created: JsonObject = {
      ...admitted,
      metadata: {
        ...without(objectAt(admitted, "metadata"), "managedFields", "deletionTimestamp"),
        uid: `00000000-0000-4000-8000-${serial}`,
        creationTimestamp: seconds(this.#now()),
        ...(hasGeneration(type) ? { generation: 1 } : {}),
      },
    };
    if (kind === "Secret") checkSecret(created, undefined);
    return this.#tables.put(kind, "ADDED", this.#withManagers(undefined, created, options));
  }

  /** PUT. A resourceVersion in the object is a lock (409 Conflict). */
  update(kind: KindName, object: JsonObject, options: WriteOptions): JsonObject {
    const type = resourceKinds[kind];
    const namespace = textAt(object, "metadata", "namespace");
    return this.#change(type, this.get(kind, namespace, textAt(object, "metadata", "name")), object, options);
  }

  /** PATCH application/merge-patch+json. `metadata.resourceVersion` in the patch is a lock (409 Conflict). */
  mergePatch(kind: KindName, namespace: string, name: string, patch: JsonObject, options: WriteOptions): JsonObject {
    const type = resourceKinds[kind];
    const before = this.get(kind, namespace, name);
    return this.#change(type, before, mergePatch(before, patch), options);
  }

  /**
   * Removes the object. A pod on a node with a grace period only gets its deletionTimestamp (its kubelet deletes it
   * again with grace 0), an object with finalizers stays until they are gone. Answers with the last state.
   */
  delete(kind: KindName, namespace: string, name: string, options: DeleteOptions = {}): JsonObject {
    const type = resourceKinds[kind];
    const before = this.get(kind, namespace, name);
    const metadata = objectAt(before, "metadata");
    if ((options.uid ?? metadata["uid"]) !== metadata["uid"]) throw conflict(type, name);
    if ((options.resourceVersion ?? metadata["resourceVersion"]) !== metadata["resourceVersion"]) {
      throw conflict(type, name);
    }
    this.#admit({ verb: "delete", kind, namespace, name, object: before, before }, { fieldManager: "" });
    const grace = kind === "Pod" ? graceOf(before, options) : 0;
    if (grace === 0 && listAt(metadata["finalizers"] ?? []).length === 0) return this.#tables.remove(kind, before);
    if (textAt(before, "metadata", "deletionTimestamp") !== "") return before;
    const deletionTimestamp = seconds(this.#now() + grace * 1000);
    return this.#tables.put(kind, "MODIFIED", {
      ...before,
      metadata: { ...metadata, deletionTimestamp, deletionGracePeriodSeconds: grace },
    });
  }

  /**
   * Tells `listener` at once of every change after `fromResourceVersion` (410 Expired if that is forgotten), and then
   * as they come; without a version (or "0"), first everything that exists as ADDED. The answer ends the watch.
   */
  watch(kind: KindName, fromResourceVersion: string | undefined, listener: WatchListener): () => void {
    return this.#tables.watch(kind, fromResourceVersion, listener);
  }

  /** Forgets all watch events so far: the next watch from an older version answers 410. */
  compact(): void {
    this.#tables.compact();
  }

  /** Puts an admission webhook (or a quota) before every write; the answer removes it. */
  admit(admission: Admission): () => void {
    this.#admissions.add(admission);
    return () => {
      this.#admissions.delete(admission);
    };
  }

  #change(type: ResourceKind, before: JsonObject, asked: JsonObject, options: WriteOptions): JsonObject {
    const name = textAt(before, "metadata", "name");
    const namespace = textAt(before, "metadata", "namespace");
    const held = objectAt(before, "metadata");
    const lock = textAt(asked, "metadata", "resourceVersion");
    if (lock !== "" && lock !== held["resourceVersion"]) throw conflict(type, name);
    const uid = textAt(asked, "metadata", "uid");
    if (uid !== "" && uid !== held["uid"]) throw conflict(type, name);
    // Nothing is asked for, and nobody has to be asked.
    if (asked === before && this.#admissions.size === 0) return before;
    const merged = options.subresource === "status" ? statusOnly(before, asked) : spared(type, before, asked);
    const prepared = type.kind === "Secret" ? defaultedSecret(merged) : merged;
    const next = this.#admit({ verb: "update", kind: type.kind, namespace, name, object: prepared, before }, options);
    if (type.kind === "Secret") checkSecret(next, before);
    if (equal(next, before)) return before;
    const generation = numberAt(before, "metadata", "generation");
    const bumped = generation !== undefined && !sameWish(before, next);
    const dated: JsonObject = bumped
      ? { ...next, metadata: { ...objectAt(next, "metadata"), generation: generation + 1 } }
      : next;
    const owned = this.#withManagers(before, dated, options);
    const finalizers = listAt(owned, "metadata", "finalizers").length;
    if (textAt(owned, "metadata", "deletionTimestamp") !== "" && finalizers === 0 && type.kind !== "Pod") {
      return this.#tables.remove(type.kind, owned);
    }
    return this.#tables.put(type.kind, "MODIFIED", owned);
  }

  #admit(request: Omit<AdmissionRequest, "fieldManager">, options: WriteOptions): JsonObject {
    let object = request.object;
    for (const admission of this.#admissions) {
      object = admission({ ...request, object, fieldManager: options.fieldManager }) ?? object;
    }
    return withoutEmptyAnnotations(object);
  }

  #withManagers(before: JsonObject | undefined, next: JsonObject, options: WriteOptions): JsonObject {
    if (!tracked.includes(textAt(next, "kind")) || options.subresource === "status") return next;
    const managedFields = managedFieldsAfter(before, next, options.fieldManager, seconds(this.#now()));
    return { ...next, metadata: { ...objectAt(next, "metadata"), managedFields } };
  }
}
