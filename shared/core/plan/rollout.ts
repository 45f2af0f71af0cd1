/** Is the rollout of a workload's current template done, on its way, or stuck? */

import type { WorkloadPods } from "../dependents.ts";
import type { Pod, Workload } from "../observed.ts";
import type { Timeouts } from "../policy.ts";
import type { Look } from "./look.ts";
import type { Next } from "./plan-types.ts";
import { watchedKey } from "./memory-keys.ts";
import { pollGrowing } from "./wait.ts";

export type RolloutState =
  | { readonly kind: "complete" }
  | { readonly kind: "running"; readonly about: readonly string[] }
  /** All pods are new and were ready, but crash, or have not been up for long enough to tell. */
  | { readonly kind: "unsteady"; readonly about: readonly string[] }
  | { readonly kind: "stuck"; readonly about: readonly string[] }
  /** All is well but for pods that are being deleted and never go: their node does not answer. */
  | { readonly kind: "lingering"; readonly about: readonly string[] };

/** A container without a readiness probe is ready the moment it runs, also one that is about to crash. */
const steadyMs = 3000;
/** One that has crashed before must hold out for longer. */
const steadyAgainMs = 30_000;
/** The kubelet's longest wait before it starts a crashing container again. */
const longestBackOffMs = 300_000;

/**
 * The same conditions as `kubectl rollout status`, and pods that stay up: what comes next (readers, the end) must not
 * follow pods that crash a moment after they were ready. A Deployment tells by itself when it gives up; any workload is
 * stuck when for the time-out of the map (ten minutes by default, and the time that pods may rightly take) no pod was
 * created or became ready for the first time.
 */
export function rolloutOf(
  item: WorkloadPods,
  look: { readonly now: number; readonly timeouts: Timeouts },
): RolloutState {
  const workload = item.workload;
  const patience = look.timeouts.rolloutMs + (workload.minReadySeconds + workload.terminationGraceSeconds) * 1000;
  const ours = workload.restartedByUsAt;
  const ofOurRollout = (pod: Pod) => ours !== undefined && pod.createdAt <= ours + patience;
  const complete = isComplete(workload);
  if (complete && !item.pods.some((pod) => ofOurRollout(pod) && isShaky(pod, look.now))) return { kind: "complete" };
  const about = [item.key, ...unreadyPods(item.pods)];
  if (workload.rollout.replicaFailure !== undefined) about.push(`ReplicaFailure: ${workload.rollout.replicaFailure}`);
  const seen = workload.observedGeneration >= workload.generation;
  if (workload.kind === "Deployment") {
    // Each moment in which a crashing pod is ready counts as progress there, so its own deadline may never pass.
    const crashing =
      item.pods.some((pod) => crashes(pod, look.now)) && look.now - lastProgressAt(item, look.now) > patience;
    if ((seen && workload.rollout.deadlineExceeded) || crashing) return { kind: "stuck", about };
    return { kind: complete ? "unsteady" : "running", about };
  }
  if (look.now - lastProgressAt(item, look.now) <= patience) return { kind: complete ? "unsteady" : "running", about };
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
      return total <= updated && (available >= updated || completed);
    case "StatefulSet":
      return ready >= workload.desired && available >= workload.desired && currentRevision === updateRevision;
    case "DaemonSet":
      return available >= workload.desired;
  }
}

const pollMs = 1500;
/** What has been watched for so long is nothing to sit and wait for: a message looks again. */
const longWatchMs = 60 * 60_000;
/** So long after the last pod came another rollout counts as the same one: the driver's ticks are five minutes apart. */
const afterRolloutMs = 10 * 60_000;

/**
 * How often a rollout is looked at: the longer nothing has moved, the less often. Pods whose readiness comes and goes
 * move for ever, and a Deployment may have no deadline, so how long it has been watched counts too.
 */
