/**
 * An in-memory Kubernetes API: raw JSON objects with the bookkeeping of the API server (resourceVersion, uid,
 * generation, managedFields, optimistic locks, graceful deletion, watches). All calls are synchronous and all time
 * comes from the given clock, so a run is repeatable. Objects are never changed in place: what was read stays as it was.
 */

import { ApiError } from "./api-error.ts";
import { at, equal, isObject, listAt, numberAt, objectAt, textAt, without } from "./json.ts";
import type { Json, JsonObject } from "./json.ts";
import { apiVersion, resourceKinds } from "./kinds.ts";
import type { KindName, ResourceKind } from "./kinds.ts";
import { matchesSelector } from "./labels.ts";
import { managedFieldsAfter } from "./managed-fields.ts";
import { mergePatch } from "./merge-patch.ts";
import { checkSecret, defaultedSecret } from "./validation.ts";
import { WatchLog } from "./watch-log.ts";
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

interface Table {
  readonly kind: ResourceKind;
  readonly namespaces: Map<string, Map<string, JsonObject>>;
  readonly log: WatchLog;
}

export class Store {
  readonly #now: () => number;
  readonly #tables: ReadonlyMap<KindName, Table>;
  readonly #admissions = new Set<Admission>();
  #version = 0;
  #uids = 0;

