/**
 * Deployments: ReplicaSets per template, rolling and Recreate updates, pausing, history. The arithmetic is that of
 * kube-controller-manager; a proportional scaling in the middle of a rollout is simplified to the newest ReplicaSet.
 */

import { at, equal, numberAt, objectAt, textAt, withAt } from "../json.ts";
import type { JsonObject } from "../json.ts";
import { bareTemplate, controlled, controlledBy, controllerOf, hashOf, isDeleting, keyOf } from "../objects.ts";
import { nameOf, namespaceOf, newObject, splitKey, uidOf } from "../objects.ts";
import { WorkQueue } from "../work-queue.ts";
import type { ControllerContext } from "./context.ts";
import { deploymentStatus } from "./deployment-status.ts";
import { grownSize, rollingLimits, shrunkSizes } from "./rolling-update.ts";
import type { SetSize } from "./rolling-update.ts";

const manager = { fieldManager: "kube-controller-manager" };
const revisionKey = "deployment.kubernetes.io/revision";
const desiredKey = "deployment.kubernetes.io/desired-replicas";

export function startDeployments({ store, timers, reactionMs }: ControllerContext): void {
  const queue = new WorkQueue(timers, reactionMs, (key) => {
    const [namespace, name] = splitKey(key);
    const deployment = store.find("Deployment", namespace, name);
    if (deployment === undefined || isDeleting(deployment)) return;
    const created = act(deployment);
    const current = store.get("Deployment", namespace, name);
    const sets = controlled(store, "ReplicaSet", current);
    const { status, nextLookMs, complete } = deploymentStatus(current, sets, newest(current, sets), {
      created,
      now: timers.now(),
    });
    store.mergePatch("Deployment", namespace, name, { status }, { ...manager, subresource: "status" });
    if (nextLookMs !== undefined) queue.addAfter(key, nextLookMs);
    if (complete) cleanUp(current, sets);
  });

  /** Takes the next step of the rollout; true if it made a ReplicaSet. */
  function act(deployment: JsonObject): boolean {
    const sets = controlled(store, "ReplicaSet", deployment);
    const paused = at(deployment, "spec", "paused") === true;
    const replicas = numberAt(deployment, "spec", "replicas") ?? 1;
    const known = newest(deployment, sets);
    if (paused || sets.some((set) => size(set) > 0 && desired(set) !== replicas)) {
      if (known !== undefined) number(deployment, known, sets);
      rescale(deployment, known ?? sets.at(-1), sets, replicas);
      return false;
    }
    const recreate = textAt(deployment, "spec", "strategy", "type") === "Recreate";
    const old = sets.filter((set) => set !== known);
    if (recreate && !emptied(deployment, old)) return false;
    const current = known ?? createSet(deployment, sets);
    number(deployment, current, sets);
    if (recreate) {
      scale(current, replicas, replicas);
    } else {
      roll(deployment, current, old, replicas);
    }
    return known === undefined;
  }

  /** Recreate: scales the old ReplicaSets down; true once none of their pods is left. */
  function emptied(deployment: JsonObject, old: readonly JsonObject[]): boolean {
    const replicas = numberAt(deployment, "spec", "replicas") ?? 1;
    for (const set of old) scale(set, 0, replicas);
    return old.every((set) =>
      controlled(store, "Pod", set).every((pod) => ["Succeeded", "Failed"].includes(textAt(pod, "status", "phase"))),
    );
  }

  function createSet(deployment: JsonObject, sets: readonly JsonObject[]): JsonObject {
    const template = objectAt(deployment, "spec", "template");
    let salt = 0;
    while (sets.some((set) => nameOf(set) === `${nameOf(deployment)}-${hashOf(template, salt)}`)) salt += 1;
    const hash = hashOf(template, salt);
    const labels = { ...objectAt(template, "metadata", "labels"), "pod-template-hash": hash };
    const replicas = numberAt(deployment, "spec", "replicas") ?? 1;
    const set = newObject("ReplicaSet", namespaceOf(deployment), `${nameOf(deployment)}-${hash}`, {
      metadata: {
        labels,
        annotations: { [desiredKey]: String(replicas) },
        ownerReferences: [controlledBy(deployment)],
      },
      spec: {
        replicas: 0,
        selector: {
          matchLabels: { ...objectAt(deployment, "spec", "selector", "matchLabels"), "pod-template-hash": hash },
        },
        template: withAt(template, ["metadata", "labels"], labels),
        minReadySeconds: numberAt(deployment, "spec", "minReadySeconds") ?? 0,
      },
    });
    return store.create("ReplicaSet", set, manager);
  }

  /** The new ReplicaSet gets the highest revision, and the Deployment shows it. */
  function number(deployment: JsonObject, current: JsonObject, sets: readonly JsonObject[]): void {
    const highest = Math.max(0, ...sets.filter((set) => uidOf(set) !== uidOf(current)).map(revisionOf));
    const revision = String(Math.max(highest + 1, revisionOf(current)));
    const patch = { metadata: { annotations: { [revisionKey]: revision } } };
    store.mergePatch("ReplicaSet", namespaceOf(current), nameOf(current), patch, manager);
    if (textAt(deployment, "metadata", "annotations", revisionKey) === revision) return;
    store.mergePatch("Deployment", namespaceOf(deployment), nameOf(deployment), patch, manager);
  }

  function rescale(
    deployment: JsonObject,
    latest: JsonObject | undefined,
    sets: readonly JsonObject[],
    replicas: number,
  ): void {
    const active = sets.filter((set) => size(set) > 0);
    const only = active.length === 1 ? active[0] : active.length === 0 ? latest : undefined;
    if (only !== undefined) {
      scale(only, replicas, replicas);
      return;
    }
    const surge = rollingLimits(deployment, replicas).maxSurge;
    let excess = active.reduce((sum, set) => sum + size(set), 0) - (replicas + surge);
    for (const set of active) {
      const cut = Math.max(0, Math.min(excess, size(set)));
      scale(set, replicas === 0 ? 0 : size(set) - cut, replicas);
      excess -= cut;
    }
  }

  /** Grows the new ReplicaSet, or where there is no room shrinks the old ones. */
  function roll(deployment: JsonObject, current: JsonObject, old: readonly JsonObject[], replicas: number): void {
    const slack = rollingLimits(deployment, replicas);
    if (scale(current, grownSize(sizeOf(current), old.map(sizeOf), replicas, slack), replicas)) return;
    const left = shrunkSizes(sizeOf(current), old.map(sizeOf), replicas, slack);
    old.forEach((set, index) => scale(set, left[index] ?? 0, replicas));
  }

  /** True if it changed the size. */
  function scale(set: JsonObject, replicas: number, wanted: number): boolean {
    const changed = size(set) !== replicas;
    const patch = { metadata: { annotations: { [desiredKey]: String(wanted) } }, spec: { replicas } };
    store.mergePatch("ReplicaSet", namespaceOf(set), nameOf(set), patch, manager);
    return changed;
  }

  /** Deletes the oldest empty ReplicaSets beyond the history limit. */
  function cleanUp(deployment: JsonObject, sets: readonly JsonObject[]): void {
    const current = newest(deployment, sets);
    const limit = numberAt(deployment, "spec", "revisionHistoryLimit") ?? 10;
    const old = sets.filter((set) => set !== current).sort((a, b) => revisionOf(a) - revisionOf(b));
    const gone = old.slice(0, Math.max(0, old.length - limit));
    for (const set of gone) {
      const empty = size(set) === 0 && (numberAt(set, "status", "replicas") ?? 0) === 0;
      if (empty) store.delete("ReplicaSet", namespaceOf(set), nameOf(set));
    }
  }

  store.watch("Deployment", undefined, ({ object }) => queue.add(keyOf(object)));
  store.watch("ReplicaSet", undefined, ({ object }) => {
    const owner = controllerOf(object);
    if (owner?.["kind"] === "Deployment") queue.add(`${namespaceOf(object)}/${textAt(owner, "name")}`);
  });
  store.watch("Pod", undefined, ({ type, object }) => {
    if (type !== "DELETED" || controllerOf(object)?.["kind"] !== "ReplicaSet") return;
    const set = store.find("ReplicaSet", namespaceOf(object), textAt(controllerOf(object), "name"));
    const owner = set === undefined ? undefined : controllerOf(set);
    if (owner !== undefined) queue.add(`${namespaceOf(object)}/${textAt(owner, "name")}`);
  });
}

/** The ReplicaSet whose template is the Deployment's. */
function newest(deployment: JsonObject, sets: readonly JsonObject[]): JsonObject | undefined {
  const template = bareTemplate(deployment);
  return sets.find((set) => equal(bareTemplate(set), template));
}

function size(set: JsonObject): number {
  return numberAt(set, "spec", "replicas") ?? 0;
}

function sizeOf(set: JsonObject): SetSize {
  return { wanted: size(set), available: numberAt(set, "status", "availableReplicas") ?? 0 };
}

function desired(set: JsonObject): number {
  return Number(textAt(set, "metadata", "annotations", desiredKey));
}

function revisionOf(set: JsonObject): number {
  return Number(textAt(set, "metadata", "annotations", revisionKey)) || 0;
}
