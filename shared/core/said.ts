/** An outcome as reports give it: its words, its sentence, and what it is about. */

import { printable } from "./printable.ts";
import { allReasons } from "./reasons.ts";
import type { Outcome, Reason } from "./reasons.ts";

export interface Said {
  readonly outcome: Outcome["kind"];
  /** From the closed list of reasons; absent where it has converged. */
  readonly reason?: Reason;
  /** What a person can do about the reason. */
  readonly sentence?: string;
  /** Pods, objects, rules: what to look at. */
  readonly about: readonly string[];
}

export function saidOf(outcome: Outcome): Said {
  if (outcome.kind === "converged") return { outcome: "converged", about: [] };
  const { kind, reason, about } = outcome;
  return { outcome: kind, reason, sentence: allReasons[reason], about: about.map((one) => printable(one, 300)) };
}

/** `refused(no-rbac)`, `converged`. */
export function saidWord({ outcome, reason }: Said): string {
  return reason === undefined ? outcome : `${outcome}(${reason})`;
}