  constructor(clock: { now(): number }, options: StoreOptions = {}) {
    this.#now = () => clock.now();
    this.#tables = new Map(
      Object.values(resourceKinds).map((kind) => [
        kind.kind,
        { kind, namespaces: new Map(), log: new WatchLog(options.watchHistory ?? 10_000) },
      ]),
    );
  }

  /** The newest resourceVersion of the whole store. */
  get resourceVersion(): string {
    return String(this.#version);
  }

  /** The object as it is now; 404 if there is none. For cluster-scoped kinds the namespace is ignored. */
  get(kind: KindName, namespace: string, name: string): JsonObject {
    const found = this.find(kind, namespace, name);
    if (found === undefined) throw notFound(resourceKinds[kind], name);
    return found;
  }

  find(kind: KindName, namespace: string, name: string): JsonObject | undefined {
    const table = this.#table(kind);
    return table.namespaces.get(scope(table.kind, namespace))?.get(name);
  }

  /** All objects of a kind, of one namespace if it is given, with labels that match the selector. */
  list(kind: KindName, namespace?: string, options: { readonly labelSelector?: string } = {}): ObjectList {
    const table = this.#table(kind);
    const chosen = namespace === undefined ? [...table.namespaces.keys()].sort() : [scope(table.kind, namespace)];
    const selector = options.labelSelector ?? "";
    const items = chosen.flatMap((space) =>
      [...(table.namespaces.get(space) ?? new Map<string, JsonObject>())]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([, object]) => object)
        .filter((object) => selector === "" || matchesSelector(object, selector)),
    );
    return { items, resourceVersion: this.resourceVersion };
  }

  /** Stores a new object and answers with it; 409 AlreadyExists, 422 Invalid, 403 in a namespace that is being deleted. */
  create(kind: KindName, object: JsonObject, options: WriteOptions): JsonObject {
    const { kind: type } = this.#table(kind);
    const name = textAt(object, "metadata", "name");
    const namespace = scope(type, textAt(object, "metadata", "namespace"));
    if (name === "") throw new ApiError(422, "Invalid", `${kind} "" is invalid: metadata.name: Required value`);
    if (this.find(kind, namespace, name) !== undefined) {
      throw new ApiError(409, "AlreadyExists", `${type.plural} "${name}" already exists`);
    }
    if (type.namespaced && textAt(this.find("Namespace", "", namespace), "metadata", "deletionTimestamp") !== "") {
      throw new ApiError(403, "Forbidden", `${type.plural} "${name}" is forbidden: namespace is being terminated`);
    }
    const asked = this.#defaulted(type, namespace, object);
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
    return this.#commit("ADDED", type, this.#withManagers(undefined, created, options));
  }

  /** PUT. A resourceVersion in the object is a lock (409 Conflict). */
  update(kind: KindName, object: JsonObject, options: WriteOptions): JsonObject {
    const { kind: type } = this.#table(kind);
    const namespace = textAt(object, "metadata", "namespace");
    return this.#change(type, this.get(kind, namespace, textAt(object, "metadata", "name")), object, options);
  }

  /** PATCH application/merge-patch+json. `metadata.resourceVersion` in the patch is a lock (409 Conflict). */
  mergePatch(kind: KindName, namespace: string, name: string, patch: JsonObject, options: WriteOptions): JsonObject {
    const { kind: type } = this.#table(kind);
    const before = this.get(kind, namespace, name);
    return this.#change(type, before, mergePatch(before, patch), options);
  }

  /**
   * Removes the object. A pod on a node with a grace period only gets its deletionTimestamp (its kubelet deletes it
   * again with grace 0), an object with finalizers stays until they are gone. Answers with the last state.
   */
  delete(kind: KindName, namespace: string, name: string, options: DeleteOptions = {}): JsonObject {
    const { kind: type } = this.#table(kind);
    const before = this.get(kind, namespace, name);
    const metadata = objectAt(before, "metadata");
    if ((options.uid ?? metadata["uid"]) !== metadata["uid"]) throw conflict(type, name);
    if ((options.resourceVersion ?? metadata["resourceVersion"]) !== metadata["resourceVersion"]) {
      throw conflict(type, name);
    }
    this.#admit({ verb: "delete", kind, namespace, name, object: before, before }, { fieldManager: "" });
    const grace = kind === "Pod" ? graceOf(before, options) : 0;
    if (grace === 0 && listAt(metadata["finalizers"] ?? []).length === 0) return this.#remove(type, before);
    if (textAt(before, "metadata", "deletionTimestamp") !== "") return before;
    const deletionTimestamp = seconds(this.#now() + grace * 1000);
    return this.#commit("MODIFIED", type, {
      ...before,
      metadata: { ...metadata, deletionTimestamp, deletionGracePeriodSeconds: grace },
    });
  }

  /**
   * Tells `listener` at once of every change after `fromResourceVersion` (410 Expired if that is forgotten), and then
   * as they come; without a version (or "0"), first everything that exists as ADDED. The answer ends the watch.
   */
  watch(kind: KindName, fromResourceVersion: string | undefined, listener: WatchListener): () => void {
    const { log } = this.#table(kind);
    if (fromResourceVersion !== undefined && fromResourceVersion !== "" && fromResourceVersion !== "0") {
      return log.follow(Number(fromResourceVersion), listener);
    }
    for (const object of this.list(kind).items) listener({ type: "ADDED", object });
    return log.follow(this.#version, listener);
  }

  /** Forgets all watch events so far: the next watch from an older version answers 410. */
  compact(): void {
    for (const { log } of this.#tables.values()) log.forget(this.#version);
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
    const merged = options.subresource === "status" ? statusOnly(before, asked) : spared(type, before, asked);
    const prepared = type.kind === "Secret" ? defaultedSecret(merged) : merged;
    const next = this.#admit(
      { verb: "update", kind: type.kind, namespace, name, object: prepared, before },
      options,
    );
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
      return this.#remove(type, owned);
    }
    return this.#commit("MODIFIED", type, owned);
  }

  #defaulted(type: ResourceKind, namespace: string, object: JsonObject): JsonObject {
    const metadata = without(objectAt(object, "metadata"), "namespace", "resourceVersion", "uid", "creationTimestamp");
    const named: JsonObject = {
      ...(type.statusSubresource && type.kind !== "Pod" ? without(object, "status") : object),
      apiVersion: apiVersion(type),
      kind: type.kind,
      metadata: { ...metadata, ...(type.namespaced ? { namespace } : {}) },
    };
    return type.kind === "Secret" ? defaultedSecret(named) : named;
  }

  #admit(request: Omit<AdmissionRequest, "fieldManager">, options: WriteOptions): JsonObject {
    let object = request.object;
    for (const admission of this.#admissions) {
      object = admission({ ...request, object, fieldManager: options.fieldManager }) ?? object;
    }
    return object;
  }

  #withManagers(before: JsonObject | undefined, next: JsonObject, options: WriteOptions): JsonObject {
    if (!tracked.includes(textAt(next, "kind")) || options.subresource === "status") return next;
    const managedFields = managedFieldsAfter(before, next, options.fieldManager, seconds(this.#now()));
    return { ...next, metadata: { ...objectAt(next, "metadata"), managedFields } };
  }

  #commit(event: "ADDED" | "MODIFIED", type: ResourceKind, object: JsonObject): JsonObject {
    const table = this.#table(type.kind);
    this.#version += 1;
    const stored = { ...object, metadata: { ...objectAt(object, "metadata"), resourceVersion: this.resourceVersion } };
    const namespace = scope(type, textAt(object, "metadata", "namespace"));
    const space = table.namespaces.get(namespace) ?? new Map<string, JsonObject>();
    table.namespaces.set(namespace, space);
    space.set(textAt(object, "metadata", "name"), stored);
    table.log.push(this.#version, { type: event, object: stored });
    return stored;
  }

  #remove(type: ResourceKind, object: JsonObject): JsonObject {
    const table = this.#table(type.kind);
    this.#version += 1;
    const last = { ...object, metadata: { ...objectAt(object, "metadata"), resourceVersion: this.resourceVersion } };
    const namespace = scope(type, textAt(object, "metadata", "namespace"));
    const space = table.namespaces.get(namespace);
    space?.delete(textAt(object, "metadata", "name"));
    if (space?.size === 0) table.namespaces.delete(namespace);
    table.log.push(this.#version, { type: "DELETED", object: last });
    return last;
  }

  #table(kind: KindName): Table {
    const table = this.#tables.get(kind);
    if (table === undefined) throw new Error(`The store has no table for ${kind}.`);
    return table;
  }
}

