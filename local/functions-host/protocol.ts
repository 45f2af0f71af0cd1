/** What host and worker say to each other. The real ones speak gRPC; here it is JSON over the child's channel. */

import * as z from "zod";

const registeredFunction = z.object({
  name: z.string(),
  /** The trigger's binding as registered, `properties` left out. */
  trigger: z.object({
    name: z.string(),
    type: z.string(),
    queueName: z.string().optional(),
    connection: z.string().optional(),
    schedule: z.string().optional(),
    runOnStartup: z.boolean().optional(),
    route: z.string().optional(),
    methods: z.array(z.string()).optional(),
    authLevel: z.string().optional(),
  }),
});

export type RegisteredFunction = z.infer<typeof registeredFunction>;

/** A value as the host sends it: text that the worker parses if it is JSON, JSON, a number, or an HTTP request. */
export type TypedData =
  | { readonly string: string }
  | { readonly json: string }
  | { readonly int: number }
  | { readonly http: HttpCall };

export interface HttpCall {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  /** Base64. */
  readonly body: string;
}

/** What an HTTP function answered. */
const httpAnswer = z.object({
  statusCode: z.number(),
  headers: z.record(z.string(), z.string()),
  /** Base64. */
  body: z.string(),
});

export type HttpAnswer = z.infer<typeof httpAnswer>;

export interface InvokeRequest {
  readonly type: "invoke";
  readonly id: string;
  readonly name: string;
  readonly input: TypedData;
  readonly triggerMetadata: Readonly<Record<string, TypedData>>;
}

const workerMessage = z.discriminatedUnion("type", [
  z.object({ type: z.literal("loaded"), loadMs: z.number(), functions: z.array(registeredFunction) }),
  /** The entry point threw or does not exist. The real worker warns and goes on with no functions (docs/facts.md). */
  z.object({ type: z.literal("broken"), message: z.string() }),
  z.object({
    type: z.literal("log"),
    id: z.string().optional(),
    name: z.string().optional(),
    level: z.string(),
    category: z.string(),
    message: z.string(),
  }),
  z.object({
    type: z.literal("done"),
    id: z.string(),
    error: z.string().optional(),
    http: httpAnswer.optional(),
  }),
]);

export type WorkerMessage = z.infer<typeof workerMessage>;

export function parseWorkerMessage(message: unknown): WorkerMessage {
  return workerMessage.parse(message);
}
