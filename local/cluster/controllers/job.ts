/** Jobs: pods until enough of them have succeeded; failed ones are replaced up to `backoffLimit`. */

import { listAt, numberAt, objectAt, textAt } from "../json.ts";
import type { JsonObject } from "../json.ts";
import { controlled, controllerOf, isDeleting, keyOf, nameOf, namespaceOf, splitKey, uidOf } from "../objects.ts";
import { withCondition } from "../objects.ts";
import { isActive, isReady, podFrom, podName } from "../pods.ts";
import { seconds } from "../times.ts";
import { WorkQueue } from "../work-queue.ts";
import type { ControllerContext } from "./context.ts";

const manager = { fieldManager: "kube-controller-manager" };

export function startJobs({ store, timers, reactionMs }: ControllerContext): void {
  const serials = new Map<string, number>();
  const queue = new WorkQueue(timers, reactionMs, (key) => {
    const [namespace, name] = splitKey(key);
    const job = store.find("Job", namespace, name);
    if (job === undefined || isDeleting(job)) return;
    const pods = controlled(store, "Pod", job);
    const active = pods.filter(isActive);
    const succeeded = pods.filter((pod) => textAt(pod, "status", "phase") === "Succeeded").length;
    const failed = pods.filter((pod) => textAt(pod, "status", "phase") === "Failed").length;
    const completions = numberAt(job, "spec", "completions") ?? 1;
    const lost = failed > (numberAt(job, "spec", "backoffLimit") ?? 6);
    const missing = Math.min(numberAt(job, "spec", "parallelism") ?? 1, completions - succeeded) - active.length;
    for (let index = 0; index < missing && !lost; index += 1) create(job, key);
    const ended = lost ? "Failed" : succeeded >= completions ? "Complete" : undefined;
    const conditions = listAt(job, "status", "conditions");
    const entry = { type: ended ?? "", status: "True", reason: "", message: "" };
    const status = {
      active: controlled(store, "Pod", job).filter(isActive).length,
      ready: active.filter(isReady).length,
      succeeded,
      failed,
      conditions: ended === undefined ? conditions : withCondition(conditions, entry, seconds(timers.now())),
    };
    store.mergePatch("Job", namespace, name, { status }, { ...manager, subresource: "status" });
  });

  function create(job: JsonObject, key: string): void {
    const serial = (serials.get(key) ?? 0) + 1;
    serials.set(key, serial);
    const labels = { "batch.kubernetes.io/job-name": nameOf(job), "batch.kubernetes.io/controller-uid": uidOf(job) };
    const template = objectAt(job, "spec", "template");
    store.create("Pod", podFrom({ name: podName(nameOf(job), serial), owner: job, template, labels }), manager);
  }

  store.watch("Job", undefined, ({ object }) => queue.add(keyOf(object)));
  store.watch("Pod", undefined, ({ object }) => {
    const owner = controllerOf(object);
    if (owner?.["kind"] === "Job") queue.add(`${namespaceOf(object)}/${textAt(owner, "name")}`);
  });
}
