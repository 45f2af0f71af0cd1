/** The decisions on all workloads of a look, mounters before readers. */

import { waitForSecrets } from "./decide-secret.ts";
import { decideWorkload } from "./decide-workload.ts";
import type { WorkloadDecision } from "./decide-workload.ts";
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
  const first = new Map(states.map((state) => [state.item.key, decideWorkload(state, unproven, look)]));
  const decided = new Map(states.map((state) => [state.item.key, decideWorkload(state, waitBy(first), look)]));
  const ring = new Set(
    [...decided]
      .filter(([key, decision]) => decision.kind === "held" && mountsSomething(key, states))
      .map(([key]) => key),
  );
  if (ring.size < 2) return decided;
  // Without the ring's own members, is anything left that a member would have to wait for?
  const others = new Map([...decided].filter(([key]) => !ring.has(key)));
  return new Map(
    states.map((state) => [
      state.item.key,
      decideWorkload(state, waitBy(ring.has(state.item.key) ? others : first), look),
    ]),
  );
}

/** Before anything is decided, every class counts as not proven. */
function unproven(owner: ActiveClass): Wait {
  return waiting("rollout-running", [`SecretProviderClass/${owner.item.name}`], poll);
}

function mountsSomething(key: string, states: readonly WorkloadState[]): boolean {
  return states.some((state) => state.item.key === key && state.item.mounts.size > 0);
}
