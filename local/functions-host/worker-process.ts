/**
 * The Functions Node worker's part: loads the app's entry point, tells the host what it registered, and runs
 * invocations. Runs as a child process, so that it can be killed; see worker.ts. Argument: the app's folder.
 */

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { pathToFileURL } from "node:url";
import * as z from "zod";
import { type Binding, type CoreModule, installCoreModule, type Registered } from "./core-module.ts";
import type { HttpAnswer, InvokeRequest, TypedData, WorkerMessage } from "./protocol.ts";

const appDir = process.argv[2] ?? "";

function tell(message: WorkerMessage): void {
  // Without a channel the host is gone, and with it whoever would listen.
  if (process.connected) process.send?.(message);
}

const core = installCoreModule((level, category, message) => tell({ type: "log", level, category, message }));

process.on("disconnect", () => process.exit(0));
process.on("message", (message) => {
  if (isInvokeRequest(message)) void invoke(core, message);
});

await load();

async function load(): Promise<void> {
  try {
    const packageJson: unknown = JSON.parse(await readFile(join(appDir, "package.json"), "utf8"));
    const entry = pathToFileURL(join(appDir, mainOf(packageJson))).href;
    const before = performance.now();
    await import(entry);
    const loadMs = performance.now() - before;
    await core.runHooks("appStart");
    tell({ type: "loaded", loadMs, functions: [...core.functions.values()].map(describe) });
  } catch (error) {
    tell({ type: "broken", message: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  }
}

async function invoke(core: CoreModule, request: InvokeRequest): Promise<void> {
  const { id, name } = request;
  try {
    const registered = core.functions.get(name);
    if (registered === undefined) throw new Error(`No function ${name}.`);
    const invocation = core.model().getInvocationModel({
      invocationId: id,
      metadata: registered.metadata,
      request: {
        inputData: [{ name: triggerOf(registered).name, data: asSent(request.input) }],
        triggerMetadata: request.triggerMetadata,
      },
      log: (level, category, message) => tell({ type: "log", id, name, level, category, message }),
    });
    const { context, inputs } = await invocation.getArguments();
    const result = await invocation.invokeFunction(context, inputs, registered.handler);
    const http = httpOf(await invocation.getResponse(context, result));
    tell({ type: "done", id, ...(http === undefined ? {} : { http }) });
  } catch (error) {
    tell({ type: "done", id, error: error instanceof Error ? error.message : String(error) });
  }
}

/** Between host and worker a body is bytes; over the child's channel it is base64. */
function asSent(input: TypedData): unknown {
  if (!("http" in input)) return input;
  const { body, ...rest } = input.http;
  return { http: { ...rest, body: { bytes: Buffer.from(body, "base64") } } };
}

function httpOf(response: unknown): HttpAnswer | undefined {
  const parsed = httpResponse.safeParse(response);
  if (!parsed.success) return undefined;
  const { statusCode, headers, body } = parsed.data.returnValue.http;
  return { statusCode: Number(statusCode), headers, body: Buffer.from(body?.bytes ?? []).toString("base64") };
}

/** What `@azure/functions` hands the worker of an HTTP function's answer (toRpcHttp). */
const httpResponse = z.object({
  returnValue: z.object({
    http: z.object({
      statusCode: z.string(),
      headers: z.record(z.string(), z.string()),
      body: z.object({ bytes: z.instanceof(Uint8Array) }).nullish(),
    }),
  }),
});

function describe(registered: Registered): Extract<WorkerMessage, { type: "loaded" }>["functions"][number] {
  const { name, binding } = triggerOf(registered);
  const text = (field: string) => (typeof binding[field] === "string" ? { [field]: binding[field] } : {});
  return {
    name: registered.metadata.name,
    trigger: {
      name,
      type: binding.type,
      ...text("queueName"),
      ...text("connection"),
      ...text("schedule"),
      ...(binding["runOnStartup"] === true ? { runOnStartup: true } : {}),
      ...text("route"),
      ...text("authLevel"),
      ...(Array.isArray(binding["methods"]) ? { methods: binding["methods"].map(String) } : {}),
    },
  };
}

function triggerOf(registered: Registered): { readonly name: string; readonly binding: Binding } {
  for (const [name, binding] of Object.entries(registered.metadata.bindings)) {
    if (/trigger$/i.test(binding.type)) return { name, binding };
  }
  throw new Error(`Function ${registered.metadata.name} has no trigger.`);
}

function mainOf(packageJson: unknown): string {
  if (typeof packageJson === "object" && packageJson !== null && "main" in packageJson) {
    if (typeof packageJson.main === "string") return packageJson.main;
  }
  throw new Error("package.json names no entry point in `main`.");
}

function isInvokeRequest(message: unknown): message is InvokeRequest {
  return typeof message === "object" && message !== null && "type" in message && message.type === "invoke";
}
