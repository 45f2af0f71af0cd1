/** Is the rollout of a workload's current template done, on its way, or stuck? */

import type { WorkloadPods } from "../dependents.ts";
import type { Pod, Workload } from "../observed.ts";
import type { Timeouts } from "../policy.ts";

export type RolloutState =
  | { readonly kind: "complete" }
  | { readonly kind: "running"; readonly about: readonly string[] }
  | { readonly kind: "stuck"; readonly about: readonly string[] }
  /** All is well but for pods that are being deleted and never go: their node does not answer. */
  | { readonly kind: "lingering"; readonly about: readonly string[] };

/**
 * The same conditions as `kubectl rollout status`. A Deployment tells by itself when it gives up; the other kinds are
 * stuck when for the time-out of the map (ten minutes by default, and the time that pods may rightly take) no pod was
 * created or became ready.
 */
export function rolloutOf(
  item: WorkloadPods,
  look: { readonly now: number; readonly timeouts: Timeouts },
): RolloutState {
  const workload = item.workload;
  if (isComplete(workload)) return { kind: "complete" };
  const about = [item.key, ...unreadyPods(item.pods)];
  if (workload.rollout.replicaFailure !== undefined) about.push(`ReplicaFailure: ${workload.rollout.replicaFailure}`);
  const seen = workload.observedGeneration >= workload.generation;
  if (workload.kind === "Deployment")
    return { kind: seen && workload.rollout.deadlineExceeded ? "stuck" : "running", about };
  const patience = look.timeouts.rolloutMs + (workload.minReadySeconds + workload.terminationGraceSeconds) * 1000;
  if (look.now - lastProgressAt(item) <= patience) return { kind: "running", about };
  const lingering = item.ending.length > 0 && item.pods.every((pod) => pod.ready);
  return lingering
    ? { kind: "lingering", about: [item.key, ...item.ending.map((pod) => `Pod/${pod.name}`)] }
    : { kind: "stuck", about };
}

function isComplete(workload: Workload): boolean {
  const { total, updated, ready, available, completed, currentRevision, updateRevision } = workload.rollout;
  if (workload.observedGeneration < workload.generation) return false;
  if (updated < workload.desired) return false;
  switch (workload.kind) {
    case "Deployment":
      // A pod that fails hours later is not ours: Kubernetes itself no longer counts it as this rollout's.
      return total <= updated && (available >= updated || completed);
    case "StatefulSet":
      return ready >= workload.desired && available >= workload.desired && currentRevision === updateRevision;
    case "DaemonSet":
      return available >= workload.desired;
  }
}

function lastProgressAt(item: WorkloadPods): number {
  // A container that ends and starts again and again is no progress.
  const times = item.pods.flatMap((pod) => [pod.createdAt, pod.ready ? (pod.readyChangedAt ?? 0) : 0]);
  return Math.max(item.workload.restartedByUsAt ?? 0, ...times);
}

/** `Pod/name: CrashLoopBackOff` for each pod that is not ready: what a person looks at first. */
export function unreadyPods(pods: readonly Pod[]): readonly string[] {
  return pods
    .filter((pod) => !pod.ready)
    .map((pod) => (pod.troubles.length > 0 ? `Pod/${pod.name}: ${pod.troubles.join(", ")}` : `Pod/${pod.name}`));
}

/**
 * Somebody else's rollout is on its way and its new pods are all fine: it does our work, so it is only watched. The
 * newest live pod tells which revision is the new one.
 */
export function foreignRolloutCovers(item: WorkloadPods, isFresh: (pod: Pod) => boolean): boolean {
  const newest = [...item.pods].sort((a, b) => b.createdAt - a.createdAt)[0];
  if (newest?.revision === undefined || isComplete(item.workload)) return false;
  if (item.workload.rollout.deadlineExceeded) return false;
  const ofNewest = item.pods.filter((pod) => pod.revision === newest.revision);
  return ofNewest.length < item.pods.length && ofNewest.every(isFresh);
}
