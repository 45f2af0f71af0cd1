/** From what a trigger hands over to plain JSON data of bounded size. */

import type { IgnoredReason } from "./reasons.ts";

export type MessageBody =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly reason: Extract<IgnoredReason, "not-json" | "too-large"> };

/** In characters. The largest that Event Grid delivers is 1 MiB; a Storage queue message ends at 64 KiB. */
const maxSize = 1_048_576;

/**
 * Opens a message body. In: data that the Functions host has parsed already, or a string that holds JSON, or the
 * base64 of JSON (how Event Grid writes to a Storage queue, should the host not have decoded it). Never throws.
 */
export function openBody(body: unknown): MessageBody {
  let value = body;
  // Twice at most: a producer may have encoded text that was JSON already.
  for (let layer = 0; layer < 2 && typeof value === "string"; layer += 1) {
    if (value.length > maxSize) return { ok: false, reason: "too-large" };
    const parsed = parseText(value.trim());
    if (parsed === undefined) return { ok: false, reason: "not-json" };
    value = parsed.value;
  }
  if (typeof value !== "object" || value === null) return { ok: false, reason: "not-json" };
  return isLarger(value, maxSize) ? { ok: false, reason: "too-large" } : { ok: true, value };
}

function parseText(text: string): { readonly value: unknown } | undefined {
  return parseJson(text) ?? parseJson(decodeBase64(text) ?? "");
}

function parseJson(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}

function decodeBase64(text: string): string | undefined {
  try {
    const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes).trim();
  } catch {
    return undefined;
  }
}

/**
 * Is data that somebody else has parsed larger than `limit`, counted roughly as the length of its JSON? Stops at
 * the limit, needs no recursion, and so ends soon whatever the depth, even for data that contains itself.
 */
function isLarger(value: object, limit: number): boolean {
  let size = 0;
  const pending: unknown[] = [value];
  while (pending.length > 0) {
    const next = pending.pop();
    size += typeof next === "string" ? next.length + 2 : 2;
    if (typeof next === "object" && next !== null) {
      const keys = Array.isArray(next) ? undefined : Object.keys(next);
      const items: readonly unknown[] = Object.values(next);
      size += items.length;
      for (const key of keys ?? []) size += key.length + 3;
      if (size > limit) return true;
      for (const item of items) pending.push(item);
    }
    if (size > limit) return true;
  }
  return false;
}
