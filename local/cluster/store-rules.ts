/** What the API server keeps, changes and refuses of a written object, whatever its kind: the store's pure part. */

import { ApiError } from "./api-error.ts";
import { at, equal, isObject, numberAt, objectAt, textAt, withAt, without } from "./json.ts";
import type { Json, JsonObject } from "./json.ts";
import { apiVersion, resourceKinds } from "./kinds.ts";
import type { ResourceKind } from "./kinds.ts";
import { defaultedSecret } from "./validation.ts";

/** Kinds whose field owners somebody asks for. */
export const tracked: readonly string[] = [
  "Secret",
  "Deployment",
  "StatefulSet",
  "DaemonSet",
  "SecretProviderClass",
  "ReplicaSet",
  "ControllerRevision",
];

export function scope(kind: ResourceKind, namespace: string): string {
  if (!kind.namespaced) return "";
  return namespace === "" ? "default" : namespace;
}

export function hasGeneration(kind: ResourceKind): boolean {
  return ["apps", "batch", "secrets-store.csi.x-k8s.io"].includes(kind.group) && kind.kind !== "ControllerRevision";
}

/** Nothing but metadata and status differs. */
export function sameWish(a: JsonObject, b: JsonObject): boolean {
  const isWish = (key: string): boolean =>
    !["metadata", "kind", "apiVersion"].includes(key) && (key !== "status" || !withStatus.has(textAt(a, "kind")));
  const keys = new Set([...Object.keys(a), ...Object.keys(b)].filter(isWish));
  return [...keys].every((key) => equal(a[key], b[key]));
}

const withStatus: ReadonlySet<string> = new Set(
  Object.values(resourceKinds).flatMap(({ kind, statusSubresource }) => (statusSubresource ? [kind] : [])),
);

export function statusOnly(before: JsonObject, asked: JsonObject): JsonObject {
  const status = at(asked, "status");
  return isObject(status) ? { ...before, status } : before;
}

/** What was asked, with everything that a client cannot change as it was. */
export function spared(type: ResourceKind, before: JsonObject, asked: JsonObject): JsonObject {
  const held = objectAt(before, "metadata");
  const fixed: Record<string, Json> = {};
  for (const key of fixedMetadata) {
    const value = held[key];
    if (value !== undefined) fixed[key] = value;
  }
  const same = asked["metadata"] === before["metadata"];
  const metadata = same ? held : { ...without(objectAt(asked, "metadata"), ...fixedMetadata), ...fixed };
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

/**
 * As it is stored: annotations that are empty are none, of the object and of its pod template. Who takes the last one out
 * (a webhook) leaves the template that was there before it, and restarts nothing: `metav1.ObjectMeta` omits an empty map.
 */
export function withoutEmptyAnnotations(object: JsonObject): JsonObject {
  return [["metadata"], ["spec", "template", "metadata"]].reduce((pruned, path) => {
    const annotations = at(pruned, ...path, "annotations");
    const isEmpty = isObject(annotations) && Object.keys(annotations).length === 0;
    return isEmpty ? withAt(pruned, [...path, "annotations"], undefined) : pruned;
  }, object);
}

export function graceOf(pod: JsonObject, options: { readonly gracePeriodSeconds?: number }): number {
  if (textAt(pod, "spec", "nodeName") === "") return 0;
  const phase = textAt(pod, "status", "phase");
  if (phase === "Succeeded" || phase === "Failed") return 0;
  return options.gracePeriodSeconds ?? numberAt(pod, "spec", "terminationGracePeriodSeconds") ?? 30;
}

export function notFound(kind: ResourceKind, name: string): ApiError {
  return new ApiError(404, "NotFound", `${kind.plural} "${name}" not found`);
}

export function conflict(kind: ResourceKind, name: string): ApiError {
  return new ApiError(
    409,
    "Conflict",
    `Operation cannot be fulfilled on ${kind.plural} "${name}": the object has been modified`,
  );
}

/** A new object with its identity set and nothing in it that only the server sets. */
export function defaulted(type: ResourceKind, namespace: string, object: JsonObject): JsonObject {
  const metadata = without(objectAt(object, "metadata"), "namespace", "resourceVersion", "uid", "creationTimestamp");
  const named: JsonObject = {
    ...(type.statusSubresource && type.kind !== "Pod" ? without(object, "status") : object),
    apiVersion: apiVersion(type),
    kind: type.kind,
    metadata: {
      ...metadata,
      ...(type.namespaced ? { namespace } : {}),
      // A namespace that is deleted stays until its content is gone; the garbage collector sees to that.
      ...(type.kind === "Namespace" ? { finalizers: ["kubernetes"] } : {}),
    },
  };
  return type.kind === "Secret" ? defaultedSecret(named) : named;
}
