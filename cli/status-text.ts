/** The status report as text: for each class its objects as the vault has them, its Secrets, and its pods' versions. */

import type {
  ClassStatus,
  ObjectStatus,
  PodVersion,
  PodVersions,
  SecretStatus,
  StatusReport,
  TargetStatus,
} from "../shared/core/status-report/status-report-types.ts";
import { indented, shown, table } from "./output.ts";
import { count, paintedWord, timeText, unreadLines } from "./report-words.ts";
import type { Paint } from "./terminal.ts";

export function statusText(report: StatusReport, paint: Paint): string {
  const blocks = [
    ...report.targets.flatMap((target) => target.classes.map((item) => classLines(target, item, paint))),
    unreadLines(report.unread, paint),
    [summary(report, paint)],
  ];
  return `${blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join("\n"))
    .join("\n\n")}\n`;
}

function classLines({ cluster, namespace }: TargetStatus, item: ClassStatus, paint: Paint): readonly string[] {
  const { name, vault, said, objects, secrets, pods } = item;
  const where = `${cluster}/${namespace}, class ${shown(name)}${vault === undefined ? "" : `, vault ${vault}`}`;
  const about = said.about.length === 0 ? "" : ` (${said.about.map((one) => shown(one, 300)).join("; ")})`;
  return [
    `${paint.bold(where)}: ${paintedWord(said, paint)}`,
    ...indented([
      ...(said.sentence === undefined ? [] : [`${said.sentence}${about}`]),
      ...headed(["OBJECT", "CURRENT VERSION", "CREATED"], objects.map(objectRow), paint),
      ...(secrets.length === 0 ? [] : [secrets.map((secret) => secretWord(secret, paint)).join(", ")]),
      ...podLines(pods, paint),
    ]),
  ];
}

function objectRow({ id, version, createdOn, pinned, problem }: ObjectStatus): readonly string[] {
  const wanted = version ?? (problem === undefined ? "not asked" : `the vault says ${problem}`);
  return [shown(id), `${wanted}${pinned ? " (pinned)" : ""}`, timeText(createdOn)];
}

function secretWord({ name, state, keys }: SecretStatus, paint: Paint): string {
  if (state === "current") return `Secret ${shown(name)} current`;
  if (state === "old") return `Secret ${shown(name)} ${paint.bad("old")} (${keys.map((key) => shown(key)).join(", ")})`;
  return `Secret ${shown(name)} ${paint.warn(state)}`;
}

function podLines(pods: readonly PodVersions[], paint: Paint): readonly string[] {
  if (pods.length === 0) return ["No live pod mounts it or reads its Secrets."];
  const rows = pods.flatMap((pod) =>
    pod.versions.map((version) => [
      shown(pod.pod),
      shown(pod.owner ?? "-"),
      pod.by,
      shown(version.id),
      versionWord(version),
      // Last, for paint has a width of its own.
      stateWord(version, pod, paint),
    ]),
  );
  return headed(["POD", "OF", "BY", "OBJECT", "RUNS", "STATE"], rows, paint);
}

/** Told apart by its beginning, so that rows fit a terminal; --json has it whole, and the objects' table the current one. */
function versionWord({ version }: PodVersion): string {
  if (version === undefined) return "-";
  return version.length > 9 ? `${shown(version.slice(0, 8))}…` : shown(version);
}

function stateWord({ state }: PodVersion, { ready }: PodVersions, paint: Paint): string {
  const word = state === "current" ? state : state === "old" ? paint.bad(state) : paint.warn(state);
  return ready ? word : `${word}, ${paint.warn("not ready")}`;
}

function headed(head: readonly string[], rows: readonly (readonly string[])[], paint: Paint): readonly string[] {
  if (rows.length === 0) return [];
  const [first = "", ...lines] = table([head, ...rows]);
  return [paint.dim(first), ...lines];
}

function summary({ allCurrent, targets, unread }: StatusReport, paint: Paint): string {
  const classes = targets.flatMap((target) => target.classes);
  const pods = classes.flatMap((item) => item.pods);
  const behind = pods.filter(({ versions }) => versions.some(({ state }) => state !== "current"));
  if (classes.length === 0 && unread.length === 0)
    return allCurrent
      ? "No class of the mapped namespaces uses a vault."
      : "No class of the mapped namespaces of that name uses a vault: nothing is known to be current.";
  if (classes.length === 0) return paint.bad("Nothing is known: what is named above could not be read.");
  const open = classes.filter(({ said }) => said.outcome !== "converged");
  const parts = [
    `${count(classes.length, "class")}, ${count(pods.length, "pod")}`,
    behind.length === 0 ? "all pods current" : paint.bad(`${count(behind.length, "pod")} not current`),
    ...(open.length === 0 ? [] : [`${count(open.length, "class")} not converged`]),
    ...(unread.length === 0 ? [] : [`${unread.length} not read`]),
  ];
  return `${parts.join(", ")}. ${allCurrent ? "All is current." : paint.bad("Not all is current.")}`;
}
