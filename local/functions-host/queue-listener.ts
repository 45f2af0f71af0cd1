/**
 * The habits of the Functions host's queue listener, as read in azure-sdk-for-net
 * (Microsoft.Azure.WebJobs.Extensions.Storage.Queues: QueueListener, QueueProcessor):
 * a received message is invisible for 10 minutes and renewed at half time; success deletes it; a failure makes it
 * visible again after `visibilityTimeout`; the failure number `maxDequeueCount` moves it to `<queue>-poison`; a poison
 * queue has no poison queue, so there a failed message just stays invisible; a lost instance releases nothing.
 */

import { setTimeout as sleep } from "node:timers/promises";
import { type DequeuedMessageItem, QueueClient } from "@azure/storage-queue";
import type { QueueSettings } from "./host-settings.ts";
import type { TypedData } from "./protocol.ts";

export interface QueueListenerOptions {
  readonly connectionString: string;
  readonly queueName: string;
  readonly settings: QueueSettings;
  /** How long a received message is invisible; the host's 10 minutes unless a test needs less. */
  readonly invisibleMs: number;
  /** Runs the function; fails when it fails. */
  readonly run: (input: TypedData, triggerMetadata: Readonly<Record<string, TypedData>>) => Promise<void>;
  readonly onProblem: (message: string) => void;
}

export interface QueueListener {
  /** Takes no more messages; what runs goes on. Resolves when nothing runs any more. */
  drain(): Promise<void>;
  /** Takes no more messages and lets go of what runs: nothing is deleted or released any more. */
  abandon(): void;
}

const shortestPollMs = 100;
const poisonSuffix = "-poison";

export function listen(options: QueueListenerOptions): QueueListener {
  const { queueName, settings, invisibleMs } = options;
  const queue = new QueueClient(options.connectionString, queueName);
  const poison = queueName.endsWith(poisonSuffix)
    ? undefined
    : new QueueClient(options.connectionString, queueName + poisonSuffix);
  const stopping = new AbortController();
  const abandoned = new AbortController();
  const processing = new Set<Promise<void>>();

  const polling = poll();

  async function poll(): Promise<void> {
    let waitMs = shortestPollMs;
    while (!stopping.signal.aborted) {
      const batch = await receive();
      for (const message of batch) {
        const work = processMessage(message).finally(() => processing.delete(work));
        processing.add(work);
      }
      if (batch.length > 0) {
        waitMs = shortestPollMs;
        while (processing.size > settings.newBatchThreshold && !stopping.signal.aborted) {
          await Promise.race([...processing, aborted(stopping.signal)]);
        }
      } else {
        await sleep(Math.min(waitMs, settings.maxPollingMs), undefined, { signal: stopping.signal }).catch(
          () => undefined,
        );
        waitMs = Math.min(waitMs * 2, settings.maxPollingMs);
      }
    }
  }

  async function receive(): Promise<readonly DequeuedMessageItem[]> {
    try {
      const answer = await queue.receiveMessages({
        numberOfMessages: settings.batchSize,
        visibilityTimeout: Math.ceil(invisibleMs / 1000),
        abortSignal: stopping.signal,
      });
      return answer.receivedMessageItems;
    } catch (error) {
      // A queue that nobody has made yet is an empty queue.
      if (!stopping.signal.aborted && !isMissing(error)) options.onProblem(`Queue ${queueName} could not be read.`);
      return [];
    }
  }

  async function processMessage(message: DequeuedMessageItem): Promise<void> {
    let { popReceipt } = message;
    const renewal = new AbortController();
    const renewing = keepInvisible();
    let failed: boolean;
    try {
      const text = settings.base64 ? decode(message.messageText) : message.messageText;
      // Its instances were lost each time: it is given up without another try.
      const spent = message.dequeueCount > settings.maxDequeueCount;
      if (text === undefined || spent) await moveToPoison();
      else await options.run({ string: text }, metadata(message));
      failed = false;
    } catch {
      failed = true;
    }
    renewal.abort();
    await renewing;
    if (abandoned.signal.aborted) return;
    const untilAbandoned = { abortSignal: abandoned.signal };
    try {
      if (!failed) await queue.deleteMessage(message.messageId, popReceipt, untilAbandoned);
      else if (poison === undefined) return;
      else if (message.dequeueCount >= settings.maxDequeueCount) {
        await moveToPoison();
        await queue.deleteMessage(message.messageId, popReceipt, untilAbandoned);
      } else {
        const seconds = Math.ceil(settings.visibilityMs / 1000);
        await queue.updateMessage(message.messageId, popReceipt, message.messageText, seconds, untilAbandoned);
      }
    } catch {
      if (!abandoned.signal.aborted) options.onProblem(`A message of queue ${queueName} could not be completed.`);
    }

    async function moveToPoison(): Promise<void> {
      if (poison === undefined) return;
      await poison.createIfNotExists({ abortSignal: abandoned.signal });
      await poison.sendMessage(message.messageText, { abortSignal: abandoned.signal });
    }

    async function keepInvisible(): Promise<void> {
      const signal = AbortSignal.any([renewal.signal, abandoned.signal]);
      while (!signal.aborted) {
        await sleep(invisibleMs / 2, undefined, { signal }).catch(() => undefined);
        if (signal.aborted) return;
        const seconds = Math.ceil(invisibleMs / 1000);
        const renewed = await queue
          .updateMessage(message.messageId, popReceipt, message.messageText, seconds, { abortSignal: signal })
          .catch(() => undefined);
        popReceipt = renewed?.popReceipt ?? popReceipt;
      }
    }
  }

  return {
    drain: async () => {
      stopping.abort();
      await polling;
      await Promise.all(processing);
    },
    abandon: () => {
      abandoned.abort();
      stopping.abort();
    },
  };
}

function metadata(message: DequeuedMessageItem): Readonly<Record<string, TypedData>> {
  return {
    Id: { string: message.messageId },
    DequeueCount: { string: String(message.dequeueCount) },
    PopReceipt: { string: JSON.stringify(message.popReceipt) },
    InsertionTime: { string: JSON.stringify(message.insertedOn) },
    ExpirationTime: { string: JSON.stringify(message.expiresOn) },
    NextVisibleTime: { string: JSON.stringify(message.nextVisibleOn) },
  };
}

/** Undefined for what is not base64; the host moves such a message to the poison queue. */
function decode(text: string): string | undefined {
  const bytes = Buffer.from(text, "base64");
  return bytes.toString("base64") === text ? bytes.toString("utf8") : undefined;
}

function isMissing(error: unknown): boolean {
  return typeof error === "object" && error !== null && "statusCode" in error && error.statusCode === 404;
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
