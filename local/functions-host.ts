/**
 * Stand-in for the Azure Functions host, which exists only as a download: runs the packed app in a worker process,
 * feeds it from real queues of Azurite, its timers, HTTP and the Event Grid webhook, and keeps the host's habits where the
 * product depends on them (queue-listener.ts, event-grid-endpoint.ts). It does not scale, and keeps no timer state.
 */

import { createServer } from "node:http";
import { eventGridEndpoint } from "./functions-host/event-grid-endpoint.ts";
import { type Authentication, authenticationSettings } from "./functions-host/app-service-authentication.ts";
import { httpEndpoint, httpPrefix } from "./functions-host/http-endpoint.ts";
import { readHostSettings } from "./functions-host/host-settings.ts";
import type { HttpAnswer, RegisteredFunction, TypedData } from "./functions-host/protocol.ts";
import { listen } from "./functions-host/queue-listener.ts";
import { parseSchedule } from "./functions-host/schedule.ts";
import { runTimer } from "./functions-host/timer.ts";
import type { LogLine } from "./functions-host/worker.ts";
import { superviseWorker } from "./functions-host/supervisor.ts";

export interface FunctionsHostOptions {
  /** The folder of the packed app: package.json, host.json and what `main` names. */
  readonly appDir: string;
  /** App settings; the worker sees these only. Queue triggers take their connection string from here. */
  readonly env: Readonly<Record<string, string>>;
  readonly onLog?: (line: LogLine) => void;
  /** How long a received message is invisible, renewed while its function runs. The host's own: 10 minutes. */
  readonly invisibleMs?: number;
  readonly port?: number;
  /** App Service authentication before the HTTP functions; without it anybody may send any header. */
  readonly authentication?: Authentication;
  /** False: timers run only by `fireTimer`. */
  readonly timers?: boolean;
}

export interface FunctionsHost {
  /** `http://127.0.0.1:<port>`; the webhook is at `/runtime/webhooks/eventgrid?functionName=<name>`. */
  readonly url: string;
  readonly functions: readonly RegisteredFunction[];
  readonly loadMs: number;
  /** Runs a timer function now. Fails with the function's error. */
  fireTimer(name: string): Promise<void>;
  /** Ends the worker process as a crash would. Its invocations fail, and the host starts another worker. */
  killWorker(): Promise<void>;
  /** Takes no more messages, and resolves when nothing runs any more. */
  drain(): Promise<void>;
  /**
   * Ends everything at once, as a lost instance does: what ran is cut off, and its messages stay invisible until
   * their time is over. May be called twice.
   */
  close(): Promise<void>;
}

export async function startFunctionsHost(options: FunctionsHostOptions): Promise<FunctionsHost> {
  const { invisibleMs = 600_000, authentication } = options;
  const env = authentication === undefined ? options.env : { ...options.env, ...authenticationSettings };
  const onLog = options.onLog ?? (() => undefined);
  const settings = await readHostSettings(options.appDir);
  const say = (level: string, message: string) =>
    onLog({ level, category: "host", functionName: undefined, invocationId: undefined, message });

  const workers = await superviseWorker({ appDir: options.appDir, env, onLog }, say);
  const { functions, loadMs } = workers.first;

  async function run(
    name: string,
    input: TypedData,
    metadata: Readonly<Record<string, TypedData>> = {},
  ): Promise<HttpAnswer | undefined> {
    let expire: NodeJS.Timeout | undefined;
    say("information", `Executing '${name}'`);
    try {
      const worker = await workers.current();
      // The host cannot stop one invocation: it ends the worker, and everything else in it.
      expire = setTimeout(() => void worker.kill(), settings.functionTimeoutMs);
      return await worker.invoke(name, input, metadata);
    } catch (error) {
      say("error", `Executed '${name}' (Failed): ${error instanceof Error ? error.message : "unknown"}`);
      throw error;
    } finally {
      clearTimeout(expire);
    }
  }

  const resolve = (text: string) => text.replaceAll(/%([^%]+)%/g, (whole, key: string) => env[key] ?? whole);
  const ofType = (type: string) => functions.filter(({ trigger }) => trigger.type.toLowerCase() === type);

  const listeners = ofType("queuetrigger").map(({ name, trigger }) =>
    listen({
      connectionString: env[trigger.connection ?? "AzureWebJobsStorage"] ?? "",
      queueName: resolve(trigger.queueName ?? ""),
      settings: settings.queues,
      invisibleMs,
      run: async (input, metadata) => void (await run(name, input, metadata)),
      onProblem: (message) => say("warning", message),
    }),
  );

  const timers = ofType("timertrigger").map(({ name, trigger }) =>
    runTimer({
      name,
      next: parseSchedule(resolve(trigger.schedule ?? "")),
      automatic: options.timers ?? true,
      run: async (input) => void (await run(name, input)),
    }),
  );

  const webhook = eventGridEndpoint({
    has: (name) => ofType("eventgridtrigger").some((one) => one.name === name),
    run: async (name, json) => void (await run(name, { json })),
  });
  const http = httpEndpoint({ functions: ofType("httptrigger"), authentication, run });
  const server = createServer((request, response) => {
    const serve = request.url?.startsWith(httpPrefix) === true ? http : webhook;
    serve(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((done) => server.listen(options.port ?? 0, "127.0.0.1", done));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;

  return {
    url: `http://127.0.0.1:${port}`,
    functions,
    loadMs,
    fireTimer: async (name) => {
      const timer = timers.find((one) => one.name === name);
      if (timer === undefined) throw new Error(`No timer function ${name}.`);
      await timer.fire();
    },
    killWorker: () => workers.kill(),
    drain: async () => {
      for (const timer of timers) timer.stop();
      await Promise.all(listeners.map((listener) => listener.drain()));
    },
    close: async () => {
      for (const timer of timers) timer.stop();
      for (const listener of listeners) listener.abandon();
      await workers.stop();
      // After abandoning, this only waits for requests under way to be cut off.
      await Promise.all(listeners.map((listener) => listener.drain()));
      server.closeAllConnections();
      await new Promise<void>((done) => server.close(() => done()));
    },
  };
}
