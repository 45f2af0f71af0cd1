/** What many seeds came to, for people: tables in Markdown. */

import { allReasons } from "../../shared/core/reasons.ts";
import { enoughSeeds, missed, withoutReason } from "./expected.ts";
import { type Branch, branchesOf } from "./plan-branches.ts";
import type { ManyRuns } from "./run-many.ts";
import type { Tally } from "./tally.ts";
import { duration } from "./tell.ts";

const leastFaults = 20;
const leastSteps = 200;
const rarest = 15;

export interface Report {
  readonly text: string;
  /** Why the run as a whole fails, apart from broken laws. */
  readonly lacking: readonly string[];
}

export function reportOn(runs: ManyRuns): Report {
  const { seeds, steps, tally } = runs;
  const branches = branchesOf(runs.branches);
  const faults = tally.total("fault ") + tally.total("act ") - tally.of("act new-version");
  const absent = missed(tally, branches);
  const lacking = [
    ...(seeds >= enoughSeeds ? absent.map((name) => `never met: ${name}`) : []),
    ...(faults / seeds < leastFaults ? [`only ${(faults / seeds).toFixed(1)} faults a seed`] : []),
    ...(steps / seeds < leastSteps ? [`only ${(steps / seeds).toFixed(0)} steps a seed`] : []),
  ];
  const text = [
    ...table([["figure", ""], ...figures(runs, faults)]),
    "",
    ...table([["what was met", "how often"], ...met(tally), ...branchRows(branches, runs.counted)]),
    "",
    ...(absent.length === 0
      ? ["Everything was met."]
      : [`Never met (${absent.length}):`, ...absent.map((name) => `- ${name}`)]),
  ].join("\n");
  return { text, lacking };
}

type Row = readonly [string, string];

function figures({ seeds, steps, tally, failures, seconds, cpuSeconds, workers }: ManyRuns, faults: number): Row[] {
  const each = (total: number, digits = 1) => `${thousands(total)}, ${(total / seeds).toFixed(digits)} a seed`;
  return [
    ["seeds", thousands(seeds)],
    ["failing", thousands(failures.length)],
    ["time", `${duration(seconds)} on ${workers} workers, ${(seeds / seconds).toFixed(1)} seeds a second`],
    ["processor time", `${(cpuSeconds / seeds).toFixed(3)} s a seed`],
    ["memory", `${Math.round(process.resourceUsage().maxRSS / 1024)} MB at most`],
    ["remote calls", each(steps, 0)],
    ["acts and faults", each(faults)],
    ["of them on the way of calls, events and messages", each(tally.total("fault "))],
    ["proofs of converged", each(tally.of("proofs of converged"))],
  ];
}

function met(tally: Tally): Row[] {
  const reasons = Object.keys(allReasons).filter((reason) => !(reason in withoutReason));
  const hit = reasons.filter((reason) => tally.of(`reason ${reason}`) > 0).length;
  return ["act", "story", "fault", "reason", "outcome", "step"].map((kind) => {
    const found = Object.entries(tally.counts()).filter(([name]) => name.startsWith(`${kind} `));
    const list = found.map(([name, times]) => `${name.slice(kind.length + 1)} ${thousands(times)}`).join(", ");
    return [
      kind === "reason" ? `reasons (${hit} of ${reasons.length})` : kind === "story" ? "stories" : `${kind}s`,
      list,
    ];
  });
}

function branchRows(branches: readonly Branch[], counted: number): Row[] {
  const taken = branches.filter(({ times }) => times > 0).sort((one, other) => one.times - other.times);
  const list = taken.slice(0, rarest).map(({ file, line, times, text }) => `${times} x ${file}:${line} \`${text}\``);
  const title = `branches of plan (${taken.length} of ${branches.length}, over ${thousands(counted)} seeds), the rarest`;
  return [[title, list.join("; ")]];
}

function table([head, ...rows]: readonly Row[]): readonly string[] {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(head ?? []), "| --- | --- |", ...rows.map(line)];
}

function thousands(number: number): string {
  return number.toLocaleString("en");
}
