/** Stands in for worker.ts: seeds that end in 3 throw where nobody catches, those that end in 7 end the thread. */

import { parentPort } from "node:worker_threads";
import type { FromWorker, ToWorker } from "./worker.ts";

const port = parentPort;
if (port === null) throw new Error("This file is a worker's.");
const say = (message: FromWorker) => port.postMessage(message);

port.on("message", (seeds: ToWorker) => {
  if (seeds === "end") return port.close();
  for (const seed of seeds) {
    if (seed % 10 === 3) throw new Error("nobody catches this");
    if (seed % 10 === 7) process.exit(3);
    say({ kind: "played", seed, steps: 1, broken: [], counts: {} });
  }
});
