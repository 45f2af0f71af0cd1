/**
 * History in a table of the app's storage account: one row per target with its newest chain, and one for a target whose
 * restarts have met old bytes.
 */

import { TableClient, type TableEntity, type TableServiceClientOptions } from "@azure/data-tables";
import { parseByHand } from "../core/by-hand.ts";
import { encodeScope, parseReverted, parseScope } from "../core/parse-message.ts";
import type { Target } from "../core/target.ts";
import { targetKey } from "../core/target.ts";
import type { History, Log } from "../ports.ts";
import type { StorageAccount } from "./storage-account.ts";
import { statusOf, storageProblem } from "./storage-problem.ts";

export interface TableHistoryOptions {
  readonly account: StorageAccount;
  readonly tableName: string;
  readonly log: Log;
  /** Time for one read or write: little, because the work goes on without the answer. */
  readonly timeoutMs?: number;
}

/**
 * A History that never fails: what can't be read is unknown, what can't be written is lost, and both leave a line in
 * the log. The table is made at the first write that misses it.
 */
export function createHistory(options: TableHistoryOptions): History {
  const { tableName, log, timeoutMs = 3_000 } = options;
  const client = tableClient(options.account, tableName);

  function report(error: unknown, what: string, target: Target): void {
    const problem = storageProblem(error, `${what} table ${tableName}`);
    log.warn("history-unavailable", { target: targetKey(target), kind: problem.kind, message: problem.message });
  }

  async function upsert(row: TableEntity<Readonly<Record<string, unknown>>>, abortSignal: AbortSignal): Promise<void> {
    const write = () => client.upsertEntity(row, "Replace", { abortSignal });
    await write().catch(async (error: unknown) => {
      if (statusOf(error) !== 404) throw error;
      await client.createTable({ abortSignal });
      await write();
    });
  }

  return {
    chain: async (target) => {
      try {
        const row = await client.getEntity(tableKey(target.cluster), tableKey(target.namespace), {
          abortSignal: AbortSignal.timeout(timeoutMs),
        });
        const { chain, scope, byHand } = row;
        if (typeof chain !== "string" || typeof scope !== "string") return undefined;
        const parsed = parseScope(scope);
        if (parsed === undefined) return undefined;
        const word = typeof byHand === "string" ? parseByHand(byHand) : undefined;
        return word === undefined ? { chain, scope: parsed } : { chain, scope: parsed, byHand: word };
      } catch (error) {
        if (statusOf(error) !== 404) report(error, "read from", target);
        return undefined;
      }
    },
    keepChain: async (target, { chain, scope, byHand }) => {
      const row = {
        partitionKey: tableKey(target.cluster),
        rowKey: tableKey(target.namespace),
        chain,
        scope: encodeScope(scope),
        byHand: byHand === undefined ? "" : JSON.stringify(byHand),
      };
      const abortSignal = AbortSignal.timeout(timeoutMs);
      await upsert(row, abortSignal).catch((error: unknown) => report(error, "write to", target));
    },
    endChain: async (target, chain) => {
      const abortSignal = AbortSignal.timeout(timeoutMs);
      const [partitionKey, rowKey] = [tableKey(target.cluster), tableKey(target.namespace)];
      try {
        const row = await client.getEntity(partitionKey, rowKey, { abortSignal });
        // Only our own row, and only as read: a newer chain that came meanwhile stays.
        if (row["chain"] === chain) await client.deleteEntity(partitionKey, rowKey, { etag: row.etag, abortSignal });
      } catch (error) {
        const status = statusOf(error);
        if (status !== 404 && status !== 412) report(error, "delete from", target);
      }
    },
    reverted: async (target) => {
      try {
        const row = await client.getEntity(tableKey(target.cluster), revertedKey(target), {
          abortSignal: AbortSignal.timeout(timeoutMs),
        });
        return revertedIn(row);
      } catch (error) {
        if (statusOf(error) !== 404) report(error, "read from", target);
        return [];
      }
    },
    keepReverted: async (target, restarts) => {
      const partitionKey = tableKey(target.cluster);
      const abortSignal = AbortSignal.timeout(timeoutMs);
      await upsert(
        { partitionKey, rowKey: revertedKey(target), restarts: JSON.stringify(restarts) },
        abortSignal,
      ).catch((error: unknown) => report(error, "write to", target));
    },
  };
}

/** Table keys may not hold `/ \ # ?` and control characters; `%` makes trouble in URLs. `_` escapes them, and itself. */
function tableKey(name: string): string {
  return name.replaceAll(/[^A-Za-z0-9.-]/gu, (char) => `_${char.codePointAt(0)?.toString(16)}_`);
}

/** No name of a namespace ends like this: between `_` stand only hexadecimal digits. */
function revertedKey(target: Target): string {
  return `${tableKey(target.namespace)}_reverted_`;
}

function revertedIn(row: Readonly<Record<string, unknown>>): readonly string[] {
  const { restarts } = row;
  return typeof restarts === "string" ? (parseReverted(restarts) ?? []) : [];
}

function tableClient(account: StorageAccount, tableName: string): TableClient {
  if (account.kind === "identity") {
    if (account.tableUrl === undefined) throw new Error("The history needs a table endpoint.");
    return new TableClient(account.tableUrl, tableName, account.credential, clientOptions);
  }
  return TableClient.fromConnectionString(account.connectionString, tableName, {
    ...clientOptions,
    allowInsecureConnection: isLoopback(account.connectionString),
  });
}

/** The SDK refuses plain HTTP unless told otherwise; Azurite speaks it, on this machine only. */
function isLoopback(connectionString: string): boolean {
  return /UseDevelopmentStorage=true|TableEndpoint=http:\/\/127\.0\.0\.1[:/]/i.test(connectionString);
}

const clientOptions: TableServiceClientOptions = { retryOptions: { maxRetries: 1, retryDelayInMs: 200 } };
