/** The decisions on all workloads of a look, mounters before readers. */

import { waitForSecrets } from "./decide-secret.ts";
import { decideWorkload } from "./decide-workload.ts";
import type { WorkloadDecision } from "./workload-decision.ts";
import type { ActiveClass, Look } from "./look.ts";
import { proveMounters } from "./proof.ts";
import type { Wait } from "./wait.ts";
import { poll, waiting } from "./wait.ts";
import type { WorkloadState } from "./workload-state.ts";

/**
 * Mounters first: a workload that only reads a Secret may start once the class is proven (nothing can revert the
 * Secret any more), on driver 1.5 also when only mounts remain that nobody can replace, since those revert nothing.
 * Workloads that wait for each other's classes in a ring are let go together, as mounters.
 */
export function decideAll(states: readonly WorkloadState[], look: Look): ReadonlyMap<string, WorkloadDecision> {
  const waitBy = (decisions: ReadonlyMap<string, WorkloadDecision>) => (owner: ActiveClass) => {
    const proof = proveMounters(owner, decisions, look);
    const stable = proof.proven || (proof.onlyObstacles && look.driver.generation === "1.5");
    return stable ? waitForSecrets(owner, look) : proof.waitsFor;
  };
  const decideBy = (waitFor: (owner: ActiveClass) => Wait | undefined) =>
    new Map(states.map((state) => [state.item.key, decideWorkload(state, waitFor, look)] as const));
  // What one workload waits for may itself wait for another one: so on, until nothing changes any more.
  const settle = (
    first: ReadonlyMap<string, WorkloadDecision>,
    next: (before: ReadonlyMap<string, WorkloadDecision>) => ReadonlyMap<string, WorkloadDecision>,
  ) => {
    let decisions = first;
    for (let pass = 0; pass <= states.length; pass += 1) {
      const before = decisions;
      decisions = next(before);
      if (same(before, decisions)) break;
    }
    return decisions;
  };
  const decided = settle(decideBy(unproven), (before) => decideBy(waitBy(before)));
  const ring = new Set(
    [...decided]
      .filter(([key, decision]) => decision.kind === "held" && decision.forOthers && mountsSomething(key, states))
      .map(([key]) => key),
  );
  if (ring.size < 2) return decided;
  // Without the ring's own members, is anything left that a member would have to wait for?
  const others = new Map([...decided].filter(([key]) => !ring.has(key)));
  // Whoever waits for a member waits for what the member waits for now.
  return settle(decided, (before) => {
    const waitFor = waitBy(before);
    return new Map(
      states.map((state) => {
        const own = ring.has(state.item.key) ? waitBy(others) : waitFor;
        return [state.item.key, decideWorkload(state, own, look)];
      }),
    );
  });
}

/** Before anything is decided, every class counts as not proven. */
function unproven(owner: ActiveClass): Wait {
  return waiting("rollout-running", [`SecretProviderClass/${owner.item.name}`], poll);
}

function same(one: ReadonlyMap<string, WorkloadDecision>, other: ReadonlyMap<string, WorkloadDecision>): boolean {
  return [...one].every(([key, { kind, outcome }]) => {
    const found = other.get(key);
    return found?.kind === kind && JSON.stringify(found.outcome) === JSON.stringify(outcome);
  });
}

function mountsSomething(key: string, states: readonly WorkloadState[]): boolean {
  return states.some((state) => state.item.key === key && state.item.mounts.size > 0);
}
