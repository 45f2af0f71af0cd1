import type { JsonObject } from "./json.ts";

/** `parse` with a memory: stored objects never change, so each is parsed once. */
export function once<T>(parse: (raw: JsonObject) => T): (raw: JsonObject) => T {
  const known = new WeakMap<JsonObject, { readonly parsed: T }>();
  return (raw) => {
    const before = known.get(raw);
    if (before !== undefined) return before.parsed;
    const parsed = parse(raw);
    known.set(raw, { parsed });
    return parsed;
  };
}
