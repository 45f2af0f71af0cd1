/** The measured part of docs/compare.md, from the raw data. Pure. */

import { cells, modeWords, wayNames } from "./cells.ts";
import { markdownTable } from "./markdown-table.ts";
import type { Results, Rotations, Run, Sample } from "./results.ts";
import { type Spread, spreadOf } from "./statistics.ts";
import { vaultTables } from "./vault-tables.ts";

/** Markdown lines. */
export function measured({ rotations, vaultRequests }: Results): readonly string[] {
  return [
    ...runLines(rotations.run),
    "",
    "### From the new version to Secret and pods",
    "",
    ...rotationTable(rotations),
    "",
    ...vaultTables(vaultRequests),
  ];
}

function runLines(run: Run): readonly string[] {
  return [
    `\`${run.command}\`, ${run.date}, ${run.minutes.toFixed(0)} minutes, commit ${run.commit}.`,
    `Machine: ${run.machine}. Node.js ${run.node}, Kubernetes ${run.kubernetes}, driver poll interval ${run.pollInterval}, kubelet sync ${run.syncSeconds} s with the kubelet's own jitter.`,
    `Each row: ${run.namespaces} namespaces with one Deployment of ${run.replicas} pods each, ${run.rounds} versions one after the other in each namespace. A version comes ${run.quietSeconds} s and a random 0 to ${run.randomSeconds} s after its namespace was settled.`,
  ];
}

export function rotationTable({ samples }: Rotations): readonly string[] {
  const rows = cells
    .map((cell) => ({ cell, own: samples.filter((sample) => sample.cell === cell.id) }))
    .filter(({ own }) => own.length > 0)
    .map(({ cell, own }) => [
      wayNames[cell.way],
      modeWords(cell.mode),
      String(own.length),
      spreadText(spreadOf(own.map(({ secretMs }) => secretMs ?? undefined))),
      spreadText(spreadOf(own.map(({ podsMs }) => podsMs ?? undefined))),
      wrongText(own),
    ]);
  return markdownTable(
    [
      "way",
      "driver",
      "n",
      "Secret right, s: p50 (min to max)",
      "all pods right, s: p50 (min to max)",
      "pods started wrong",
    ],
    rows,
  );
}

function wrongText(samples: readonly Sample[]): string {
  const sum = (of: (sample: Sample) => number) => samples.reduce((total, sample) => total + of(sample), 0);
  return `${sum(({ wrongStarts }) => wrongStarts)} of ${sum(({ starts }) => starts)}`;
}

/** `54.2 (3.1 to 118.0)`; says how many never came. */
export function spreadText({ n, came, p50, min, max }: Spread): string {
  if (came === 0) return `never (${n} of ${n})`;
  const text = `${seconds(p50)} (${seconds(min)} to ${seconds(max)})`;
  return came === n ? text : `${text}; never ${n - came} of ${n}`;
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(1);
}
