/** Names, owners and conditions of raw objects: what every controller asks. */

import { apiVersion, resourceKinds } from "./kinds.ts";
import type { KindName } from "./kinds.ts";
import { at, canonical, isObject, listAt, objectAt, textAt, withAt } from "./json.ts";
import type { Json, JsonObject } from "./json.ts";
import { once } from "./once.ts";
import type { Store } from "./store.ts";

export function nameOf(object: JsonObject): string {
  return textAt(object, "metadata", "name");
}

export function namespaceOf(object: JsonObject): string {
  return textAt(object, "metadata", "namespace");
}

export function uidOf(object: JsonObject): string {
  return textAt(object, "metadata", "uid");
}

export function isDeleting(object: JsonObject): boolean {
  return textAt(object, "metadata", "deletionTimestamp") !== "";
}

/** Milliseconds since 1970 of a time in the object; undefined where there is none. */
export function timeAt(object: Json | undefined, ...path: readonly string[]): number | undefined {
  const text = textAt(object, ...path);
  return text === "" ? undefined : Date.parse(text);
}

/** `namespace/name`, the key under which controllers queue their work. */
export function keyOf(object: JsonObject): string {
  return `${namespaceOf(object)}/${nameOf(object)}`;
}

export function splitKey(key: string): readonly [namespace: string, name: string] {
  const slash = key.indexOf("/");
  return [key.slice(0, slash), key.slice(slash + 1)];
}

export function ownersOf(object: JsonObject): readonly JsonObject[] {
  return listAt(object, "metadata", "ownerReferences").filter(isObject);
}

/** The owner reference of the controller that made the object. */
export function controllerOf(object: JsonObject): JsonObject | undefined {
  const found = listAt(object, "metadata", "ownerReferences").find((owner) => at(owner, "controller") === true);
  return isObject(found) ? found : undefined;
}

/** An owner reference to `owner`, as its controller writes it. */
export function controlledBy(owner: JsonObject): JsonObject {
  return {
    apiVersion: textAt(owner, "apiVersion"),
    kind: textAt(owner, "kind"),
    name: nameOf(owner),
    uid: uidOf(owner),
    controller: true,
    blockOwnerDeletion: true,
  };
}

/** The objects of a kind that `owner` controls, oldest first. */
export function controlled(store: Store, kind: KindName, owner: JsonObject): readonly JsonObject[] {
  const uid = uidOf(owner);
  return store
    .list(kind, namespaceOf(owner))
    .items.filter((object) => textAt(controllerOf(object), "uid") === uid)
    .sort(compare);
}

/** By age, then by order of creation. */
export function compare(a: JsonObject, b: JsonObject): number {
  const [born, other] = [textAt(a, "metadata", "creationTimestamp"), textAt(b, "metadata", "creationTimestamp")];
  if (born !== other) return born < other ? -1 : 1;
  return uidOf(a) < uidOf(b) ? -1 : 1;
}

export function condition(object: JsonObject, type: string): JsonObject | undefined {
  return listAt(object, "status", "conditions")
    .filter(isObject)
    .find((entry) => entry["type"] === type);
}

/** `conditions` with one set; its transition time changes only with its status. */
export function withCondition(
  conditions: readonly Json[],
  entry: { readonly type: string; readonly status: string; readonly reason: string; readonly message: string },
  now: string,
  more: JsonObject = {},
): readonly Json[] {
  const before = conditions.filter(isObject).find((other) => other["type"] === entry.type);
  const lastTransitionTime = before?.["status"] === entry.status ? (before["lastTransitionTime"] ?? now) : now;
  const next = { ...entry, lastTransitionTime, ...more };
  if (before === undefined) return [...conditions, next];
  return conditions.map((other) => (other === before ? next : other));
}

/** Template without the label that its controller adds, for comparing. */
export function bareTemplate(object: JsonObject): JsonObject {
  return bare(objectAt(object, "spec", "template"));
}

/** A new status or scale leaves the template the very same object. */
const bare = once((template: JsonObject): JsonObject => {
  const labelled = withAt(template, ["metadata", "labels", "pod-template-hash"], undefined);
  return withAt(labelled, ["metadata", "creationTimestamp"], undefined);
});

/** A short name for content, in the letters that Kubernetes uses for generated names. */
export function hashOf(content: Json, salt: number = 0): string {
  let hash = 0x811c9dc5;
  const text = `${salt}${canonical(content)}`;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193) >>> 0;
  }
  return safeName(hash, 10);
}

/** Letters for a number, as generated pod names end. */
export function safeName(value: number, length: number): string {
  const letters = "bcdfghjklmnpqrstvwxz2456789";
  let text = "";
  let rest = value >>> 0;
  for (let index = 0; index < length; index += 1) {
    text += letters[rest % letters.length] ?? "";
    rest = Math.imul(Math.floor(rest / letters.length) ^ value, 0x9e3779b1) >>> 0;
  }
  return text;
}

/** Identity members of a new object of `kind`. */
export function newObject(kind: KindName, namespace: string, name: string, rest: JsonObject): JsonObject {
  const { metadata, ...members } = rest;
  return {
    apiVersion: apiVersion(resourceKinds[kind]),
    kind,
    metadata: { ...(isObject(metadata) ? metadata : {}), name, namespace },
    ...members,
  };
}
