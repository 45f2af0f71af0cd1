/**
 * How often each branch of shared/core/plan was taken, counted by V8 itself (precise block coverage). Node strips types
 * by blanking them, so V8's offsets are those of the source.
 */

import { readFileSync } from "node:fs";
import { Session } from "node:inspector/promises";
import { fileURLToPath } from "node:url";

/** Per file of the plan: how often the block was entered that a stretch of text belongs to. */
export type Stretches = Readonly<Record<string, readonly Stretch[]>>;

export interface Stretch {
  readonly from: number;
  readonly to: number;
  readonly times: number;
}

const folder = new URL("../../shared/core/plan/", import.meta.url);

/** Counts what is compiled from now on, so import the plan afterwards. The answer ends it. */
export async function countBranches(): Promise<() => Promise<Stretches>> {
  const session = new Session();
  session.connect();
  await session.post("Profiler.enable");
  await session.post("Profiler.startPreciseCoverage", { callCount: true, detailed: true });
  return async () => {
    const { result } = await session.post("Profiler.takePreciseCoverage");
    session.disconnect();
    const files = result.filter(({ url }) => url.startsWith(folder.href));
    return Object.fromEntries(files.map(({ url, functions }) => [url.slice(folder.href.length), stretches(functions)]));
  };
}

interface Counted {
  readonly ranges: readonly { readonly startOffset: number; readonly endOffset: number; readonly count: number }[];
}

/** The innermost range decides. What lies in no function is run once, when the file is loaded: no branch. */
function stretches(functions: readonly Counted[]): readonly Stretch[] {
  const ranges = functions
    .filter(({ ranges: [whole] }) => whole?.startOffset !== 0)
    .flatMap((found) => found.ranges)
    .sort((one, other) => one.startOffset - other.startOffset || other.endOffset - one.endOffset);
  const edges = [...new Set(ranges.flatMap((range) => [range.startOffset, range.endOffset]))].sort((a, b) => a - b);
  return edges.slice(0, -1).flatMap((from, index) => {
    const to = edges[index + 1] ?? from;
    const inner = ranges.findLast((range) => range.startOffset <= from && range.endOffset >= to);
    return inner === undefined ? [] : [{ from, to, times: inner.count }];
  });
}

export interface Branch {
  readonly file: string;
  readonly line: number;
  /** Its first line. */
  readonly text: string;
  readonly times: number;
}

/** Of several counters together: every branch with code of its own. */
export function branchesOf(all: readonly Stretches[]): readonly Branch[] {
  const files = [...new Set(all.flatMap((one) => Object.keys(one)))].sort();
  return files.flatMap((file) => {
    const source = readFileSync(fileURLToPath(new URL(file, folder)), "utf8");
    const lists = all.map((one) => one[file] ?? []);
    const edges = [...new Set(lists.flat().flatMap(({ from, to }) => [from, to]))].sort((a, b) => a - b);
    return edges.slice(0, -1).flatMap((from, index): readonly Branch[] => {
      const text = source.slice(from, edges[index + 1]);
      if (!hasCode(text) || !lists.some((list) => list.some((one) => one.from <= from && from < one.to))) return [];
      const times = lists.reduce((sum, list) => sum + timesAt(list, from), 0);
      const line = source.slice(0, from + (text.length - text.trimStart().length)).split("\n").length;
      return [{ file, line, text: text.trim().split("\n")[0] ?? "", times }];
    });
  });
}

function timesAt(list: readonly Stretch[], offset: number): number {
  return list.find(({ from, to }) => from <= offset && offset < to)?.times ?? 0;
}

/** More than brackets, blanks and comments. */
function hasCode(text: string): boolean {
  return /\w/.test(text.replaceAll(/\/\/.*|\/\*[^]*?\*\//g, ""));
}
