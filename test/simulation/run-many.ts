/** Many seeds, side by side in worker threads. */

import { Worker } from "node:worker_threads";
import type { Stretches } from "./plan-branches.ts";
import { Tally } from "./tally.ts";
import type { FromWorker, Played, ToWorker } from "./worker.ts";

export interface ManyOptions {
  readonly seeds: readonly number[];
  readonly workers: number;
  /** Called after each seed. */
  readonly onPlayed: (played: Played, done: number) => void;
}

export interface ManyRuns {
  readonly seeds: number;
  readonly steps: number;
  readonly tally: Tally;
  readonly failures: readonly Played[];
  readonly branches: readonly Stretches[];
  readonly seconds: number;
}

const atOnce = 20;
/** Branches are counted for these first ones: counting makes everything slower. */
const countedSeeds = 3000;

export async function runMany(options: ManyOptions): Promise<ManyRuns> {
  const begun = performance.now();
  const counted = await runPart({ ...options, seeds: options.seeds.slice(0, countedSeeds) }, true, 0);
  const rest = await runPart({ ...options, seeds: options.seeds.slice(countedSeeds) }, false, counted.seeds);
  counted.tally.merge(rest.tally.counts());
  return {
    seeds: counted.seeds + rest.seeds,
    steps: counted.steps + rest.steps,
    tally: counted.tally,
    failures: [...counted.failures, ...rest.failures],
    branches: counted.branches,
    seconds: (performance.now() - begun) / 1000,
  };
}

type Part = Omit<ManyRuns, "seconds">;

async function runPart(options: ManyOptions, counts: boolean, before: number): Promise<Part> {
  const left = [...options.seeds];
  const part = {
    seeds: 0,
    steps: 0,
    tally: new Tally(),
    failures: new Array<Played>(),
    branches: new Array<Stretches>(),
  };
  const hear = (message: FromWorker, answer: (next: ToWorker) => void) => {
    if (message.kind === "idle") {
      const next = left.splice(0, atOnce);
      answer(next.length === 0 ? "end" : next);
    } else if (message.kind === "branches") part.branches.push(message.branches);
    else {
      part.seeds += 1;
      part.steps += message.steps;
      part.tally.merge(message.counts);
      if (message.broken.length > 0) part.failures.push(message);
      options.onPlayed(message, before + part.seeds);
    }
  };
  const workers = Math.min(options.workers, Math.ceil(left.length / atOnce));
  await Promise.all(Array.from({ length: workers }, () => runWorker(counts, hear)));
  return part;
}

function runWorker(counts: boolean, hear: (message: FromWorker, answer: (next: ToWorker) => void) => void) {
  const port = new Worker(new URL("worker.ts", import.meta.url), { workerData: counts ? "branches" : "" });
  return new Promise<void>((resolve, reject) => {
    port.on("message", (message: FromWorker) => hear(message, (next) => port.postMessage(next)));
    port.on("error", reject);
    port.on("exit", (code) => (code === 0 ? resolve() : reject(new Error(`A worker ended with ${code}.`))));
  });
}
