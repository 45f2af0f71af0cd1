/** Stand-in for Event Grid: delivers each new version to the queue, base64 as Event Grid does (docs/facts.md). */

import { QueueClient } from "@azure/storage-queue";
import { newVersionEvent } from "../key-vault/events.ts";
import type { VaultStore } from "../key-vault/vault-store.ts";
import type { NewVersion } from "../key-vault/stored-version.ts";

export const deliveryMs = 200;

/** Makes the queue and delivers from now on, until the signal or the end that it answers with. `onDelivered` hears of each event that is on the queue. */
export async function deliverEvents(
  store: VaultStore,
  connectionString: string,
  queueName: string,
  onDelivered: (news: NewVersion, problem: boolean) => void,
  signal: AbortSignal,
): Promise<() => void> {
  const queue = new QueueClient(connectionString, queueName);
  await queue.createIfNotExists({ abortSignal: signal });
  const waiting = new Set<NodeJS.Timeout>();

  const deaf = store.onNewVersion((news) => {
    const timer = setTimeout(() => {
      waiting.delete(timer);
      const event = newVersionEvent(news.vault, news.name, news.version, "event-grid", news.type);
      const text = Buffer.from(JSON.stringify(event)).toString("base64");
      queue.sendMessage(text, { abortSignal: signal }).then(
        () => onDelivered(news, false),
        () => onDelivered(news, true),
      );
    }, deliveryMs);
    waiting.add(timer);
  });
  return () => {
    deaf();
    for (const timer of waiting) clearTimeout(timer);
  };
}
