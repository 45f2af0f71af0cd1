/**
 * `metadata.managedFields` for plain writes (operation Update), as the API server keeps it: who changes a field's
 * value owns it from then on, and the entry's time (whole seconds) is that of the manager's last change. A write
 * that changes nothing keeps everything (docs/facts.md). Server-side apply is not modelled.
 */

import { at, canonical, equal, isArray, isObject, listAt, objectAt, textAt, without } from "./json.ts";
import type { Json, JsonObject } from "./json.ts";

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
  const [takenSteps, goneSteps] = [stepsOf(taken), stepsOf(gone)];
  const kept = held.filter(isObject).map((entry) => {
    const own = textAt(entry, "manager") === manager;
    const lost = own ? goneSteps : [...goneSteps, ...takenSteps];
    return { entry, own, fields: lost.reduce((left, steps) => dropped(left, steps), objectAt(entry, "fieldsV1")) };
  });
  const mine = kept.find(({ own }) => own);
  const result = kept.flatMap(({ entry, own, fields }) => {
    if (own && taken.size > 0) return [];
    return Object.keys(fields).length > 0 ? [{ ...entry, fieldsV1: fields }] : [];
  });
  if (taken.size === 0) return result;
  const fieldsV1 =
    mine === undefined
      ? fieldsOf(takenSteps)
      : takenSteps.reduce<JsonObject>((more, steps) => added(more, steps), mine.fields);
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

function stepsOf(paths: ReadonlySet<string>): readonly (readonly string[])[] {
  return [...paths].map((path) => path.split(separator));
}

/** `fields` without the one that these steps lead to, and without branches that are empty then; itself if it has none. */
function dropped(fields: JsonObject, steps: readonly string[], from: number = 0): JsonObject {
  const step = steps[from] ?? "";
  const below = Object.hasOwn(fields, step) ? fields[step] : undefined;
  if (!isObject(below)) return fields;
  const isField = Object.keys(below).length === 0;
  if (from === steps.length - 1) return isField ? without(fields, step) : fields;
  const left = dropped(below, steps, from + 1);
  if (left === below) return fields;
  return Object.keys(left).length === 0 ? without(fields, step) : { ...fields, [step]: left };
}

/** `fields` with the one that these steps lead to; itself if it has that already. */
function added(fields: JsonObject, steps: readonly string[], from: number = 0): JsonObject {
  const step = steps[from];
  if (step === undefined) return fields;
  const before = Object.hasOwn(fields, step) ? fields[step] : undefined;
  const after = added(isObject(before) ? before : {}, steps, from + 1);
  return before === after ? fields : { ...fields, [step]: after };
}

function fieldsOf(paths: readonly (readonly string[])[]): JsonObject {
  const root: Fields = {};
  for (const steps of paths) {
    let node = root;
    for (const step of steps) {
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
