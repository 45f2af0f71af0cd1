/**
 * Is a class proven: does every live pod that mounts it show the current versions, so that nothing can put old bytes
 * back? What is missing is either on its way or stands in somebody's hands.
 */

import type { ActiveClass, Look } from "./look.ts";
import { showsCurrent } from "./look.ts";
import type { Obstacle } from "./wait.ts";
import type { WorkloadDecision } from "./workload-decision.ts";
import { nextAfter } from "./outcomes.ts";
import type { WorkloadPods } from "../dependents.ts";
import { pollBetweenPods, pollOf, rolloutOf } from "./rollout.ts";
import { pollAfterStep, waiting } from "./wait.ts";
import type { Wait, Waiting } from "./wait.ts";

export interface Proof {
  /** No old mount is left and no rollout of a mounter is on its way. */
  readonly proven: boolean;
  /** What is missing is only what the bridge cannot replace. On driver 1.5 such mounts revert nothing. */
  readonly onlyObstacles: boolean;
  /** What is to be said of the class for that. */
  readonly findings: readonly Wait[];
  /** What a workload waits for that may start only once the class is proven; undefined when it is. */
  readonly waitsFor: Wait | undefined;
}

/** `decisions`: of every workload, by `Kind/name`; made for mounters before readers. */
export function proveMounters(owner: ActiveClass, decisions: ReadonlyMap<string, WorkloadDecision>, look: Look): Proof {
  const findings: Wait[] = [];
  const obstacles: Obstacle[] = [];
  /** Mounters whose restart is on its way, and those that stop all that would come after them. */
  const underWay: Wait[] = [];
  const strays = owner.mounters.filter(
    (pod) => look.found.unmanaged.includes(pod) && !showsCurrent(look, pod, owner, owner.objects),
  );
  if (strays.length > 0) {
    const about = strays.map((pod) =>
      pod.owner === undefined ? `Pod/${pod.name}` : `Pod/${pod.name} of ${pod.owner.kind}/${pod.owner.name}`,
    );
    obstacles.push({ kind: "waiting", reason: "old-mount", about });
  }
  for (const item of look.found.workloads) {
    const decision = decisions.get(item.key);
    const watched = decision?.kind === "rolling" || decision?.kind === "restart" || decision?.kind === "held";
    const between = item.mounts.has(owner.item.name) && !watched ? pollBetweenPods(item, look) : undefined;
    if (between !== undefined) {
      const wait = waiting("rollout-running", [item.key], between);
      underWay.push(wait);
      findings.push(wait);
    }
    if (
      !item.pods.some((pod) => owner.mounters.includes(pod)) &&
      !(item.mounts.has(owner.item.name) && item.pods.length > 0)
    )
      continue;
    if (decision === undefined) continue;
    const stale = item.pods.some(
      (pod) => owner.mounters.includes(pod) && !showsCurrent(look, pod, owner, owner.objects),
    );
    switch (decision.kind) {
      case "done":
        // Its template no longer mounts the class, only its pods do: an ordinary rollout replaces them, or nobody does.
        if (stale) {
          const left = leftBehind(item, look);
          underWay.push(left);
          findings.push(left);
        }
        break;
      case "equal-bytes":
        // What it awaits may be another class's object, while this one's pin has moved and no mount shows it yet.
        if (stale) findings.push(decision);
        break;
      case "restart":
      case "held":
      case "rolling": {
        const wait = decision.kind === "restart" ? rolling(item.key) : decision;
        underWay.push(wait);
        // It may be about another class of the workload, and this one's mount is old all the same (a pin that moved).
        if (stale) findings.push(wait);
        break;
      }
      case "obstacle":
        // A stuck or undone restart stops what would come after it; only what waits for a person may be passed by.
        if (stopsOthers(decision.outcome)) {
          const wait = { outcome: decision.outcome, next: nextAfter(decision.outcome) };
          underWay.push(wait);
          if (stale) findings.push(wait);
        } else if (stale) obstacles.push(decision.outcome);
        break;
    }
  }
  const inTheWay = obstacles.map((outcome) => ({ outcome, next: nextAfter(outcome) }));
  findings.push(...inTheWay);
  return {
    proven: underWay.length === 0 && obstacles.length === 0,
    onlyObstacles: underWay.length === 0 && obstacles.length > 0,
    findings,
    waitsFor: underWay.find(({ next }) => next.kind === "soon") ?? underWay[0] ?? inTheWay[0],
  };
}

/** An owner's wish to leave one workload alone says nothing about the others. */
function stopsOthers(outcome: Obstacle): boolean {
  if (outcome.kind === "refused") return outcome.reason !== "restart-never" && outcome.reason !== "workload-ignored";
  return outcome.kind === "failed";
}

function leftBehind(item: WorkloadPods, look: Look): Waiting {
  const names = item.pods.map((pod) => `Pod/${pod.name}`);
  const { paused, strategy, partition } = item.workload;
  const underWay = ["running", "unsteady"].includes(rolloutOf(item, look).kind);
  const stays = paused || strategy === "on-delete" || partition > 0 || !underWay;
  return stays
    ? waiting("old-mount", [item.key, ...names], { kind: "later", atLeastMs: 60_000 })
    : waiting("rollout-running", [item.key], pollOf(item, look));
}

function rolling(key: string): Wait {
  return { outcome: { kind: "waiting", reason: "rollout-running", about: [key] }, next: pollAfterStep };
}
