/** Keeps one worker running, as the host does: when it ends, another one is started. */

import { startWorker, type Worker, type WorkerOptions } from "./worker.ts";

export interface WorkerSupervisor {
  readonly first: Worker;
  /** The worker of now; waits while one is being started. */
  current(): Promise<Worker>;
  kill(): Promise<void>;
  /** Ends the worker for good. */
  stop(): Promise<void>;
}

export async function superviseWorker(
  options: WorkerOptions,
  say: (level: string, message: string) => void,
): Promise<WorkerSupervisor> {
  let stopped = false;
  const first = await startWorker(options);
  let worker = Promise.resolve(first);
  void watch(first);

  async function watch(running: Worker): Promise<void> {
    await running.ended;
    if (stopped) return;
    say("error", "The worker process ended; another one is started.");
    worker = startWorker(options);
    try {
      void watch(await worker);
    } catch {
      say("error", "No worker could be started.");
    }
  }

  async function kill(): Promise<void> {
    const running = await worker.catch(() => undefined);
    await running?.kill();
  }

  return {
    first,
    current: () => worker,
    kill,
    stop: async () => {
      stopped = true;
      await kill();
    },
  };
}
