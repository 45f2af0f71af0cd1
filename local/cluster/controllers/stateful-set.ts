/**
 * StatefulSets: numbered pods, one at a time. With the ordered policy a pod that is not ready holds up everything
 * after it, also the replacement of a broken revision: Kubernetes does the same (known issue "forced rollback").
 */

import { numberAt, textAt } from "../json.ts";
import type { JsonObject } from "../json.ts";
import { controlled, controllerOf, isDeleting, keyOf, nameOf, namespaceOf, splitKey } from "../objects.ts";
import { hasEnded, isAvailable, isReady, nextAvailable, podFrom } from "../pods.ts";
import { WorkQueue } from "../work-queue.ts";
import type { ControllerContext } from "./context.ts";
import { cleanRevisions, currentRevision, revisionLabel, templateOf } from "./revisions.ts";

const manager = { fieldManager: "kube-controller-manager" };

export function startStatefulSets({ store, timers, reactionMs }: ControllerContext): void {
  const queue = new WorkQueue(timers, reactionMs, (key) => {
    const [namespace, name] = splitKey(key);
    const set = store.find("StatefulSet", namespace, name);
    if (set === undefined || isDeleting(set)) return;
    const update = currentRevision(store, set);
    const shown = textAt(set, "status", "currentRevision");
    const current = shown === "" ? update : (store.find("ControllerRevision", namespace, shown) ?? update);
    try {
      step(set, current, update);
    } finally {
      const pods = controlled(store, "Pod", set);
      writeStatus(set, pods, current, update);
      cleanRevisions(store, set, new Set([nameOf(current), nameOf(update), ...pods.map(revisionLabel)]));
      const next = nextAvailable(pods, numberAt(set, "spec", "minReadySeconds") ?? 0, timers.now());
      if (next !== undefined) queue.addAfter(key, next);
    }
  });

  /** One pass over the ordinals; stops at the first pod that must be waited for. */
  function step(set: JsonObject, current: JsonObject, update: JsonObject): void {
    const replicas = numberAt(set, "spec", "replicas") ?? 1;
    const minReady = numberAt(set, "spec", "minReadySeconds") ?? 0;
    const ordered = textAt(set, "spec", "podManagementPolicy") !== "Parallel";
    const onDelete = textAt(set, "spec", "updateStrategy", "type") === "OnDelete";
    const partition = numberAt(set, "spec", "updateStrategy", "rollingUpdate", "partition") ?? 0;
    const pods = new Map(controlled(store, "Pod", set).map((pod) => [ordinalOf(pod), pod]));
    const healthy = (pod: JsonObject): boolean => !isDeleting(pod) && isAvailable(pod, minReady, timers.now());

    for (let ordinal = 0; ordinal < replicas; ordinal += 1) {
      const pod = pods.get(ordinal);
      if (pod === undefined) {
        create(set, ordinal, !onDelete && ordinal < partition ? current : update);
        if (ordered) return;
      } else if (hasEnded(pod) && !isDeleting(pod)) {
        store.delete("Pod", namespaceOf(pod), nameOf(pod));
        if (ordered) return;
      } else if (ordered && !healthy(pod)) {
        return;
      }
    }
    const condemned = [...pods].filter(([ordinal]) => ordinal >= replicas).sort(([a], [b]) => b - a);
    for (const [, pod] of condemned) {
      if (!isDeleting(pod)) store.delete("Pod", namespaceOf(pod), nameOf(pod));
      if (ordered) return;
    }
    if (onDelete) return;
    for (let ordinal = replicas - 1; ordinal >= partition; ordinal -= 1) {
      const pod = pods.get(ordinal);
      if (pod === undefined || isDeleting(pod)) return;
      if (revisionLabel(pod) !== nameOf(update)) {
        store.delete("Pod", namespaceOf(pod), nameOf(pod));
        return;
      }
      if (!healthy(pod)) return;
    }
  }

  function create(set: JsonObject, ordinal: number, revision: JsonObject): void {
    const name = `${nameOf(set)}-${ordinal}`;
    const labels = {
      "controller-revision-hash": nameOf(revision),
      "statefulset.kubernetes.io/pod-name": name,
      "apps.kubernetes.io/pod-index": String(ordinal),
    };
    store.create(
      "Pod",
      podFrom({ name, owner: set, template: templateOf(revision), labels, spec: { hostname: name } }),
      manager,
    );
  }

  function writeStatus(set: JsonObject, pods: readonly JsonObject[], current: JsonObject, update: JsonObject): void {
    const minReady = numberAt(set, "spec", "minReadySeconds") ?? 0;
    const live = pods.filter((pod) => !isDeleting(pod) || isReady(pod));
    const of = (revision: JsonObject): number =>
      pods.filter((pod) => !isDeleting(pod) && revisionLabel(pod) === nameOf(revision)).length;
    const ready = live.filter(isReady).length;
    const replicas = numberAt(set, "spec", "replicas") ?? 1;
    const rolling = textAt(set, "spec", "updateStrategy", "type") !== "OnDelete";
    const done = rolling && of(update) === replicas && pods.length === replicas && ready === replicas;
    const status = {
      replicas: pods.length,
      readyReplicas: ready,
      availableReplicas: live.filter((pod) => isAvailable(pod, minReady, timers.now())).length,
      updatedReplicas: of(update),
      currentReplicas: done ? of(update) : of(current),
      currentRevision: nameOf(done ? update : current),
      updateRevision: nameOf(update),
      observedGeneration: numberAt(set, "metadata", "generation") ?? 0,
      collisionCount: 0,
    };
    store.mergePatch("StatefulSet", namespaceOf(set), nameOf(set), { status }, { ...manager, subresource: "status" });
  }

  store.watch("StatefulSet", undefined, ({ object }) => queue.add(keyOf(object)));
  store.watch("Pod", undefined, ({ object }) => {
    const owner = controllerOf(object);
    if (owner?.["kind"] === "StatefulSet") queue.add(`${namespaceOf(object)}/${textAt(owner, "name")}`);
  });
}

function ordinalOf(pod: JsonObject): number {
  return Number(/-(\d+)$/.exec(nameOf(pod))?.[1] ?? -1);
}
