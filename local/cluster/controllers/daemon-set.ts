/** DaemonSets: one pod per node, replaced within maxUnavailable (surge is not modelled). */

import { numberAt, objectAt, textAt } from "../json.ts";
import type { JsonObject } from "../json.ts";
import { controlled, controllerOf, isDeleting, keyOf, nameOf, namespaceOf, splitKey } from "../objects.ts";
import { hasEnded, isAvailable, isReady, nextAvailable, podFrom, podName, scaled } from "../pods.ts";
import { WorkQueue } from "../work-queue.ts";
import type { ControllerContext } from "./context.ts";
import { cleanRevisions, currentRevision, revisionLabel } from "./revisions.ts";

const manager = { fieldManager: "kube-controller-manager" };

export function startDaemonSets({ store, timers, reactionMs, nodes }: ControllerContext): void {
  const serials = new Map<string, number>();
  const queue = new WorkQueue(timers, reactionMs, (key) => {
    const [namespace, name] = splitKey(key);
    const set = store.find("DaemonSet", namespace, name);
    if (set === undefined || isDeleting(set)) return;
    const revision = currentRevision(store, set);
    const hash = hashPart(set, revision);
    try {
      manage(set, hash);
      if (textAt(set, "spec", "updateStrategy", "type") !== "OnDelete") replace(set, hash);
    } finally {
      const pods = controlled(store, "Pod", set);
      writeStatus(set, pods, hash);
      const used = new Set(pods.map((pod) => `${name}-${revisionLabel(pod)}`).concat(nameOf(revision)));
      cleanRevisions(store, set, used);
      const next = nextAvailable(pods, numberAt(set, "spec", "minReadySeconds") ?? 0, timers.now());
      if (next !== undefined) queue.addAfter(key, next);
    }
  });

  /** A pod on every node that has none; ended ones are removed. A pod that is being deleted still holds its node. */
  function manage(set: JsonObject, hash: string): void {
    const pods = controlled(store, "Pod", set);
    for (const pod of pods.filter((pod) => hasEnded(pod) && !isDeleting(pod))) {
      store.delete("Pod", namespaceOf(pod), nameOf(pod));
    }
    const taken = new Set(pods.map(nodeOf));
    for (const node of nodes()) {
      if (taken.has(node)) continue;
      const serial = (serials.get(keyOf(set)) ?? 0) + 1;
      serials.set(keyOf(set), serial);
      const labels = { "controller-revision-hash": hash };
      const template = objectAt(set, "spec", "template");
      const name = podName(nameOf(set), serial);
      store.create("Pod", podFrom({ name, owner: set, template, labels, spec: { nodeName: node } }), manager);
    }
  }

  /** Deletes old pods: the unavailable ones, and as many available ones as may be missing. */
  function replace(set: JsonObject, hash: string): void {
    const minReady = numberAt(set, "spec", "minReadySeconds") ?? 0;
    const pods = controlled(store, "Pod", set).filter((pod) => !isDeleting(pod));
    const available = (pod: JsonObject): boolean => isAvailable(pod, minReady, timers.now());
    const rolling = objectAt(set, "spec", "updateStrategy", "rollingUpdate");
    const limit = Math.max(1, scaled(rolling, "maxUnavailable", "1", nodes().length, "up"));
    let unavailable = 0;
    const doomed: JsonObject[] = [];
    const candidates: JsonObject[] = [];
    for (const node of nodes()) {
      const pod = pods.find((other) => nodeOf(other) === node);
      if (pod === undefined) unavailable += 1;
      else if (revisionLabel(pod) === hash) unavailable += available(pod) ? 0 : 1;
      else if (available(pod)) candidates.push(pod);
      else doomed.push(pod);
    }
    for (const pod of [...doomed, ...candidates.slice(0, Math.max(0, limit - unavailable))]) {
      store.delete("Pod", namespaceOf(pod), nameOf(pod));
    }
  }

  function writeStatus(set: JsonObject, pods: readonly JsonObject[], hash: string): void {
    const minReady = numberAt(set, "spec", "minReadySeconds") ?? 0;
    const live = pods.filter((pod) => !isDeleting(pod));
    const available = live.filter((pod) => isAvailable(pod, minReady, timers.now())).length;
    const status = {
      desiredNumberScheduled: nodes().length,
      currentNumberScheduled: new Set(pods.map(nodeOf)).size,
      numberMisscheduled: 0,
      numberReady: live.filter(isReady).length,
      numberAvailable: available,
      numberUnavailable: nodes().length - available,
      updatedNumberScheduled: live.filter((pod) => revisionLabel(pod) === hash).length,
      observedGeneration: numberAt(set, "metadata", "generation") ?? 0,
    };
    store.mergePatch("DaemonSet", namespaceOf(set), nameOf(set), { status }, { ...manager, subresource: "status" });
  }

  store.watch("DaemonSet", undefined, ({ object }) => queue.add(keyOf(object)));
  store.watch("Pod", undefined, ({ object }) => {
    const owner = controllerOf(object);
    if (owner?.["kind"] === "DaemonSet") queue.add(`${namespaceOf(object)}/${textAt(owner, "name")}`);
  });
}

/** DaemonSet pods carry the bare hash, StatefulSet pods the revision's whole name. */
function hashPart(set: JsonObject, revision: JsonObject): string {
  return nameOf(revision).slice(nameOf(set).length + 1);
}

function nodeOf(pod: JsonObject): string {
  return textAt(pod, "spec", "nodeName");
}
