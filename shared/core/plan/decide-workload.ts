/** What to do with one workload at this look: nothing, watch, restart, or say why not. */

import { decideMarked } from "./decide-marked.ts";
import { isDue } from "./due-restarts.ts";
import { stuckAnyway, watchForeign } from "./foreign-rollout.ts";
import { settleMs } from "./holds.ts";
import type { Look } from "./look.ts";
import { restartKey } from "./memory-keys.ts";
import { obstacleOf, rolledBack } from "./obstacles.ts";
import { watchUnmarked } from "./own-rollout.ts";
import { proofAwaited, secretsNotReady, waitForReloader } from "./restart-gates.ts";
import type { WaitFor } from "./restart-gates.ts";
import { heldFor, restart } from "./restart-step.ts";
import { noteMet } from "./reverts.ts";
import { rolloutOf } from "./rollout.ts";
import { noteStrangersBytes } from "./strangers-bytes.ts";
import { waiting } from "./wait.ts";
import { isLeftOut, wantedEntries } from "./wanted-marker.ts";
import type { WorkloadDecision } from "./workload-decision.ts";
import type { ObjectUse, WorkloadState } from "./workload-state.ts";

export function decideWorkload(state: WorkloadState, waitFor: WaitFor, look: Look): WorkloadDecision {
  const all = state.uses;
  const old = all.filter(
    (use) =>
      use.standing === "old" ||
      (use.standing === "unknown" && (isAskedFor(use, state, look) || isDue(use, state, look))),
  );
  const marked = all.filter((use) => use.standing === "marked");
  noteStrangersBytes(state, look);
  if (old.length > 0) {
    // That restart may be long in coming, and the Secret right again at the next look.
    if (marked.length > 0) noteMet(state, marked, rolloutOf(state.item, look).kind, look);
    return { ...decideRestart(state, old, waitFor, look), for: unproven(state, look) };
  }
  if (marked.length > 0) {
    const rollout = decideMarked(state, marked, waitFor, look);
    if (rollout !== undefined) return { ...rollout, for: unproven(state, look) };
  }
  const awaiting = all.filter((use) => use.standing === "awaits-driver");
  if (awaiting.length > 0)
    return {
      kind: "equal-bytes",
      ...waiting("driver-refresh", [state.item.key], { kind: "later", atLeastMs: 30_000 }),
      for: unproven(state, look),
    };
  const unknown = all.filter((use) => use.standing === "unknown");
  if (unknown.length > 0) {
    const own = watchUnmarked(state, unknown, look);
    if (own !== undefined) return { ...own, for: unproven(state, look) };
    return {
      kind: "obstacle",
      outcome: { kind: "waiting", reason: "start-unknown", about: [state.item.key] },
      for: unknown,
    };
  }
  return { kind: "done", outcome: undefined, for: all };
}

/** A person said `rotate` for what nothing proves of it. One word is one restart, whether or not its marker can say so. */
function isAskedFor({ wanted }: ObjectUse, state: WorkloadState, look: Look): boolean {
  const askedAt = look.input.byHand?.[wanted.key];
  if (askedAt === undefined) return false;
  const { restartedByUsAt } = state.item.workload;
  // Kubernetes' times are whole seconds.
  if (restartedByUsAt === undefined || restartedByUsAt < Math.floor(askedAt / 1000) * 1000) return true;
  return !isLeftOut(wanted, wantedEntries(state, look));
}

/**
 * What a decision is about: every object for which its pods are not proven yet. What it must be restarted for comes
 * first, but its other classes are no more converged for that.
 */
function unproven(state: WorkloadState, look: Look): readonly ObjectUse[] {
  const complete = rolloutOf(state.item, look).kind === "complete";
  const doubtful = !complete || look.notebook.reverted(restartKey(state.item.key, state.marker));
  return state.uses.filter(({ standing, mounts, mountsCurrent }) => {
    if (standing === "marked") return doubtful || (mounts && !mountsCurrent);
    return standing !== "fresh";
  });
}

function decideRestart(
  state: WorkloadState,
  old: readonly ObjectUse[],
  waitFor: WaitFor,
  look: Look,
): WorkloadDecision {
  const { item } = state;
  const own = watchUnmarked(state, old, look);
  if (own !== undefined) return { ...own, for: old };
  const wait = proofAwaited(state, waitFor);
  const outlasts = wait !== undefined && wait.next.kind !== "soon";
  const foreign = watchForeign(state, old, look);
  if (foreign !== undefined) {
    // Where old mounts stay and write, each flip of the Secret makes Reloader begin another one: without an end to see.
    const endless = outlasts && look.driver.generation !== "1.5";
    return endless ? heldFor(wait, old) : { kind: "rolling", ...foreign, for: old };
  }
  const obstacle = obstacleOf(state, old, look) ?? stuckAnyway(state, old, look);
  if (obstacle !== undefined) return { kind: "obstacle", outcome: obstacle, for: old };
  // What outlasts this run comes first: to sit and poll for the rest (Reloader, a Secret) would be in vain.
  if (outlasts) return heldFor(wait, old);
  const settling = settleMs(state.classes, look);
  if (settling > 0)
    return { kind: "held", ...waiting("settling", [item.key], { kind: "soon", ms: settling }), for: old };
  const notReady = secretsNotReady(state, old, look);
  if (notReady !== undefined) return { kind: "held", ...notReady, for: old };
  const reloader = waitForReloader(state, old, look);
  // Of two waits the one that takes longer tells when to look: the other one alone lets nothing begin.
  if (wait?.next.kind === "soon" && reloader?.next.kind === "soon" && wait.next.ms > reloader.next.ms)
    return heldFor(wait, old);
  if (reloader !== undefined) return { kind: "held", ...reloader, for: old };
  if (wait !== undefined) return heldFor(wait, old);
  const undone = rolledBack(state, old, look);
  return undone === undefined ? restart(state, old, 1, look) : { kind: "obstacle", outcome: undone, for: old };
}
