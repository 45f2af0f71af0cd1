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
  }),
});

export type RegisteredFunction = z.infer<typeof registeredFunction>;

/** A value as the host sends it: text that the worker parses if it is JSON, JSON, or a number. */
export type TypedData = { readonly string: string } | { readonly json: string } | { readonly int: number };

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
  z.object({ type: z.literal("done"), id: z.string(), error: z.string().optional() }),
]);

export type WorkerMessage = z.infer<typeof workerMessage>;

export function parseWorkerMessage(message: unknown): WorkerMessage {
  return workerMessage.parse(message);
}
