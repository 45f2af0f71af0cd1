/** A Deployment's `.status`: counts and the conditions Available, Progressing and ReplicaFailure. */

import { at, isObject, listAt, numberAt, textAt } from "../json.ts";
import type { Json, JsonObject } from "../json.ts";
import { condition, timeAt, uidOf, withCondition } from "../objects.ts";
import { scaled } from "../pods.ts";
import { objectAt } from "../json.ts";
import { seconds } from "../times.ts";

interface Look {
  /** This look made the new ReplicaSet. */
  readonly created: boolean;
  readonly now: number;
}

interface Verdict {
  readonly status: JsonObject;
  /** When the progress deadline needs another look, in milliseconds. */
  readonly nextLookMs: number | undefined;
  readonly complete: boolean;
}

export function deploymentStatus(
  deployment: JsonObject,
  sets: readonly JsonObject[],
  current: JsonObject | undefined,
  look: Look,
): Verdict {
  const replicas = numberAt(deployment, "spec", "replicas") ?? 1;
  const sum = (key: string): number => sets.reduce((total, set) => total + (numberAt(set, "status", key) ?? 0), 0);
  const total = sum("replicas");
  const counts = {
    replicas: total,
    updatedReplicas: numberAt(current, "status", "replicas") ?? 0,
    readyReplicas: sum("readyReplicas"),
    availableReplicas: sum("availableReplicas"),
    unavailableReplicas: Math.max(
      0,
      sets.reduce((all, set) => all + (numberAt(set, "spec", "replicas") ?? 0), 0) - sum("availableReplicas"),
    ),
  };
  const complete =
    current !== undefined &&
    counts.updatedReplicas === replicas &&
    total === replicas &&
    counts.availableReplicas === replicas &&
    sets.every((set) => numberAt(set, "status", "observedGeneration") === numberAt(set, "metadata", "generation"));
  const now = seconds(look.now);
  const progressing = progress(deployment, counts, current, complete, look);
  let conditions: readonly Json[] = listAt(deployment, "status", "conditions");
  const rolling = objectAt(deployment, "spec", "strategy", "rollingUpdate");
  const recreate = textAt(deployment, "spec", "strategy", "type") === "Recreate";
  const slack = recreate ? 0 : scaled(rolling, "maxUnavailable", "25%", replicas, "down");
  const available = counts.availableReplicas >= replicas - slack;
  conditions = withCondition(
    conditions,
    {
      type: "Available",
      status: available ? "True" : "False",
      reason: available ? "MinimumReplicasAvailable" : "MinimumReplicasUnavailable",
      message: "",
    },
    now,
  );
  if (progressing !== undefined) {
    const { type, status, reason, message, lastUpdateTime } = progressing;
    conditions = withCondition(conditions, { type, status, reason, message }, now, { lastUpdateTime });
  }
  conditions = withReplicaFailure(conditions, sets, current);
  const deadline = numberAt(deployment, "spec", "progressDeadlineSeconds") ?? 600;
  const since = timeAt(condition({ status: { conditions } }, "Progressing"), "lastUpdateTime");
  const waits = !complete && since !== undefined && progressing?.status === "True";
  return {
    complete,
    nextLookMs: waits ? Math.max(1000, since + deadline * 1000 + 1000 - look.now) : undefined,
    status: { ...counts, conditions, observedGeneration: numberAt(deployment, "metadata", "generation") ?? 0 },
  };
}

interface Progress {
  readonly type: "Progressing";
  readonly status: "True" | "False" | "Unknown";
  readonly reason: string;
  readonly message: string;
  readonly lastUpdateTime: string;
}

/** The next Progressing condition; undefined where it stays as it is. */
function progress(
  deployment: JsonObject,
  counts: {
    readonly replicas: number;
    readonly updatedReplicas: number;
    readonly readyReplicas: number;
    readonly availableReplicas: number;
  },
  current: JsonObject | undefined,
  complete: boolean,
  look: Look,
): Progress | undefined {
  const before = condition(deployment, "Progressing");
  const reason = textAt(before, "reason");
  const was = (key: string): number => numberAt(deployment, "status", key) ?? 0;
  const say = (status: Progress["status"], why: string, lastUpdateTime = seconds(look.now)): Progress => ({
    type: "Progressing",
    status,
    reason: why,
    message: "",
    lastUpdateTime,
  });
  const since = textAt(before, "lastUpdateTime");
  if (at(deployment, "spec", "paused") === true) {
    return reason === "DeploymentPaused" ? undefined : say("Unknown", "DeploymentPaused");
  }
  if (reason === "DeploymentPaused") return say("Unknown", "DeploymentResumed");
  if (complete) {
    return reason === "NewReplicaSetAvailable" ? undefined : say("True", "NewReplicaSetAvailable");
  }
  if (look.created) return say("True", "NewReplicaSetCreated");
  if (before === undefined && current !== undefined) return say("True", "FoundNewReplicaSet");
  const template = numberAt(deployment, "metadata", "generation") !== was("observedGeneration");
  if (template && current !== undefined && reason === "NewReplicaSetAvailable" && counts.updatedReplicas === 0) {
    return say("True", "FoundNewReplicaSet");
  }
  const moved =
    counts.updatedReplicas > was("updatedReplicas") ||
    counts.replicas - counts.updatedReplicas < was("replicas") - was("updatedReplicas") ||
    counts.readyReplicas > was("readyReplicas") ||
    counts.availableReplicas > was("availableReplicas");
  if (moved) return say("True", "ReplicaSetUpdated");
  if (before === undefined || reason === "NewReplicaSetAvailable" || reason === "ProgressDeadlineExceeded")
    return undefined;
  const deadline = (numberAt(deployment, "spec", "progressDeadlineSeconds") ?? 600) * 1000;
  if (look.now <= Date.parse(since) + deadline) return say("True", reason, since);
  return say("False", "ProgressDeadlineExceeded", since);
}

function withReplicaFailure(
  conditions: readonly Json[],
  sets: readonly JsonObject[],
  current: JsonObject | undefined,
): readonly Json[] {
  const others = conditions.filter((entry) => textAt(entry, "type") !== "ReplicaFailure");
  const first = current === undefined ? sets : sets.filter((set) => uidOf(set) === uidOf(current));
  const failure = first.map((set) => condition(set, "ReplicaFailure")).find(isObject);
  return failure === undefined ? others : [...others, failure];
}
