/** One worker process: starts it, invokes functions in it, kills it. */

import { fork } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import {
  type HttpAnswer,
  type InvokeRequest,
  parseWorkerMessage,
  type RegisteredFunction,
  type TypedData,
} from "./protocol.ts";

export interface WorkerOptions {
  /** The folder of the packed app: package.json, host.json and what `main` names. */
  readonly appDir: string;
  /** The app's settings. The process sees these and nothing else of our environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly onLog?: (line: LogLine) => void;
}

export interface LogLine {
  readonly level: string;
  /** `user` is what the app logged, `system` the library, `console` what went to standard output or error. */
  readonly category: string;
  readonly functionName: string | undefined;
  readonly invocationId: string | undefined;
  readonly message: string;
}

export interface Worker {
  readonly functions: readonly RegisteredFunction[];
  /** Milliseconds that the import of the entry point took. */
  readonly loadMs: number;
  readonly pid: number | undefined;
  /** Runs a function; an HTTP function answers. Fails with the function's error, or when the process ends meanwhile. */
  invoke(
    name: string,
    input: TypedData,
    triggerMetadata?: Readonly<Record<string, TypedData>>,
  ): Promise<HttpAnswer | undefined>;
  /** Ends the process at once, as a crash would, and waits until it is gone. May be called twice. */
  kill(): Promise<void>;
  /** Resolves when the process has ended, for whatever reason. */
  readonly ended: Promise<void>;
}

interface Waiting {
  readonly resolve: (answer: HttpAnswer | undefined) => void;
  readonly reject: (error: Error) => void;
}

/** Starts a worker and waits until the app is loaded. An entry point that cannot be loaded rejects with its error. */
export async function startWorker(options: WorkerOptions): Promise<Worker> {
  const child = fork(fileURLToPath(new URL("./worker-process.ts", import.meta.url)), [options.appDir], {
    env: { ...options.env },
    execArgv: [],
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  const ended = once(child, "exit").then(() => undefined);
  const killWithUs = () => child.kill("SIGKILL");
  process.once("exit", killWithUs);

  const running = new Map<string, Waiting>();
  child.once("exit", () => {
    process.off("exit", killWithUs);
    for (const { reject } of running.values()) reject(new Error("The worker process ended."));
    running.clear();
  });

  for (const [stream, level] of [[child.stdout, "information"] as const, [child.stderr, "error"] as const]) {
    if (stream === null) continue;
    createInterface({ input: stream }).on("line", (message) => {
      options.onLog?.({ level, category: "console", functionName: undefined, invocationId: undefined, message });
    });
  }

  const loaded = new Promise<{ functions: readonly RegisteredFunction[]; loadMs: number }>((resolve, reject) => {
    child.once("exit", () => reject(new Error("The worker process ended before the app was loaded.")));
    child.on("message", (raw) => {
      const message = parseWorkerMessage(raw);
      switch (message.type) {
        case "loaded":
          return resolve(message);
        case "broken":
          return reject(new Error(`Worker was unable to load the entry point: ${message.message}`));
        case "log":
          return options.onLog?.({
            level: message.level,
            category: message.category,
            functionName: message.name,
            invocationId: message.id,
            message: message.message,
          });
        case "done": {
          const waiting = running.get(message.id);
          running.delete(message.id);
          return message.error === undefined
            ? waiting?.resolve(message.http)
            : waiting?.reject(new Error(message.error));
        }
      }
    });
  });

  async function kill(): Promise<void> {
    child.kill("SIGKILL");
    await ended;
  }

  async function invoke(
    name: string,
    input: TypedData,
    triggerMetadata: Readonly<Record<string, TypedData>> = {},
  ): Promise<HttpAnswer | undefined> {
    if (child.exitCode !== null || child.signalCode !== null) throw new Error("The worker process has ended.");
    const request: InvokeRequest = { type: "invoke", id: randomUUID(), name, input, triggerMetadata };
    return new Promise((resolve, reject) => {
      running.set(request.id, { resolve, reject });
      child.send(request, (error) => {
        if (error !== null) reject(new Error("The worker process does not listen any more."));
      });
    });
  }

  try {
    const { functions, loadMs } = await loaded;
    return { functions, loadMs, pid: child.pid, invoke, kill, ended };
  } catch (error) {
    await kill();
    throw error;
  }
}
