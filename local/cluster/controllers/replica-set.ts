/** ReplicaSets: as many pods as asked for, and their counts. */

import { isApiError } from "../api-error.ts";
import { listAt, numberAt, objectAt, textAt } from "../json.ts";
import type { JsonObject } from "../json.ts";
import { compare, controlled, controllerOf, isDeleting, keyOf, nameOf, namespaceOf, splitKey } from "../objects.ts";
import { withCondition } from "../objects.ts";
import { isActive, isAvailable, isReady, nextAvailable, podFrom, podName } from "../pods.ts";
import { seconds } from "../times.ts";
import { retryDelay, WorkQueue } from "../work-queue.ts";
import type { ControllerContext } from "./context.ts";

const manager = { fieldManager: "kube-controller-manager" };

export function startReplicaSets({ store, timers, reactionMs }: ControllerContext): void {
  const serials = new Map<string, number>();
  const refusals = new Map<string, number>();
  const queue = new WorkQueue(timers, reactionMs, (key) => {
    const [namespace, name] = splitKey(key);
    const set = store.find("ReplicaSet", namespace, name);
    if (set === undefined || isDeleting(set)) return;
    const pods = controlled(store, "Pod", set).filter(isActive);
    const refusal = replace(set, pods);
    const minReady = numberAt(set, "spec", "minReadySeconds") ?? 0;
    writeStatus(set, controlled(store, "Pod", set).filter(isActive), minReady, refusal);
    const next = nextAvailable(pods, minReady, timers.now());
    if (next !== undefined) queue.addAfter(key, next);
    const failures = refusals.get(key) ?? 0;
    refusals.set(key, refusal === undefined ? 0 : failures + 1);
    if (refusal !== undefined) queue.addAfter(key, retryDelay(failures));
  });

  /** Creates or deletes pods until the count is right; answers why one was refused. */
  function replace(set: JsonObject, pods: readonly JsonObject[]): string | undefined {
    const missing = (numberAt(set, "spec", "replicas") ?? 1) - pods.length;
    for (const pod of missing < 0 ? victims(pods).slice(0, -missing) : []) {
      store.delete("Pod", namespaceOf(pod), nameOf(pod));
    }
    try {
      for (let index = 0; index < missing; index += 1) {
        const serial = (serials.get(keyOf(set)) ?? 0) + 1;
        serials.set(keyOf(set), serial);
        const name = podName(nameOf(set), serial);
        store.create("Pod", podFrom({ name, owner: set, template: objectAt(set, "spec", "template") }), manager);
      }
      return undefined;
    } catch (error) {
      if (isApiError(error)) return error.message;
      throw error;
    }
  }

  function writeStatus(set: JsonObject, pods: readonly JsonObject[], minReady: number, refusal?: string): void {
    const others = listAt(set, "status", "conditions").filter((entry) => textAt(entry, "type") !== "ReplicaFailure");
    const failure = { type: "ReplicaFailure", status: "True", reason: "FailedCreate", message: refusal ?? "" };
    const now = timers.now();
    const conditions = refusal === undefined ? others : withCondition(others, failure, seconds(now));
    const status = {
      replicas: pods.length,
      fullyLabeledReplicas: pods.length,
      readyReplicas: pods.filter(isReady).length,
      availableReplicas: pods.filter((pod) => isAvailable(pod, minReady, now)).length,
      observedGeneration: numberAt(set, "metadata", "generation") ?? 0,
      conditions: conditions.length > 0 ? conditions : null,
    };
    store.mergePatch("ReplicaSet", namespaceOf(set), nameOf(set), { status }, { ...manager, subresource: "status" });
  }

  store.watch("ReplicaSet", undefined, ({ object }) => queue.add(keyOf(object)));
  store.watch("Pod", undefined, ({ object }) => {
    const owner = controllerOf(object);
    if (owner?.["kind"] === "ReplicaSet") queue.add(`${namespaceOf(object)}/${textAt(owner, "name")}`);
  });
}

/** Those to delete first: not on a node, not ready, then the youngest. */
function victims(pods: readonly JsonObject[]): readonly JsonObject[] {
  const rank = (pod: JsonObject): number => (textAt(pod, "spec", "nodeName") === "" ? 0 : isReady(pod) ? 2 : 1);
  return pods.toSorted((a, b) => rank(a) - rank(b) || compare(b, a));
}
