/**
 * `metadata.managedFields` for plain writes (operation Update), as the API server keeps it: who changes a field's
 * value owns it from then on, and the entry's time (whole seconds) is that of the manager's last change. A write
 * that changes nothing keeps everything (docs/facts.md). Server-side apply is not modelled.
 */

import { at, canonical, equal, isArray, isObject, listAt, objectAt, textAt } from "./json.ts";
import type { Json, JsonObject } from "./json.ts";
import { once } from "./once.ts";

/** The entries after `manager` made `next` out of `before` (undefined: created it) at `time`. */
export function managedFieldsAfter(
  before: JsonObject | undefined,
  next: JsonObject,
  manager: string,
  time: string,
): readonly Json[] {
  const now = leaves(next, before);
  const then = before === undefined ? new Map<string, string>() : leaves(before, next);
  const taken = new Set([...now.keys()].filter((path) => then.get(path) !== now.get(path)));
  const gone = new Set([...then.keys()].filter((path) => !now.has(path)));
  const held = listAt(before, "metadata", "managedFields");
  if (taken.size === 0 && gone.size === 0) return held;
  const kept = held.filter(isObject).map((entry) => {
    const own = textAt(entry, "manager") === manager;
    const fields = objectAt(entry, "fieldsV1");
    const paths = pathsOf(fields).filter((path) => !gone.has(path) && (own || !taken.has(path)));
    return { entry, own, fields, paths };
  });
  const mine = kept.find(({ own }) => own);
  const result = kept.flatMap(({ entry, own, fields, paths }) => {
    if (own && taken.size > 0) return [];
    return paths.length > 0 ? [{ ...entry, fieldsV1: fieldsWith(fields, paths) }] : [];
  });
  if (taken.size === 0) return result;
  const paths = new Set([...(mine?.paths ?? []), ...taken]);
  const fieldsV1 = fieldsWith(mine?.fields ?? {}, [...paths]);
  const apiVersion = textAt(next, "apiVersion");
  return [...result, { manager, operation: "Update", apiVersion, time, fieldsType: "FieldsV1", fieldsV1 }];
}

/** Lists whose items are known by a member; all others are one value. */
const listKeys: Readonly<Record<string, string>> = {
  ownerReferences: "uid",
  containers: "name",
  initContainers: "name",
  env: "name",
  volumes: "name",
  volumeMounts: "mountPath",
};

const separator = "\u0000";
const serverFields = [
  "uid",
  "resourceVersion",
  "creationTimestamp",
  "generation",
  "managedFields",
  "name",
  "namespace",
  "deletionTimestamp",
  "deletionGracePeriodSeconds",
];

/**
 * Every field that somebody can own, as a path text, with its value as text. Maps count as a field of their own. What
 * `other` has just the same is left out: who owns it does not change.
 */
function leaves(object: JsonObject, other: JsonObject | undefined): Map<string, string> {
  const found = new Map<string, string>();
  for (const key of Object.keys(object)) {
    const value = object[key];
    if (key === "apiVersion" || key === "kind" || key === "status" || value === undefined) continue;
    if ((key === "metadata" || key === "spec" || key === "template") && isObject(value)) {
      for (const name of Object.keys(value)) {
        if (key === "metadata" && serverFields.includes(name)) continue;
        collectChanged(found, [`f:${key}`, `f:${name}`], name, value[name], at(other, key, name));
      }
    } else {
      collectChanged(found, [`f:${key}`], key, value, at(other, key));
    }
  }
  return found;
}

function collectChanged(
  found: Map<string, string>,
  path: readonly string[],
  name: string,
  value: Json | undefined,
  other: Json | undefined,
): void {
  if (value !== undefined && !equal(value, other)) collect(found, path.join(separator), name, value);
}

function collect(found: Map<string, string>, path: string, name: string, value: Json): void {
  const key = listKeys[name];
  if (isObject(value)) {
    found.set(`${path}${separator}.`, "");
    for (const member of Object.keys(value)) {
      const item = value[member];
      if (item !== undefined) collect(found, `${path}${separator}f:${member}`, member, item);
    }
  } else if (isArray(value) && key !== undefined) {
    found.set(`${path}${separator}.`, "");
    for (const item of value) {
      collect(found, `${path}${separator}k:{"${key}":${canonical(textAt(item, key))}}`, "", item);
    }
  } else {
    found.set(path, typeof value === "string" ? value : canonical(value));
  }
}

const pathsOf = once((fields: JsonObject) => pathsBelow(fields, ""));

function pathsBelow(fields: Json | undefined, path: string): readonly string[] {
  if (!isObject(fields)) return [];
  const keys = Object.keys(fields);
  if (keys.length === 0) return path === "" ? [] : [path];
  return keys.flatMap((key) => pathsBelow(fields[key], path === "" ? key : `${path}${separator}${key}`));
}

/** `before` itself where it has just these paths; they are all of it but a few, and perhaps some more. */
function fieldsWith(before: JsonObject, paths: readonly string[]): JsonObject {
  const known = pathsOf(before);
  return known.length === paths.length && known.every((path, index) => path === paths[index])
    ? before
    : fieldsOf(paths);
}

function fieldsOf(paths: Iterable<string>): JsonObject {
  const root: Fields = {};
  for (const path of paths) {
    let node = root;
    for (const step of path.split(separator)) {
      const below = node[step] ?? {};
      node[step] = below;
      node = below;
    }
  }
  return root;
}

interface Fields {
  [step: string]: Fields;
}
