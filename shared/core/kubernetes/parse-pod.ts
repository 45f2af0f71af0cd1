/** A Pod (v1) -> Pod. */

import type { Pod } from "../observed.ts";
import { label, metadataOf, ownersOf } from "./metadata.ts";
import { podTroubles } from "./pod-troubles.ts";
import { field, list, number, text, time } from "./read.ts";
import { reloaderTraces } from "./reloader-traces.ts";
import { secretUse } from "./secret-use.ts";

export function parsePod(raw: unknown): Pod {
  const { name, uid, createdAt, deleting } = metadataOf(raw);
  const owner = ownersOf(raw).find((one) => one.controller);
  const statuses = containerStatuses(raw);
  const readyCondition = list(field(raw, "status", "conditions")).find((one) => field(one, "type") === "Ready");
  return {
    name,
    uid,
    createdAt,
    deleting,
    phase: text(field(raw, "status", "phase")) ?? "Pending",
    owner: owner && { kind: owner.kind, name: owner.name, uid: owner.uid },
    uses: secretUse(field(raw, "spec")),
    started: statuses.some(hasStarted),
    ready: field(readyCondition, "status") === "True",
    readyChangedAt: time(field(readyCondition, "lastTransitionTime")),
    lastStartedAt: latest(statuses.map((status) => time(field(status, "state", "running", "startedAt")))),
    lastEndedAt: lastEnd(statuses),
    restarts: Math.max(0, ...statuses.map((status) => number(field(status, "restartCount")) ?? 0)),
    revision: label(raw, "pod-template-hash") ?? label(raw, "controller-revision-hash"),
    reloaderTraces: reloaderTraces(raw),
    troubles: podTroubles(raw, statuses),
  };
}

function containerStatuses(raw: unknown): readonly unknown[] {
  return ["initContainerStatuses", "containerStatuses", "ephemeralContainerStatuses"].flatMap((name) =>
    list(field(raw, "status", name)),
  );
}

/** A container that runs, has ended, or was restarted has had its env resolved. */
function hasStarted(status: unknown): boolean {
  return (
    field(status, "started") === true ||
    (number(field(status, "restartCount")) ?? 0) > 0 ||
    isPresent(field(status, "state", "running")) ||
    isPresent(field(status, "state", "terminated")) ||
    isPresent(field(status, "lastState", "terminated"))
  );
}

function lastEnd(statuses: readonly unknown[]): number | undefined {
  return latest(
    statuses
      .flatMap((status) => [field(status, "state", "terminated"), field(status, "lastState", "terminated")])
      .map((terminated) => time(field(terminated, "finishedAt"))),
  );
}

function latest(times: readonly (number | undefined)[]): number | undefined {
  const known = times.filter((at) => at !== undefined);
  return known.length === 0 ? undefined : Math.max(...known);
}

function isPresent(value: unknown): boolean {
  return value !== undefined && value !== null;
}
