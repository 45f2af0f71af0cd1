/** What one class came to at this look, from its Secrets, its mounters' proof and its dependents. */

import { ourWriteAt } from "../freshness.ts";
import type { Outcome } from "../reasons.ts";
import type { SecretDecision } from "./decide-secret.ts";
import type { WorkloadDecision } from "./decide-workload.ts";
import type { ActiveClass, Look } from "./look.ts";
import type { Next } from "./plan-types.ts";
import type { Proof } from "./proof.ts";

export type Say = (name: string, outcome: Outcome, next?: Next) => void;

const finalLookMs = 10_000;

export function sayClass(
  name: string,
  owner: ActiveClass,
  proof: Proof,
  secrets: readonly SecretDecision[],
  decisions: ReadonlyMap<string, WorkloadDecision>,
  look: Look,
  say: Say,
): void {
  for (const outcome of proof.outcomes) say(name, outcome);
  for (const decision of secrets) {
    if (decision.kind === "stopped") say(name, decision.outcome);
    if (decision.kind === "waiting" || decision.kind === "step") say(name, decision.outcome, decision.next);
  }
  for (const decision of decisions.values()) {
    if (decision.outcome === undefined || !decision.for.some((use) => use.classes.has(name))) continue;
    const next =
      "next" in decision
        ? decision.next
        : decision.kind === "restart"
          ? ({ kind: "soon", ms: 1000 } as const)
          : undefined;
    say(name, decision.outcome, next);
  }
  const unmanaged = unmanagedReaders(owner, look);
  if (unmanaged.length > 0) say(name, { kind: "waiting", reason: "unmanaged-pod", about: unmanaged });
  const left = finalLookAt(owner) - look.now;
  if (left > 0 && owner.secrets.some((secret) => secret.state.kind !== "refused")) {
    say(name, { kind: "waiting", reason: "final-look", about: [] }, { kind: "soon", ms: Math.min(left, 2000) });
  }
  const idle =
    owner.mounters.length === 0 &&
    ![...decisions.values()].some((decision) => decision.for.some((use) => use.classes.has(name)));
  say(name, { kind: "converged", idle });
}

/** A rollout faster than the driver's owner patcher can lose the Secret seconds later: it is looked at once more. */
function finalLookAt(owner: ActiveClass): number {
  return (
    Math.max(0, ...owner.mounters.map((pod) => (pod.ready ? (pod.readyChangedAt ?? pod.createdAt) : pod.createdAt))) +
    finalLookMs
  );
}

/** Pods that nobody can restart and that got a value at their start, before it became current. */
function unmanagedReaders(owner: ActiveClass, look: Look): readonly string[] {
  return look.found.unmanaged
    .filter((pod) => pod.started)
    .filter((pod) =>
      owner.secrets.some((secret) => {
        if (secret.state.kind !== "right") return false;
        const present = secret.state.secret;
        return [...secret.sources].some(([key, wanted]) => {
          const reads = pod.uses.reads.some(
            (read) =>
              read.secret === secret.name && read.by !== "volume" && (read.key === undefined || read.key === key),
          );
          const writtenAt = ourWriteAt({ secret: present, key });
          return reads && !wanted.pinned && pod.createdAt <= (writtenAt ?? wanted.createdOn - 1);
        });
      }),
    )
    .map((pod) => `Pod/${pod.name}`);
}
