/** Many seeds, side by side in worker threads. */

import { RunningWorker } from "./running-worker.ts";
import type { Stretches } from "./plan-branches.ts";
import { Tally } from "./tally.ts";
import type { Played } from "./worker.ts";

export interface ManyOptions {
  readonly seeds: readonly number[];
  readonly workers: number;
  /** Called after each seed. */
  readonly onPlayed: (played: Played, done: number) => void;
  /** What the threads run: worker.ts. */
  readonly file?: URL;
  /** Ends the run early: no more seeds are handed out. */
  readonly signal?: AbortSignal;
}

export interface ManyRuns {
  readonly seeds: number;
  readonly steps: number;
  readonly tally: Tally;
  readonly failures: readonly Played[];
  readonly branches: readonly Stretches[];
  /** How many seeds, the first ones, have their branches counted. */
  readonly counted: number;
  readonly workers: number;
  readonly seconds: number;
  /** Of processor time, over all threads. */
  readonly cpuSeconds: number;
}

const atOnce = 20;
/** Branches are counted for these first ones: counting makes everything slower. */
const countedSeeds = 3000;

export async function runMany(options: ManyOptions): Promise<ManyRuns> {
  const begun = performance.now();
  const cpu = process.cpuUsage();
  const counted = await runPart({ ...options, seeds: options.seeds.slice(0, countedSeeds) }, true, 0);
  const rest = await runPart({ ...options, seeds: options.seeds.slice(countedSeeds) }, false, counted.seeds);
  counted.tally.merge(rest.tally.counts());
  const { user, system } = process.cpuUsage(cpu);
  return {
    seeds: counted.seeds + rest.seeds,
    steps: counted.steps + rest.steps,
    tally: counted.tally,
    failures: [...counted.failures, ...rest.failures],
    branches: counted.branches,
    counted: counted.seeds,
    workers: options.workers,
    seconds: (performance.now() - begun) / 1000,
    cpuSeconds: (user + system) / 1e6,
  };
}

type Part = Pick<ManyRuns, "seeds" | "steps" | "tally" | "failures" | "branches">;

async function runPart(options: ManyOptions, counts: boolean, before: number): Promise<Part> {
  const part = {
    seeds: 0,
    steps: 0,
    tally: new Tally(),
    failures: new Array<Played>(),
    branches: new Array<Stretches>(),
  };
  const hear = (played: Played): void => {
    part.seeds += 1;
    part.steps += played.steps;
    part.tally.merge(played.counts);
    if (played.broken.length > 0) part.failures.push(played);
    options.onPlayed(played, before + part.seeds);
  };
  const file = options.file ?? new URL("worker.ts", import.meta.url);
  let handedOut = 0;
  const next = (): readonly number[] => {
    if (options.signal?.aborted === true) return [];
    const seeds = options.seeds.slice(handedOut, handedOut + atOnce);
    handedOut += seeds.length;
    return seeds;
  };
  const lane = async (): Promise<void> => {
    let worker = new RunningWorker(file, counts, hear);
    for (let seeds = next(); seeds.length > 0;) {
      const left = await worker.play(seeds);
      // It died of a seed, which has been told as failing: the others go to a new one.
      if (left.length > 0 || worker.dead) worker = new RunningWorker(file, counts, hear);
      seeds = left.length > 0 ? left : next();
    }
    const branches = await worker.end();
    if (branches !== undefined) part.branches.push(branches);
  };
  const lanes = Math.min(options.workers, Math.ceil(options.seeds.length / atOnce));
  await Promise.all(Array.from({ length: lanes }, lane));
  return part;
}
