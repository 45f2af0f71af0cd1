/** Why a pod does not run, in Kubernetes' own single words. */

import { field, list, text } from "./read.ts";

/**
 * Reasons of the pod, of its conditions and of its containers, each once, in that order. `PodInitializing` is left
 * out: it only says that an init container has a reason of its own. Messages are never taken: they are free text
 * of images, webhooks and mounts, and could hold anything.
 */
export function podTroubles(raw: unknown, statuses: readonly unknown[]): readonly string[] {
  const reasons = [
    field(raw, "status", "reason"),
    ...list(field(raw, "status", "conditions")).map(conditionReason),
    ...statuses.flatMap(containerReasons),
  ];
  return [...new Set(reasons.flatMap(word))];
}

/** A pod that was not scheduled, or is about to be evicted, says so in a condition. */
function conditionReason(condition: unknown): unknown {
  const type = field(condition, "type");
  const bad =
    (type === "PodScheduled" && field(condition, "status") === "False") ||
    (type === "DisruptionTarget" && field(condition, "status") === "True");
  return bad ? field(condition, "reason") : undefined;
}

/** How a container ended counts while it waits for its next start; of one that runs again it is history. */
function containerReasons(status: unknown): readonly unknown[] {
  const waiting = field(status, "state", "waiting", "reason");
  const ended = field(status, "state", "terminated", "reason");
  const endedBefore = waiting === undefined ? undefined : field(status, "lastState", "terminated", "reason");
  return [waiting, ended, endedBefore];
}

const noTrouble = new Set(["Completed", "PodInitializing"]);

function word(reason: unknown): readonly string[] {
  const found = text(reason);
  return found !== undefined && /^[A-Za-z][A-Za-z0-9]{0,63}$/.test(found) && !noTrouble.has(found) ? [found] : [];
}