export function pollOf(item: WorkloadPods, look: Pick<Look, "now" | "notebook">): Next {
  const still = look.now - lastProgressAt(item, look.now);
  look.notebook.since(watchedKey(item.key));
  const watched = watchedFor(item, look);
  if (watched >= longWatchMs) return { kind: "later", atLeastMs: Math.min(longWatchMs, Math.round(watched / 60)) };
  return pollGrowing(pollMs, Math.max(still / 15, watched / 60));
}

/**
 * Its status counts more ready pods than there are. They are read after it: a rollout began in between, maybe a restart by
 * another instance, and what the pods to come will have mounted nobody can tell. Answers when to look again; not for ever,
 * for pods may take their leave slowly, and still be counted.
 */
export function pollBetweenPods(
  { workload, pods, key }: WorkloadPods,
  look: Pick<Look, "notebook" | "timeouts">,
): Next | undefined {
  if (pods.filter(({ ready }) => ready).length >= Math.min(workload.rollout.ready, workload.desired)) return undefined;
  const since = look.notebook.since(`between/${key}`);
  return since > look.timeouts.rolloutMs ? undefined : pollGrowing(pollMs, since);
}

/**
 * Rollouts that follow each other count as one, until the workload is `done` and its last pod has come a while ago: where
 * somebody begins another one at each flip of a Secret, a look may find none, or what comes before one.
 */
export function keepWatched(item: WorkloadPods, isDone: boolean, look: Pick<Look, "now" | "notebook">): void {
  const pods = [...item.pods, ...item.ending];
  const isBetween = pods.length === 0 && item.workload.desired > 0;
  const isRecent = pods.some((pod) => look.now - pod.createdAt < afterRolloutMs);
  if (!isDone || isBetween || isRecent) watchedFor(item, look);
}

/** For how long its rollouts have been watched, since we began the last one ourselves; 0 where none has. */
export function watchedFor({ key, workload }: WorkloadPods, { now, notebook }: Pick<Look, "now" | "notebook">): number {
  if (!notebook.saw(watchedKey(key))) return 0;
  return Math.min(notebook.since(watchedKey(key)), Math.max(0, now - (workload.restartedByUsAt ?? 0)));
}

/** It crashes, or has only just come up. */
function isShaky(pod: Pod, now: number): boolean {
  if (!pod.ready) return crashes(pod, now);
  const steady = crashes(pod, now) ? steadyAgainMs : steadyMs;
  return pod.readyChangedAt !== undefined && now - pod.readyChangedAt < steady;
}

/**
 * It has crashed so often that it may have done so from its beginning. One that fails hours after it came up is not
 * this rollout's: Kubernetes no longer counts it either.
 */
function crashes(pod: Pod, now: number): boolean {
  return pod.lastEndedAt !== undefined && now - pod.createdAt <= (pod.restarts + 1) * longestBackOffMs * 2;
}

function lastProgressAt(item: WorkloadPods, now: number): number {
  // A container that ends and starts again and again is no progress.
  const times = item.pods.flatMap((pod) => [
    pod.createdAt,
    pod.ready && !crashes(pod, now) ? (pod.readyChangedAt ?? 0) : 0,
  ]);
  return Math.max(item.workload.restartedByUsAt ?? 0, ...times);
}

/** `Pod/name: CrashLoopBackOff` for each pod that is not ready: what a person looks at first. */
export function unreadyPods(pods: readonly Pod[]): readonly string[] {
  return pods
    .filter((pod) => !pod.ready)
    .map((pod) => (pod.troubles.length > 0 ? `Pod/${pod.name}: ${pod.troubles.join(", ")}` : `Pod/${pod.name}`));
}

/**
 * A rollout has begun and its new pods are all fine: it does our work, so it is only watched. The newest live pod tells
 * which revision is the new one.
 */
export function foreignRolloutCovers(item: WorkloadPods, isFresh: (pod: Pod) => boolean): boolean {
  const newest = [...item.pods].sort((a, b) => b.createdAt - a.createdAt)[0];
  if (newest?.revision === undefined || isComplete(item.workload)) return false;
  const ofNewest = item.pods.filter((pod) => pod.revision === newest.revision);
  return ofNewest.length < item.pods.length && ofNewest.every(isFresh);
}
