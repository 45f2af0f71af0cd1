/** What `rotation-bridge doctor` says of one thing that it looked at. Plain data; never a value. */

/** `ok`: as it must be. `warning`: it works, and a person should know. `problem`: rotations fail or would fail. */
export type Grade = "ok" | "warning" | "problem";

export interface Check {
  readonly grade: Grade;
  /** A sentence. */
  readonly text: string;
  /** What to do; absent where nothing is to be done. */
  readonly mend?: string;
}

/** Checks of one thing: a cluster, a vault. */
export interface CheckGroup {
  /** `Cluster aks-prod: rights`. */
  readonly title: string;
  readonly checks: readonly Check[];
}

export function ok(text: string): Check {
  return { grade: "ok", text };
}

export function warning(text: string, mend: string): Check {
  return { grade: "warning", text, mend };
}

export function problem(text: string, mend: string): Check {
  return { grade: "problem", text, mend };
}

/** `a, b and 3 more`. */
export function listed(names: readonly string[], atMost: number = 5): string {
  const more = names.length - atMost;
  return more <= 0 ? names.join(", ") : `${names.slice(0, atMost).join(", ")} and ${more} more`;
}

/** `1 class`, `2 classes`. */
export function counted(number: number, one: string, many: string = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`;
}
