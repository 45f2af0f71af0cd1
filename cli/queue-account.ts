/** The bridge's queue, as a command reaches it: the app's storage account with the caller's own sign-in. */

import { createCredential } from "../shared/adapters/credential.ts";
import type { StorageAccount } from "../shared/adapters/storage-account.ts";
import type { SettingProblem } from "../shared/setting-problem.ts";
import { settingProblemText } from "../shared/settings.ts";
import { readStorage } from "../shared/storage-settings.ts";
import type { Arguments } from "./arguments.ts";

export interface QueuePlace {
  readonly account: StorageAccount;
  readonly queueName: string;
  /** For sentences. */
  readonly called: string;
}

export type QueueAnswer =
  | ({ readonly ok: true } & QueuePlace)
  | { readonly ok: false; readonly problems: readonly string[] };

/** Options of the commands that reach the queue. */
export const queueTexts = ["storage", "queue"] as const;

/** Their help. */
export const queueHelp = `  --storage NAME        the app's storage account; you need Storage Queue Data Contributor on its queues.
                        Without it the app's own settings in the environment (AzureWebJobsStorage...)
  --queue NAME          the bridge's queue (default rotations)`;

const defaultQueue = "rotations";

export function queuePlace(
  { texts }: Arguments,
  env: Readonly<Record<string, string | undefined>> = process.env,
): QueueAnswer {
  const queueName = texts.get("queue") ?? env["ROTATION_QUEUE"] ?? defaultQueue;
  const problems = /^(?=.{3,56}$)[a-z0-9]+(?:-[a-z0-9]+)*$/.test(queueName) ? [] : ["--queue is not a queue's name."];
  const name = texts.get("storage");
  const from = name === undefined ? env : { AzureWebJobsStorage__accountName: name };
  const read = (setting: string) => new Map(Object.entries(from)).get(setting)?.trim() ?? "";
  if (name === undefined && !Object.keys(from).some((setting) => setting.startsWith("AzureWebJobsStorage")))
    return { ok: false, problems: [...problems, "Name the app's storage account with --storage."] };
  const found: SettingProblem[] = [];
  const storage = readStorage(read, false, found);
  if (storage === undefined || found.length > 0 || problems.length > 0)
    return { ok: false, problems: [...problems, ...found.map(settingProblemText)] };
  const called = name ?? (storage.kind === "identity" ? storage.queueUrl : "the account of AzureWebJobsStorage");
  const account: StorageAccount =
    storage.kind === "connection-string"
      ? { kind: "connection-string", connectionString: read("AzureWebJobsStorage") }
      : { kind: "identity", queueUrl: storage.queueUrl, tableUrl: undefined, credential: createCredential() };
  return { ok: true, account, queueName, called };
}
