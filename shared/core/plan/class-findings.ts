/** What one class came to at this look, from its Secrets, its mounters' proof and its dependents. */

import type { WorkloadPods } from "../dependents.ts";
import { judgeFreshness, ourWriteAt } from "../freshness.ts";
import type { Pod, SecretRead } from "../observed.ts";
import type { Outcome } from "../reasons.ts";
import type { SecretDecision } from "./decide-secret.ts";
import type { WorkloadDecision } from "./workload-decision.ts";
import { originOf } from "./late-secret.ts";
import { mountersAt } from "./look.ts";
import type { ActiveClass, ActiveSecret, Look } from "./look.ts";
import type { Next } from "./plan-types.ts";
import type { Proof } from "./proof.ts";
import { pinMayHaveMoved } from "./pins.ts";
import { watchedFor } from "./rollout.ts";
import { pollGrowing } from "./wait.ts";

export type Say = (name: string, outcome: Outcome, next?: Next) => void;

const finalLookMs = 10_000;
const finalPollMs = 5000;

export function sayClass(
  name: string,
  owner: ActiveClass,
  proof: Proof,
  secrets: readonly SecretDecision[],
  decisions: ReadonlyMap<string, WorkloadDecision>,
  look: Look,
  say: Say,
): void {
  for (const { outcome, next } of proof.findings) say(name, outcome, next);
  for (const decision of secrets) {
    if (decision.kind === "stopped") say(name, decision.outcome);
    if (decision.kind === "waiting" || decision.kind === "step") say(name, decision.outcome, decision.next);
  }
  for (const decision of decisions.values()) {
    if (decision.outcome === undefined || !decision.for.some((use) => use.classes.has(name))) continue;
    say(name, decision.outcome, "next" in decision ? decision.next : undefined);
  }
  const unmanaged = unprovenReaders(owner, look);
  if (unmanaged.length > 0) say(name, { kind: "waiting", reason: "unmanaged-pod", about: unmanaged });
  const left = finalLookAt(owner) - look.now;
  if (left > 0 && owner.secrets.some((secret) => secret.state.kind !== "refused")) {
    const shortest = Math.min(left, finalPollMs);
    say(
      name,
      { kind: "waiting", reason: "final-look", about: [] },
      pollGrowing(shortest, mountersWatched(owner, look)),
    );
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

/** Where one rollout of a mounter follows another there is always a newest pod: a sixtieth of how long it has been so. */
function mountersWatched({ item: { name } }: ActiveClass, look: Look): number {
  const mounters = look.found.workloads.filter(({ mounts }) => mounts.has(name));
  return Math.max(0, ...mounters.map((item) => watchedFor(item, look) / 60));
}

/**
 * Pods that no restart of ours reaches and that got a key at their start, where nothing proves that it was the wanted
 * one: pods without a workload, and those whose template no longer reads what they read.
 */
function unprovenReaders(owner: ActiveClass, look: Look): readonly string[] {
  const templates = new Map(look.found.workloads.flatMap((item) => item.pods.map((pod) => [pod.uid, item] as const)));
  return look.found.livePods
    .filter((pod) => pod.started)
    .filter((pod) => owner.secrets.some((secret) => readsUnproven(pod, templates.get(pod.uid), secret, owner, look)))
    .map((pod) => `Pod/${pod.name}`);
}

function readsUnproven(
  pod: Pod,
  item: WorkloadPods | undefined,
  secret: ActiveSecret,
  owner: ActiveClass,
  look: Look,
): boolean {
  if (secret.state.kind !== "right") return false;
  const present = secret.state.secret;
  return [...secret.sources].some(([key, wanted]) => {
    const reads = (list: readonly SecretRead[]) =>
      list.some(
        (read) => read.secret === secret.name && read.by !== "volume" && (read.key === undefined || read.key === key),
      );
    if (!secret.data.has(key) || !reads(pod.uses.reads) || (item !== undefined && reads(item.reads))) return false;
    const mounted = owner.mounters.includes(pod);
    const classChangedAt = owner.item.changedAt;
    const origin = originOf(present, owner, wanted, item, look);
    const read = { secret: present, key, classChangedAt, mounted, ...mountersAt(owner, wanted, look), ...origin };
    if (wanted.pinned && ourWriteAt(read) === undefined)
      return pinMayHaveMoved({ owner, secret, key, wanted }, [pod], look);
    const verdict = judgeFreshness({
      pods: [pod],
      keys: [read],
      bornAt: wanted.createdOn,
      mountsCurrent: true,
      mounts: mounted,
      reloads: false,
      movedVault: false,
      mountedAt: (mounter) => look.found.statusOf(mounter, owner.item.name)?.createdAt,
      driver: look.driver,
      reloaderTraceAt: undefined,
      now: look.now,
    });
    return verdict !== "fresh";
  });
}
