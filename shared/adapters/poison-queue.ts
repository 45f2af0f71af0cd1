/**
 * The queue of what was given up (`rotations-poison`), for `rotation-bridge replay`. Message texts are the base64 that
 * Event Grid and the bridge write, or whatever a stranger put there. Everything throws a RemoteProblem when it fails.
 */

import { QueueClient } from "@azure/storage-queue";
import type { StorageAccount } from "./storage-account.ts";
import { statusOf, storageProblem } from "./storage-problem.ts";

export interface GivenUp {
  readonly id: string;
  /** As it lies there. */
  readonly text: string;
  /** Milliseconds since 1970. */
  readonly since: number;
}

/** Hidden from others for five minutes, unless it is released. */
export interface TakenMessage extends GivenUp {
  readonly receipt: string;
}

export interface PoisonQueue {
  /** The first 32, which is all that can be seen without taking them, and about how many there are. */
  peek(): Promise<{ readonly messages: readonly GivenUp[]; readonly about: number }>;
  /** Up to 32 that nobody has taken. Empty: no more. */
  take(): Promise<readonly TakenMessage[]>;
  /** Shows it to others again. */
  release(message: TakenMessage): Promise<void>;
  remove(message: TakenMessage): Promise<void>;
}

const mostAtOnce = 32;
const hiddenSeconds = 300;
const timeoutMs = 15_000;

/** `queueName`: of the queue that messages are given up from. */
export function createPoisonQueue(account: StorageAccount, queueName: string): PoisonQueue {
  const name = `${queueName}-poison`;
  const client =
    account.kind === "connection-string"
      ? new QueueClient(account.connectionString, name)
      : new QueueClient(`${account.queueUrl.replace(/\/+$/, "")}/${name}`, account.credential);

  async function call<T>(what: string, work: (abortSignal: AbortSignal) => Promise<T>): Promise<T> {
    try {
      return await work(AbortSignal.timeout(timeoutMs));
    } catch (error) {
      throw storageProblem(error, `${what} queue ${name}`);
    }
  }

  /** The host makes the queue when it first gives something up. */
  async function orNothing<T>(work: Promise<T>, nothing: T): Promise<T> {
    return work.catch((error: unknown) => {
      if (statusOf(error) === 404) return nothing;
      throw error;
    });
  }

  return {
    peek: () =>
      call("read", async (abortSignal) => {
        const [peeked, properties] = await Promise.all([
          orNothing(
            client
              .peekMessages({ numberOfMessages: mostAtOnce, abortSignal })
              .then(({ peekedMessageItems }) => peekedMessageItems),
            [],
          ),
          orNothing(
            client.getProperties({ abortSignal }).then(({ approximateMessagesCount = 0 }) => approximateMessagesCount),
            0,
          ),
        ]);
        const messages = peeked.map(({ messageId, messageText, insertedOn }) => ({
          id: messageId,
          text: messageText,
          since: insertedOn.getTime(),
        }));
        return { messages, about: Math.max(properties, messages.length) };
      }),
    take: () =>
      call("take from", async (abortSignal) => {
        const received = await orNothing(
          client
            .receiveMessages({ numberOfMessages: mostAtOnce, visibilityTimeout: hiddenSeconds, abortSignal })
            .then(({ receivedMessageItems }) => receivedMessageItems),
          [],
        );
        return received.map(({ messageId, messageText, insertedOn, popReceipt }) => ({
          id: messageId,
          text: messageText,
          since: insertedOn.getTime(),
          receipt: popReceipt,
        }));
      }),
    release: ({ id, receipt, text }) =>
      call("put back on", async (abortSignal) => {
        await client.updateMessage(id, receipt, text, 0, { abortSignal });
      }),
    remove: ({ id, receipt }) =>
      call("delete from", async (abortSignal) => {
        await client.deleteMessage(id, receipt, { abortSignal });
      }),
  };
}
