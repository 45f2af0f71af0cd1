/** The queue `rotations` in a storage account. */

import { QueueClient, type StoragePipelineOptions } from "@azure/storage-queue";
import type { TargetMessage } from "../core/message.ts";
import { RemoteProblem } from "../core/remote-problem.ts";
import type { WorkQueue } from "../ports.ts";
import type { StorageAccount } from "./storage-account.ts";
import { statusOf, storageProblem } from "./storage-problem.ts";

export interface StorageQueue extends WorkQueue {
  /** Puts a value as it is (an Event Grid delivery) on the queue, visible at once. */
  sendRaw(body: unknown): Promise<void>;
}

export interface StorageQueueOptions {
  readonly account: StorageAccount;
  readonly queueName: string;
  /** Text of one of our own messages. */
  readonly encode: (message: TargetMessage) => string;
  /** Time for one send, all tries and the making of the queue included. */
  readonly timeoutMs?: number;
}

/**
 * A queue that makes itself at the first 404. Bodies are base64, which Event Grid writes and the Functions queue
 * trigger reads by default (host.json `messageEncoding`). A send that was tried again may arrive twice: a later run
 * finds nothing to do. Throws RemoteProblem; a delay outside 0 s to 7 days is a RangeError.
 */
export function createWorkQueue(options: StorageQueueOptions): StorageQueue {
  const { queueName, timeoutMs = 15_000 } = options;
  const client = queueClient(options.account, queueName);

  async function put(text: string, visibilityTimeout: number): Promise<void> {
    const body = Buffer.from(text, "utf8").toString("base64");
    if (body.length > largestBody) {
      throw new RemoteProblem("rejected", `A message for queue ${queueName} is larger than 64 KB.`, 413);
    }
    const abortSignal = AbortSignal.timeout(timeoutMs);
    const send = () =>
      client.sendMessage(body, {
        visibilityTimeout,
        messageTimeToLive: visibilityTimeout + keptSeconds,
        abortSignal,
      });
    try {
      await send().catch(async (error: unknown) => {
        if (statusOf(error) !== 404) throw error;
        await client.createIfNotExists({ abortSignal });
        await send();
      });
    } catch (error) {
      throw storageProblem(error, `send to queue ${queueName}`);
    }
  }

  return {
    send: async (message, delayMs) => put(options.encode(message), wholeSeconds(delayMs)),
    sendRaw: async (body) => put(JSON.stringify(body), 0),
  };
}

/** A message may have 64 KiB of text, counted after base64. */
const largestBody = 65_536;

/** Both the longest delay and the time that a message is kept once it is visible. */
const keptSeconds = 7 * 24 * 3600;

/** The service refuses fractions and more than seven days; Azurite accepts both, so the check is ours. */
function wholeSeconds(delayMs: number): number {
  const seconds = Math.ceil(delayMs / 1000);
  if (!(seconds >= 0 && seconds <= keptSeconds)) {
    throw new RangeError(`A delay of ${delayMs} ms is not between 0 and 7 days.`);
  }
  return seconds;
}

function queueClient(account: StorageAccount, queueName: string): QueueClient {
  if (account.kind === "connection-string") return new QueueClient(account.connectionString, queueName, pipeline);
  return new QueueClient(`${account.queueUrl.replace(/\/+$/, "")}/${queueName}`, account.credential, pipeline);
}

/** Tries: at once, at once again, after 0.5 s, after 1.5 s (the SDK's exponential rule). */
const pipeline: StoragePipelineOptions = {
  retryOptions: { maxTries: 4, retryDelayInMs: 500, maxRetryDelayInMs: 2000 },
};
