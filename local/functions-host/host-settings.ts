/** The numbers of host.json that the stand-in honours, with the host's own defaults. */

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";

/** `hh:mm:ss` or `hh:mm:ss.fff`, as milliseconds. */
const timeSpan = z
  .string()
  .regex(/^\d{1,2}:[0-5]\d:[0-5]\d(\.\d{1,7})?$/)
  .transform((text) => {
    const [hours = 0, minutes = 0, seconds = 0] = text.split(":").map(Number);
    return (hours * 3600 + minutes * 60 + seconds) * 1000;
  });

const queues = z.object({
  maxPollingInterval: timeSpan.default(60_000),
  visibilityTimeout: timeSpan.default(0),
  batchSize: z.int().min(1).max(32).default(16),
  newBatchThreshold: z.int().min(0).optional(),
  maxDequeueCount: z.int().min(1).default(5),
  messageEncoding: z.enum(["base64", "none"]).default("base64"),
});

const hostJson = z.object({
  version: z.literal("2.0"),
  functionTimeout: timeSpan.default(30 * 60_000),
  extensions: z.object({ queues: queues.prefault({}) }).prefault({}),
});

export interface QueueSettings {
  readonly maxPollingMs: number;
  /** How long a message stays invisible after its function failed. */
  readonly visibilityMs: number;
  readonly batchSize: number;
  readonly newBatchThreshold: number;
  readonly maxDequeueCount: number;
  readonly base64: boolean;
}

export interface HostSettings {
  readonly functionTimeoutMs: number;
  readonly queues: QueueSettings;
}

/** Reads host.json of an app's folder. Throws with the field's path when it is not valid. */
export async function readHostSettings(appDir: string): Promise<HostSettings> {
  const parsed = hostJson.safeParse(JSON.parse(await readFile(join(appDir, "host.json"), "utf8")));
  if (!parsed.success) throw new Error(`host.json: ${z.prettifyError(parsed.error)}`);
  const { functionTimeout, extensions } = parsed.data;
  const { batchSize, newBatchThreshold = Math.floor(batchSize / 2), maxDequeueCount } = extensions.queues;
  return {
    functionTimeoutMs: functionTimeout,
    queues: {
      maxPollingMs: extensions.queues.maxPollingInterval,
      visibilityMs: extensions.queues.visibilityTimeout,
      batchSize,
      newBatchThreshold,
      maxDequeueCount,
      base64: extensions.queues.messageEncoding === "base64",
    },
  };
}
