/** What many seeds came to, for people. */

import { enoughSeeds, missed } from "./expected.ts";
import { type Branch, branchesOf } from "./plan-branches.ts";
import type { ManyRuns } from "./run-many.ts";

const leastFaults = 20;
const leastSteps = 200;
const rarest = 15;

export interface Report {
  readonly text: string;
  /** Why the run as a whole fails, apart from broken laws. */
  readonly lacking: readonly string[];
}

export function reportOn(runs: ManyRuns): Report {
  const { seeds, steps, tally, seconds } = runs;
  const branches = branchesOf(runs.branches);
  const faults = (tally.total("fault ") + tally.total("act ") - tally.of("act new-version")) / seeds;
  const absent = missed(tally, branches);
  const lacking = [
    ...(seeds >= enoughSeeds ? absent.map((name) => `never met: ${name}`) : []),
    ...(faults < leastFaults ? [`only ${faults.toFixed(1)} faults a seed`] : []),
    ...(steps / seeds < leastSteps ? [`only ${(steps / seeds).toFixed(0)} steps a seed`] : []),
  ];
  const text = [
    `${seeds} seeds in ${seconds.toFixed(0)} s (${((seconds * 1000) / seeds).toFixed(0)} ms a seed), ${runs.failures.length} failing`,
    `a seed: ${(steps / seeds).toFixed(0)} remote calls, ${faults.toFixed(1)} faults (${(tally.total("fault ") / seeds).toFixed(1)} of them on the way of calls, events and messages), ${(tally.of("proofs of converged") / seeds).toFixed(1)} proofs of converged`,
    ...["act", "fault", "reason", "outcome", "step"].map((kind) => section(kind, tally.counts())),
    ...branchLines(branches),
    ...(absent.length === 0
      ? ["everything was met"]
      : [`never met: ${absent.length}`, ...absent.map((name) => `  ${name}`)]),
  ].join("\n");
  return { text, lacking };
}

function section(kind: string, counts: Readonly<Record<string, number>>): string {
  const found = Object.entries(counts).filter(([name]) => name.startsWith(`${kind} `));
  return `${kind}s: ${found.map(([name, times]) => `${name.slice(kind.length + 1)} ${times}`).join(", ")}`;
}

function branchLines(branches: readonly Branch[]): readonly string[] {
  const taken = branches.filter(({ times }) => times > 0).sort((one, other) => one.times - other.times);
  return [
    `branches of plan: ${taken.length} of ${branches.length} taken; the rarest:`,
    ...taken.slice(0, rarest).map(({ file, line, times, text }) => `  ${times} x ${file}:${line} ${text}`),
  ];
}
