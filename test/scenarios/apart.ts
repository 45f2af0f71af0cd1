import { Worker } from "node:worker_threads";

/**
 * Runs a module to its end in a thread of its own, and fails as it fails. The test runner follows every promise of its own
 * thread, which takes most of the time of a large world.
 */
export function runApart(module: URL): Promise<void> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(module);
    worker.on("error", reject);
    worker.on("exit", (code) => (code === 0 ? resolve() : reject(new Error(`The module ended with ${code}.`))));
  });
}
