/** What a message looks after: everything in the namespace, or the objects that brought it there. */

import type { ObjectHint, Scope } from "./message.ts";

const mostHints = 200;

/** Both together; too many hints become everything. */
export function mergeScopes(a: Scope, b: Scope): Scope {
  if (a === "all" || b === "all") return "all";
  const hints = new Map<string, ObjectHint>();
  for (const hint of [...a, ...b]) hints.set(`${hint.object}@${hint.version ?? ""}`, hint);
  return hints.size > mostHints ? "all" : [...hints.values()];
}

/** Does a chain with scope `a` do all that one with scope `b` would? */
export function covers(a: Scope, b: Scope): boolean {
  if (a === "all") return true;
  if (b === "all") return false;
  const objects = new Set(a.map((hint) => hint.object));
  return b.every((hint) => objects.has(hint.object));
}
