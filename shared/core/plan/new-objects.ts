/** A class that gained objects or Secrets, or whose pin moved: by default its owner's own rollout mounts them. */

import { formatMarker } from "../marker.ts";
import type { Outcome } from "../reasons.ts";
import type { WorkloadDecision } from "./workload-decision.ts";
import type { ActiveClass, Look } from "./look.ts";
import { obstacleOf } from "./obstacles.ts";
import { settleMs } from "./holds.ts";
import type { Next, Step } from "./plan-types.ts";
import { secretsNotReady } from "./restart-gates.ts";
import { pollOf, rolloutOf } from "./rollout.ts";
import { pollAfterStep, waiting } from "./wait.ts";
import { wantedMarker } from "./wanted-marker.ts";
import type { WorkloadState } from "./workload-state.ts";

export interface NewObjectsFinding {
  readonly outcome: Outcome;
  readonly next: Next;
  readonly step: Step | undefined;
}

/**
 * Says `class-changed` while objects of the class are mounted nowhere; with `newObjects: restart` it restarts one
 * mounter, and goes on when that one is proven (its pod status then shows the object).
 */
export function mountNewObjects(
  owner: ActiveClass,
  states: readonly WorkloadState[],
  decisions: ReadonlyMap<string, WorkloadDecision>,
  look: Look,
): readonly NewObjectsFinding[] {
  const fresh = owner.objects.filter((object) => object.unmounted);
  if (fresh.length === 0) return [];
  const about = fresh.map((object) => object.wanted.key);
  const outcome = { kind: "waiting", reason: "class-changed", about } as const;
  const wait = { outcome, next: { kind: "later", atLeastMs: 60_000 }, step: undefined } as const;
  if (look.policy.newObjects === "wait") return [wait];
  const mounters = states
    .filter((state) => state.item.mounts.has(owner.item.name))
    .sort((a, b) => (a.item.key < b.item.key ? -1 : 1));
  // A restart that is on its way anyway mounts the new objects too.
  const decided = mounters.flatMap((state) => decisions.get(state.item.key) ?? []);
  if (decided.some(({ kind }) => kind === "restart")) return [running(about, pollAfterStep)];
  const rolling = decided.find((decision) => decision.kind === "rolling");
  if (rolling !== undefined) return [running(about, rolling.next)];
  const chosen = mounters.find((state) => state.restart !== "never" && obstacleOf(state, [], look) === undefined);
  if (chosen === undefined) return [wait];
  const marked = (chosen.item.workload.restartedByUsAt ?? 0) >= owner.item.changedAt;
  if (marked) {
    const rollout = rolloutOf(chosen.item, look);
    if (rollout.kind === "running" || rollout.kind === "unsteady")
      return [running(rollout.about, pollOf(chosen.item, look))];
    if (rollout.kind === "stuck")
      return [
        {
          outcome: { kind: "failed", reason: "rollout-stuck", about: rollout.about },
          next: { kind: "end" },
          step: undefined,
        },
      ];
    return [wait];
  }
  // Its pods get everything else anew too: as with any restart, the Secrets come first.
  const settling = settleMs([owner], look);
  const notReady =
    settling > 0
      ? waiting("settling", about, { kind: "soon", ms: settling })
      : secretsNotReady(chosen, chosen.uses, look);
  if (notReady !== undefined) return [{ ...notReady, step: undefined }];
  const marker = formatMarker(wantedMarker(chosen, 1, look));
  const because = fresh.map((object) => `${object.wanted.key}@${object.wanted.current.version}`);
  return [
    {
      ...running(about, pollAfterStep),
      step: { kind: "restart", workload: chosen.item.workload, marker, because, counts: [] },
    },
  ];
}

function running(about: readonly string[], next: Next): NewObjectsFinding {
  return { ...waiting("rollout-running", about, next), step: undefined };
}
