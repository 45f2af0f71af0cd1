/**
 * `metadata.managedFields` for plain writes (operation Update), as the API server keeps it: who changes a field's
 * value owns it from then on, and the entry's time (whole seconds) is that of the manager's last change. A write
 * that changes nothing keeps everything (docs/facts.md). Server-side apply is not modelled.
 */

import { at, canonical, isArray, isObject, listAt, textAt } from "./json.ts";
import type { Json, JsonObject } from "./json.ts";

/** The entries after `manager` made `next` out of `before` (undefined: created it) at `time`. */
export function managedFieldsAfter(
  before: JsonObject | undefined,
  next: JsonObject,
  manager: string,
  time: string,
): readonly Json[] {
  const now = leaves(next);
  const then = before === undefined ? new Map<string, string>() : leaves(before);
  const taken = new Set([...now].filter(([path, value]) => then.get(path) !== value).map(([path]) => path));
  const kept = listAt(before, "metadata", "managedFields").flatMap((entry) => {
    const own = textAt(entry, "manager") === manager;
    const paths = [...pathsOf(at(entry, "fieldsV1"), [])].filter((path) => now.has(path) && (own || !taken.has(path)));
    return isObject(entry) ? [{ entry, own, paths }] : [];
  });
  const mine = kept.find(({ own }) => own);
  const result = kept.flatMap(({ entry, own, paths }) => {
    if (own && taken.size > 0) return [];
    return paths.length > 0 ? [{ ...entry, fieldsV1: fieldsOf(paths) }] : [];
  });
  if (taken.size === 0) return result;
  const paths = new Set([...(mine?.paths ?? []), ...taken]);
  const apiVersion = textAt(next, "apiVersion");
  const entry = { manager, operation: "Update", apiVersion, time, fieldsType: "FieldsV1", fieldsV1: fieldsOf(paths) };
  return [...result, entry];
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

/** Every field that somebody can own, as a path text, with its value as text. Maps count as a field of their own. */
function leaves(object: JsonObject): Map<string, string> {
  const found = new Map<string, string>();
  for (const [key, value] of Object.entries(object)) {
    if (key === "apiVersion" || key === "kind" || key === "status") continue;
    if (key === "metadata" && isObject(value)) {
      for (const [name, member] of Object.entries(value)) {
        if (!serverFields.includes(name)) collect(found, ["f:metadata", `f:${name}`], name, member);
      }
    } else if ((key === "spec" || key === "template") && isObject(value)) {
      for (const [name, member] of Object.entries(value)) collect(found, [`f:${key}`, `f:${name}`], name, member);
    } else {
      collect(found, [`f:${key}`], key, value);
    }
  }
  return found;
}

function collect(found: Map<string, string>, path: readonly string[], name: string, value: Json): void {
  const key = listKeys[name];
  if (isObject(value)) {
    found.set([...path, "."].join(separator), "");
    for (const [member, item] of Object.entries(value)) collect(found, [...path, `f:${member}`], member, item);
  } else if (isArray(value) && key !== undefined) {
    found.set([...path, "."].join(separator), "");
    for (const item of value) {
      collect(found, [...path, `k:{"${key}":${canonical(textAt(item, key))}}`], "", item);
    }
  } else {
    found.set(path.join(separator), typeof value === "string" ? value : canonical(value));
  }
}

function* pathsOf(fields: Json | undefined, path: readonly string[]): Generator<string> {
  if (!isObject(fields)) return;
  const entries = Object.entries(fields);
  if (entries.length === 0) yield path.join(separator);
  for (const [key, below] of entries) yield* pathsOf(below, [...path, key]);
}

function fieldsOf(paths: Iterable<string>): JsonObject {
  const root: Tree = new Map();
  for (const path of paths) {
    let node = root;
    for (const step of path.split(separator)) {
      const below: Tree = node.get(step) ?? new Map();
      node.set(step, below);
      node = below;
    }
  }
  return toObject(root);
}

interface Tree extends Map<string, Tree> {}

function toObject(tree: Tree): JsonObject {
  return Object.fromEntries([...tree].map(([key, below]) => [key, toObject(below)]));
}
