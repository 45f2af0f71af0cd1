/** Plans from answers that the vault gave a moment ago: good for watching, never for acting and never for ending. */

import type { Plan } from "./plan-types.ts";

/** Nothing to do but to wait, and not for the vault itself. */
export function isEnough(glance: Plan): boolean {
  if (glance.steps.length > 0 || glance.next.kind !== "soon") return false;
  return ![...glance.outcomes.values()].some(
    (outcome) => outcome.kind === "waiting" && outcome.reason === "vault-stale",
  );
}

/** What an older answer of the vault seems to prove is not said: a newer version may be there since. */
export function withoutProofs(glance: Plan): Plan {
  return { ...glance, outcomes: new Map([...glance.outcomes].filter(([, { kind }]) => kind !== "converged")) };
}
