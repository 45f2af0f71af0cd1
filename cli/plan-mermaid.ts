/** The plan report as a Mermaid flowchart: object -> classes -> Secrets -> workloads, one box for each namespace. */

import type { PlanReport, TargetPlan, WorkloadPlan } from "../shared/core/plan-report/plan-report-types.ts";
import { saidWord } from "../shared/core/said.ts";
import { shown } from "./output.ts";

export function planMermaid({ secret, targets, unread }: PlanReport): string {
  const lines = [
    "flowchart LR",
    `  vault[(${quoted(secret)})]`,
    ...targets.flatMap(targetLines),
    ...unread.map(({ cluster, namespace, said }, index) => {
      const where = namespace === undefined ? cluster : `${cluster}/${namespace}`;
      return `  unread${index}[${quoted(`${where}: not read, ${saidWord(said)}`)}]:::stopped`;
    }),
    "  classDef outage stroke:#b26a00,stroke-width:3px",
    "  classDef stopped stroke:#b00020,stroke-dasharray:4",
  ];
  return `${lines.join("\n")}\n`;
}

function targetLines(target: TargetPlan, index: number): readonly string[] {
  const at = `t${index}`;
  const classIds = new Map(target.classes.map(({ name }, order) => [name, `${at}c${order}`]));
  const secretIds = new Map(target.secrets.map(({ name }, order) => [name, `${at}s${order}`]));
  const links: string[] = target.classes.map(({ name }) => `  vault --> ${classIds.get(name) ?? at}`);
  const boxes: string[] = [];
  for (const { name, stopped } of target.classes) {
    const word = stopped === undefined ? "" : `<br>${saidWord(stopped)}`;
    boxes.push(
      `${classIds.get(name) ?? at}[${quoted(`SecretProviderClass ${name}`, word)}]${styled(stopped !== undefined)}`,
    );
  }
  for (const { name, class: owner, keys, stopped } of target.secrets) {
    const word = stopped === undefined ? keys.join(", ") : saidWord(stopped);
    boxes.push(
      `${secretIds.get(name) ?? at}[${quoted(`Secret ${name}`, `<br>${shown(word)}`)}]${styled(stopped !== undefined)}`,
    );
    links.push(`  ${classIds.get(owner) ?? at} -->|1 write| ${secretIds.get(name) ?? at}`);
  }
  for (const [order, workload] of target.workloads.entries()) {
    const id = `${at}w${order}`;
    const mark = workload.outage === undefined ? styled(workload.stopped !== undefined) : ":::outage";
    boxes.push(`${id}[${quoted(`${workload.kind} ${workload.name}`, `<br>${detail(workload)}`)}]${mark}`);
    const verb = workload.wave === undefined ? "" : `|${workload.wave + 1} restart|`;
    const from = new Set([
      ...workload.reads.flatMap(({ secret }) => secretIds.get(secret) ?? []),
      ...(workload.role === "mounter" ? workload.classes.flatMap((name) => classIds.get(name) ?? []) : []),
    ]);
    for (const source of from) links.push(`  ${source} -->${verb} ${id}`);
  }
  const title = quoted(`${target.cluster}/${target.namespace}, mode ${target.mode}`);
  return [`  subgraph ${at}[${title}]`, ...boxes.map((box) => `    ${box}`), "  end", ...links];
}

function detail({ action, pods, outage, stopped }: WorkloadPlan): string {
  if (stopped !== undefined) return saidWord(stopped);
  if (action === "refresh") return "files renewed by the kubelet";
  if (action === "none") return "no live pods";
  return `${pods} ${pods === 1 ? "pod" : "pods"}${outage === undefined ? "" : `, outage: ${outage.kind}`}`;
}

function styled(stopped: boolean): string {
  return stopped ? ":::stopped" : "";
}

/** A label in quotes. What Mermaid or HTML would read otherwise becomes an entity; `after` is markup of ours. */
function quoted(text: string, after: string = ""): string {
  const safe = shown(text).replaceAll(/[#"&<>]/g, (mark) => `#${mark.codePointAt(0) ?? 0};`);
  return `"${safe}${after}"`;
}
