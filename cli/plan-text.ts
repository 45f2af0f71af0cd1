/** The plan report as text: a table for each target in the order of the work, below it what stands out. */

import type {
  ObjectNow,
  PlanReport,
  SecretPlan,
  TargetPlan,
  WorkloadPlan,
} from "../shared/core/plan-report/plan-report-types.ts";
import { indented, shown, table } from "./output.ts";
import { count, paintedWord, saidLine, timeText, unreadLines } from "./report-words.ts";
import type { Paint } from "./terminal.ts";

export function planText(report: PlanReport, paint: Paint): string {
  const blocks = [
    [paint.bold(`A new version of ${shown(report.secret)}`), ...report.objects.map(objectLine)],
    ...report.targets.map((target) => targetLines(target, paint)),
    unreadLines(report.unread, paint),
    [summary(report)],
  ];
  return `${blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join("\n"))
    .join("\n\n")}\n`;
}

function objectLine({ object, version, createdOn, problem }: ObjectNow): string {
  if (problem !== undefined) return `${object}: the vault says ${problem}`;
  return `${object}: now version ${version ?? ""}${createdOn === undefined ? "" : `, created ${timeText(createdOn)}`}`;
}

function targetLines(target: TargetPlan, paint: Paint): readonly string[] {
  const { cluster, namespace, mode, secrets, workloads, pods, dueNow } = target;
  const rows = [
    ...secrets.map(secretRow),
    ...workloads.map(workloadRow),
    ...pods.map(({ name, owner, role }) => ["-", `Pod/${name}`, "1", `nobody restarts it${by(owner)}`, role]),
  ];
  const [head = "", ...lines] = table(
    [["ORDER", "WHAT", "PODS", "HOW", "WHY"], ...rows.map((row) => row.map((cell) => shown(cell)))],
    new Set([2]),
  );
  const due =
    dueNow.length === 0 ? [] : ["", `Due now, without a new version: ${dueNow.map((one) => shown(one)).join("; ")}`];
  return [
    paint.bold(`${cluster}/${namespace}, mode ${mode}`),
    ...indented([paint.dim(head), ...lines, ...notes(target, paint), ...due]),
  ];
}

function by(owner: string | undefined): string {
  return owner === undefined ? "" : ` (of ${owner})`;
}

function secretRow({ name, class: owner, keys, exists, stopped }: SecretPlan): readonly string[] {
  const how =
    stopped === undefined ? (exists ? `write ${keys.join(", ")}` : "nothing: it does not exist") : "not written";
  return [stopped === undefined && exists ? "1" : "-", `Secret/${name}`, "", how, `class ${owner}`];
}

function workloadRow(workload: WorkloadPlan): readonly string[] {
  const { kind, name, pods, replicas, wave, classes, reads, role } = workload;
  const why = [
    ...(role === "mounter" ? [`mounts ${classes.join(", ")}`] : []),
    ...reads.map(({ secret, key, by: way }) => `${way} ${secret}${key === undefined ? "" : `.${key}`}`),
  ];
  const order = wave === undefined ? "-" : String(wave + 1);
  return [order, `${kind}/${name}`, `${pods}/${replicas}`, howOf(workload), [...new Set(why)].join("; ")];
}

function howOf({ action, strategy, outage }: WorkloadPlan): string {
  switch (action) {
    case "restart":
      return `restart, ${strategy}${outage === undefined ? "" : ", OUTAGE"}`;
    case "refresh":
      return "files renewed by the kubelet";
    case "stopped":
      return "not restarted";
    case "none":
      return "nothing: no live pods";
  }
}

/** In full sentences, what the table has in a word. The same of several is said once. */
function notes({ classes, secrets, workloads, pods }: TargetPlan, paint: Paint): readonly string[] {
  const outages = workloads.flatMap(({ kind, name, outage }) =>
    outage === undefined ? [] : [`${paint.warn("Outage")} of ${kind}/${shown(name)}: ${outage.sentence}`],
  );
  const stopped = [
    ...classes.flatMap(({ name, stopped: said }) =>
      said === undefined ? [] : [saidLine(`SecretProviderClass/${name}`, said, paint)],
    ),
    ...secrets.flatMap(({ name, stopped: said }) =>
      said === undefined ? [] : [saidLine(`Secret/${name}`, said, paint)],
    ),
    ...workloads.flatMap(({ kind, name, stopped: said }) =>
      said === undefined ? [] : [saidLine(`${kind}/${name}`, said, paint)],
    ),
    ...pods.map(({ name, said }) => saidLine(`Pod/${name}`, said, paint)),
  ];
  const standing = classes
    .filter(({ now, stopped: said }) => now.outcome !== "converged" && now.reason !== said?.reason)
    .map(({ name, now }) => `SecretProviderClass/${shown(name)} is ${paintedWord(now, paint)} at this moment.`);
  const all = [...new Set([...outages, ...stopped, ...standing])];
  return all.length === 0 ? [] : ["", ...all];
}

function summary({ targets, unread }: PlanReport): string {
  if (targets.length === 0) {
    return unread.length > 0
      ? "Nothing is known: no cluster could be read."
      : "Nothing follows it: no class in a mapped namespace mounts it unpinned.";
  }
  const secrets = targets
    .flatMap((target) => target.secrets)
    .filter(({ stopped, exists }) => stopped === undefined && exists);
  const workloads = targets.flatMap((target) => target.workloads);
  const restarts = workloads.filter(({ action }) => action === "restart");
  const pods = restarts.reduce((sum, workload) => sum + workload.pods, 0);
  const outages = restarts.filter(({ outage }) => outage !== undefined).length;
  const stopped = targets
    .flatMap((target) => [...target.classes, ...target.secrets, ...target.workloads])
    .filter((one) => one.stopped !== undefined).length;
  const clusters = new Set(targets.map(({ cluster }) => cluster)).size;
  const parts = [
    `${count(secrets.length, "Secret")} written`,
    `${count(restarts.length, "workload")} restarted (${count(pods, "pod")})`,
    ...(outages === 0 ? [] : [count(outages, "outage")]),
    ...(stopped === 0 ? [] : [`${stopped} stopped`]),
    ...(unread.length === 0 ? [] : [`${unread.length} not read`]),
  ];
  return `${parts.join(", ")}, in ${count(targets.length, "namespace")} of ${count(clusters, "cluster")}.`;
}