/** RFC 3339 with whole seconds, as Kubernetes writes times. */
export function seconds(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}

/** Kinds whose field owners somebody asks for. */
const tracked = ["Secret", "Deployment", "StatefulSet", "DaemonSet", "SecretProviderClass"];

function scope(kind: ResourceKind, namespace: string): string {
  if (!kind.namespaced) return "";
  return namespace === "" ? "default" : namespace;
}

function hasGeneration(kind: ResourceKind): boolean {
  return ["apps", "batch", "secrets-store.csi.x-k8s.io"].includes(kind.group) && kind.kind !== "ControllerRevision";
}

/** Nothing but metadata and status differs. */
function sameWish(a: JsonObject, b: JsonObject): boolean {
  const wish = (object: JsonObject): JsonObject =>
    without(object, "metadata", "kind", "apiVersion", ...(hasStatus(object) ? ["status"] : []));
  return equal(wish(a), wish(b));
}

function hasStatus(object: JsonObject): boolean {
  return Object.values(resourceKinds).some((kind) => kind.kind === object["kind"] && kind.statusSubresource);
}

function statusOnly(before: JsonObject, asked: JsonObject): JsonObject {
  const status = at(asked, "status");
  return isObject(status) ? { ...before, status } : before;
}

/** What was asked, with everything that a client cannot change as it was. */
function spared(type: ResourceKind, before: JsonObject, asked: JsonObject): JsonObject {
  const held = objectAt(before, "metadata");
  const fixed: Record<string, Json> = {};
  for (const key of fixedMetadata) {
    const value = held[key];
    if (value !== undefined) fixed[key] = value;
  }
  const metadata = { ...without(objectAt(asked, "metadata"), ...fixedMetadata), ...fixed };
  const identity = { apiVersion: apiVersion(type), kind: type.kind };
  if (!type.statusSubresource) return { ...asked, ...identity, metadata };
  const status = before["status"];
  return { ...without(asked, "status"), ...identity, metadata, ...(status === undefined ? {} : { status }) };
}

const fixedMetadata = [
  "name",
  "namespace",
  "uid",
  "resourceVersion",
  "creationTimestamp",
  "deletionTimestamp",
  "deletionGracePeriodSeconds",
  "generation",
  "managedFields",
];

function graceOf(pod: JsonObject, options: DeleteOptions): number {
  if (textAt(pod, "spec", "nodeName") === "") return 0;
  const phase = textAt(pod, "status", "phase");
  if (phase === "Succeeded" || phase === "Failed") return 0;
  return options.gracePeriodSeconds ?? numberAt(pod, "spec", "terminationGracePeriodSeconds") ?? 30;
}

function notFound(kind: ResourceKind, name: string): ApiError {
  return new ApiError(404, "NotFound", `${kind.plural} "${name}" not found`);
}

function conflict(kind: ResourceKind, name: string): ApiError {
  return new ApiError(
    409,
    "Conflict",
    `Operation cannot be fulfilled on ${kind.plural} "${name}": the object has been modified`,
  );
}
