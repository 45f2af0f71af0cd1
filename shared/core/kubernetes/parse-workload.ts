/** A Deployment, StatefulSet or DaemonSet (apps/v1) -> Workload. */

import { fieldManager, ignoreAnnotation, markerAnnotation } from "../marker.ts";
import type { Workload, WorkloadKind } from "../observed.ts";
import { latestTime } from "./managed-fields.ts";
import { annotation, metadataOf } from "./metadata.ts";
import { field, number, text } from "./read.ts";
import { unavailableAtMost } from "./rolling-limits.ts";
import { reloaderIntent, reloaderTraceAt } from "./reloader.ts";
import { desiredOf, rolloutStatus } from "./rollout-status.ts";
import { secretUse } from "./secret-use.ts";

/** Fields that are absent get the API's own defaults: 1 replica, RollingUpdate, 30 s of grace. */
export function parseWorkload(kind: WorkloadKind, raw: unknown): Workload {
  const { name, uid, resourceVersion, generation, deleting } = metadataOf(raw);
  const spec = field(raw, "spec");
  const template = field(spec, "template");
  const uses = secretUse(field(template, "spec"));
  return {
    kind,
    name,
    uid,
    resourceVersion,
    generation,
    observedGeneration: number(field(raw, "status", "observedGeneration")) ?? 0,
    deleting,
    paused: field(spec, "paused") === true,
    uses,
    marker: annotation(template, markerAnnotation),
    ignored: [raw, template].some((object) => annotation(object, ignoreAnnotation) === "true"),
    reloader: reloaderIntent(raw, template, uses),
    reloaderTraceAt: reloaderTraceAt(raw),
    restartedByUsAt: latestTime(raw, (entry) => entry.manager === fieldManager),
    desired: desiredOf(kind, raw),
    rollout: rolloutStatus(kind, raw),
    strategy: strategyOf(kind, spec),
    unavailableAtMost: unavailableAtMost(kind, spec, desiredOf(kind, raw)),
    partition: kind === "StatefulSet" ? (number(field(spec, "updateStrategy", "rollingUpdate", "partition")) ?? 0) : 0,
    minReadySeconds: number(field(spec, "minReadySeconds")) ?? 0,
    terminationGraceSeconds: number(field(template, "spec", "terminationGracePeriodSeconds")) ?? 30,
  };
}

function strategyOf(kind: WorkloadKind, spec: unknown): Workload["strategy"] {
  const type = text(field(spec, kind === "Deployment" ? "strategy" : "updateStrategy", "type"));
  if (type === "Recreate") return "recreate";
  return type === "OnDelete" ? "on-delete" : "rolling";
}
