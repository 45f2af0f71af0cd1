/**
 * Readers for what a Kubernetes API gives: raw JSON (times as text) or the typed objects of a client (times as
 * Date). What is absent or of another type reads as undefined or empty, so unknown and newer fields never throw.
 */

/** The value at `path`, or undefined where a step is missing. Only own properties count. */
export function field(value: unknown, ...path: readonly string[]): unknown {
  let at: unknown = value;
  for (const step of path) {
    if (!isRecord(at) || !Object.hasOwn(at, step)) return undefined;
    at = at[step];
  }
  return at;
}

export function text(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

export function number(value: unknown): number | undefined {
  return typeof value === "number" && Number.isFinite(value) ? value : undefined;
}

export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** Own keys with their values; empty for anything that is not an object. */
export function entries(value: unknown): readonly (readonly [string, unknown])[] {
  return isRecord(value) ? Object.entries(value) : [];
}

/** Milliseconds since 1970, from a Date or RFC 3339 text. */
export function time(value: unknown): number | undefined {
  const ms = value instanceof Date ? value.getTime() : typeof value === "string" ? Date.parse(value) : Number.NaN;
  return Number.isNaN(ms) ? undefined : ms;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
