/**
 * Who wrote what, and when: `metadata.managedFields`. Times are whole seconds; an entry loses a field (and goes
 * when it has none left) as soon as another manager writes a different value to it.
 */

import { entries, field, list, text, time } from "./read.ts";

export interface ManagedEntry {
  readonly manager: string;
  /** Milliseconds since 1970; 0 where the entry has no time. */
  readonly at: number;
  /** The entry's `fieldsV1` tree: `f:<name>` for fields, `k:<json>` for list items. */
  readonly fields: unknown;
}

export function managedEntries(raw: unknown): readonly ManagedEntry[] {
  return list(field(raw, "metadata", "managedFields")).map((entry) => ({
    manager: text(field(entry, "manager")) ?? "",
    at: time(field(entry, "time")) ?? 0,
    fields: field(entry, "fieldsV1"),
  }));
}

/** Names of the fields that an entry owns directly under `path`, as in `["f:data"]` -> `tls.crt`. */
export function ownedNames(entry: ManagedEntry, ...path: readonly string[]): readonly string[] {
  return entries(field(entry.fields, ...path))
    .map(([name]) => name)
    .filter((name) => name.startsWith("f:"))
    .map((name) => name.slice(2));
}

/** Latest time of the entries that `wanted` picks; undefined if it picks none. */
export function latestTime(raw: unknown, wanted: (entry: ManagedEntry) => boolean): number | undefined {
  const times = managedEntries(raw)
    .filter(wanted)
    .map((entry) => entry.at);
  return times.length === 0 ? undefined : Math.max(...times);
}
