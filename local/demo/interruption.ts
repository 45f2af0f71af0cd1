/** Signals and defects end the demo from wherever it is, by way of its clean-up. */

import { Interrupted } from "./problem.ts";

/** Aborts at ctrl-C, SIGTERM, SIGHUP and at an error that nobody caught, with that as its reason. */
export function onInterruption(): AbortController {
  const stopping = new AbortController();
  // Later signals change nothing: cleaning up takes a second, and every part of it ends by itself.
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(name, () => stopping.abort(new Interrupted(name)));
  }
  process.on("uncaughtException", (error) => stopping.abort(error));
  return stopping;
}

export interface Wait {
  readonly signal: AbortSignal;
  /** In milliseconds. Default 60 s: real kubelets of a busy machine take their time. */
  readonly atMostMs?: number;
}

/** Waits until it holds, looking 20 times a second. Throws what `late` makes when it does not come in time. */
export async function until(holds: () => boolean, late: () => Error, wait: Wait): Promise<void> {
  const end = performance.now() + (wait.atMostMs ?? 60_000);
  for (;;) {
    wait.signal.throwIfAborted();
    if (holds()) return;
    if (performance.now() > end) throw late();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
