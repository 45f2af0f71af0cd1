/** JSON merge patch, RFC 7386. */

import { equal, isObject } from "./json.ts";
import type { Json, JsonObject } from "./json.ts";

/**
 * `target` with `patch` laid over it: objects member by member, null removes, everything else replaces. A patch that
 * changes nothing gives `target` itself: most of what controllers write is what is already there.
 */
export function mergePatch(target: JsonObject, patch: JsonObject): JsonObject {
  let merged: Record<string, Json> | undefined;
  for (const key of Object.keys(patch)) {
    const value = patch[key];
    const before = Object.hasOwn(target, key) ? target[key] : undefined;
    if (value === undefined || (value === null && before === undefined)) continue;
    if (value === null) {
      merged ??= { ...target };
      delete merged[key];
      continue;
    }
    const after = isObject(value) ? mergePatch(isObject(before) ? before : {}, value) : value;
    if (before !== undefined && equal(before, after)) continue;
    merged ??= { ...target };
    merged[key] = after;
  }
  return merged ?? target;
}

/** The smallest merge patch that makes `to` out of `from`. */
export function diff(from: JsonObject, to: JsonObject): JsonObject {
  const patch: Record<string, Json> = {};
  for (const key of Object.keys(from)) {
    if (!Object.hasOwn(to, key)) patch[key] = null;
  }
  for (const [key, value] of Object.entries(to)) {
    const before = from[key];
    if (equal(before, value)) continue;
    patch[key] = isObject(before) && isObject(value) ? diff(before, value) : value;
  }
  return patch;
}
