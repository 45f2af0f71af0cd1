/** The counts of a workload's `.status`, by meaning. The API omits counts that are 0. */

import type { RolloutStatus, WorkloadKind } from "../observed.ts";
import { field, list, number, text } from "./read.ts";

/** Replicas asked for (the API's default is 1); for a DaemonSet, the nodes it should run on. */
export function desiredOf(kind: WorkloadKind, raw: unknown): number {
  return kind === "DaemonSet"
    ? (number(field(raw, "status", "desiredNumberScheduled")) ?? 0)
    : (number(field(raw, "spec", "replicas")) ?? 1);
}

export function rolloutStatus(kind: WorkloadKind, raw: unknown): RolloutStatus {
  const status = field(raw, "status");
  const names = countNames[kind];
  return {
    total: number(field(status, names.total)) ?? 0,
    updated: number(field(status, names.updated)) ?? 0,
    ready: number(field(status, names.ready)) ?? 0,
    available: number(field(status, names.available)) ?? 0,
    deadlineExceeded: isDeadlineExceeded(condition(status, "Progressing")),
    completed: field(condition(status, "Progressing"), "reason") === "NewReplicaSetAvailable",
    replicaFailure: replicaFailure(condition(status, "ReplicaFailure")),
    currentRevision: kind === "StatefulSet" ? text(field(status, "currentRevision")) : undefined,
    updateRevision: kind === "StatefulSet" ? text(field(status, "updateRevision")) : undefined,
  };
}

const replicaCounts = {
  total: "replicas",
  updated: "updatedReplicas",
  ready: "readyReplicas",
  available: "availableReplicas",
} as const;

const countNames = {
  Deployment: replicaCounts,
  StatefulSet: replicaCounts,
  DaemonSet: {
    total: "currentNumberScheduled",
    updated: "updatedNumberScheduled",
    ready: "numberReady",
    available: "numberAvailable",
  },
} as const;

function condition(status: unknown, type: string): unknown {
  return list(field(status, "conditions")).find((one) => field(one, "type") === type);
}

function isDeadlineExceeded(progressing: unknown): boolean {
  return field(progressing, "status") === "False" && field(progressing, "reason") === "ProgressDeadlineExceeded";
}

function replicaFailure(failure: unknown): string | undefined {
  return field(failure, "status") === "True" ? (text(field(failure, "reason")) ?? "") : undefined;
}
