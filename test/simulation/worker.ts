/** Plays seeds in a thread of its own. What it says: one message a seed, and at the end what its plans went through. */

import { parentPort, workerData } from "node:worker_threads";
import { countBranches, type Stretches } from "./plan-branches.ts";
import type { Counts } from "./tally.ts";

export interface Played {
  readonly kind: "played";
  readonly seed: number;
  readonly steps: number;
  readonly broken: readonly string[];
  readonly counts: Counts;
  /** It took its thread with it, or never ended. */
  readonly killed?: true;
}

export type FromWorker = Played | { readonly kind: "branches"; readonly branches: Stretches };

/** Seeds to play, or the end. */
export type ToWorker = readonly number[] | "end";

const port = parentPort;
if (port === null) throw new Error("This file is a worker's.");
const say = (message: FromWorker) => port.postMessage(message);
const branches = workerData === "branches" ? await countBranches() : undefined;
// Only now: the plan must be compiled while it is counted.
const { play, scriptOf } = await import("./run-seed.ts");

port.on("message", (seeds: ToWorker) => {
  void work(seeds);
});

async function work(seeds: ToWorker): Promise<void> {
  if (seeds === "end") {
    if (branches !== undefined) say({ kind: "branches", branches: await branches() });
    port?.close();
    return;
  }
  for (const seed of seeds) say({ kind: "played", seed, ...(await playSafely(seed)) });
}

/** A defect of the simulation, or of the product outside its own nets, is a broken law too. */
async function playSafely(seed: number): Promise<Pick<Played, "steps" | "broken" | "counts">> {
  try {
    const { steps, broken, counts } = await play(scriptOf(seed));
    return { steps, broken, counts };
  } catch (error) {
    return {
      steps: 0,
      broken: [`thrown: ${error instanceof Error ? (error.stack ?? error.message) : "?"}`],
      counts: {},
    };
  }
}
