/** JSON merge patch, RFC 7386. */

import { equal, isObject } from "./json.ts";
import type { Json, JsonObject } from "./json.ts";

/** `target` with `patch` laid over it: objects member by member, null removes, everything else replaces. */
export function mergePatch(target: JsonObject, patch: JsonObject): JsonObject {
  const merged: Record<string, Json> = { ...target };
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) {
      delete merged[key];
    } else if (isObject(value)) {
      const under = merged[key];
      merged[key] = mergePatch(isObject(under) ? under : {}, value);
    } else {
      merged[key] = value;
    }
  }
  return merged;
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
