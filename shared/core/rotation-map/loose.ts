/**
 * Access to data that may have any form: cross checks run on maps that the schema refuses too, so that a person
 * sees all problems at once. What has another form than expected counts as absent; the schema reports it.
 */

export type Path = readonly (string | number)[];

/** What is wrong where. */
export interface Finding {
  readonly path: Path;
  readonly problem: string;
  readonly mend: string;
}

export interface Entry {
  readonly value: unknown;
  readonly path: Path;
}

/** The items of the list `key` of an object, with their paths. */
export function items(of: Entry, key: string): readonly Entry[] {
  const list = field(of.value, key);
  if (!Array.isArray(list)) return [];
  return list.map((value: unknown, index) => ({ value, path: [...of.path, key, index] }));
}

export function text(of: Entry, key: string): string | undefined {
  const value = field(of.value, key);
  return typeof value === "string" ? value : undefined;
}

export function has(of: Entry, key: string): boolean {
  return field(of.value, key) !== undefined;
}

/** The texts of the list `key`. */
export function texts(of: Entry, key: string): readonly string[] {
  return items(of, key).flatMap(({ value }) => (typeof value === "string" ? [value] : []));
}

export function child(of: Entry, key: string): Entry {
  return { value: field(of.value, key), path: [...of.path, key] };
}

function field(value: unknown, key: string): unknown {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return undefined;
  return Object.entries(value).find(([name]) => name === key)?.[1];
}
