/** A finding that passes or that a person ends, with when to look again. */

import type { Outcome, WaitingReason } from "../reasons.ts";
import type { Next } from "./plan-types.ts";

export type Progress = Extract<Outcome, { kind: "waiting" }>;

export interface Waiting {
  readonly outcome: Progress;
  readonly next: Next;
}

export function waiting(reason: WaitingReason, about: readonly string[], next: Next): Waiting {
  return { outcome: { kind: "waiting", reason, about }, next };
}

/** What ends after a long wait is seen at most this late. */
const slowestPollMs = 30_000;

/** How often a rollout is looked at. */
export const poll: Next = { kind: "soon", ms: 1500 };

/** The same for what comes of a step of this plan. */
export const pollAfterStep: Next = { kind: "soon", ms: 1500, afterStep: true };

/** For what may take long: the longer it has taken, the less often it is looked at. */
export function pollGrowing(shortestMs: number, ms: number): Next {
  return { kind: "soon", ms: Math.min(slowestPollMs, Math.max(shortestMs, Math.round(ms))) };
}

/** Why something is not done, and will not be until a person or time changes it. */
export type Obstacle = Extract<Outcome, { kind: "waiting" | "refused" | "failed" }>;

export interface Wait {
  readonly outcome: Obstacle;
  readonly next: Next;
}
