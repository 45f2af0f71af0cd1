/** From many findings to one outcome a class, and to when to look again. */

import type { Outcome, WaitingReason } from "../reasons.ts";
import type { Next } from "./plan-types.ts";

export interface Finding {
  readonly outcome: Outcome;
  readonly next: Next;
}

/** What is on its way comes before what waits for a person, so that a running rollout shows as running. */
const order: readonly WaitingReason[] = [
  "vault-unavailable",
  "vault-stale",
  "settling",
  "reloader",
  "secret-missing",
  "conflict",
  "rollout-running",
  "final-look",
  "not-yet-mounted",
  "workload-paused",
  "on-delete",
  "partitioned",
  "broken-revision",
  "old-mount",
  "unmanaged-pod",
  "class-changed",
  "driver-refresh",
  "start-unknown",
  "cluster-unreachable",
  "writes-stopped",
  "observe-only",
];

/** The finding that a person must know first; what others of the same reason name is named too. */
export function chooseOutcome(findings: readonly Finding[]): Outcome {
  const sorted = [...findings].sort((a, b) => rank(a.outcome) - rank(b.outcome));
  const first = sorted[0]?.outcome;
  if (first === undefined) return { kind: "converged", idle: false };
  if (first.kind === "converged") return first;
  const same = sorted.flatMap(({ outcome }) =>
    outcome.kind === first.kind && outcome.reason === first.reason ? outcome.about : [],
  );
  return { ...first, about: [...new Set(same)] };
}

function rank(outcome: Outcome): number {
  switch (outcome.kind) {
    case "failed":
      return 0;
    case "refused":
      return 1;
    case "waiting":
      return 2 + order.indexOf(outcome.reason);
    case "converged":
      return 100;
  }
}

/** The soonest of all; a wait for a person never keeps a run busy while something else is on its way. */
export function combineNext(all: readonly Next[]): Next {
  const soon = all.flatMap((next) => (next.kind === "soon" ? [next.ms] : []));
  if (soon.length > 0) return { kind: "soon", ms: Math.max(50, Math.min(...soon)) };
  const later = all.flatMap((next) => (next.kind === "later" ? [next.atLeastMs] : []));
  return later.length > 0 ? { kind: "later", atLeastMs: Math.min(...later) } : { kind: "end" };
}

/** When to look again after an outcome that nobody gave a time for. */
export function nextAfter(outcome: Outcome): Next {
  return outcome.kind === "waiting" ? { kind: "later", atLeastMs: 60_000 } : { kind: "end" };
}
