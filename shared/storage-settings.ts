/**
 * How the app reaches the host's storage account, from the host's own settings
 * (https://learn.microsoft.com/azure/azure-functions/functions-reference#connecting-to-host-storage-with-an-identity),
 * so that triggers and our own client always speak to the same account.
 */

import { SecretValue } from "./core/secret-value.ts";
import { clientIdPattern } from "./core/names.ts";
import { serverUrlProblem } from "./core/endpoint.ts";
import type { ReadSetting, SettingProblem } from "./setting-problem.ts";

export type StorageSettings =
  /** The string holds the account's key. */
  | { readonly kind: "connection-string"; readonly connectionString: SecretValue }
  | {
      readonly kind: "identity";
      /** Service endpoints without a slash at the end. */
      readonly queueUrl: string;
      /** Undefined only where no history is kept. */
      readonly tableUrl: string | undefined;
      /** Of the user-assigned identity; undefined: the system-assigned one, or the developer's sign-in. */
      readonly clientId: string | undefined;
    };

const connection = "AzureWebJobsStorage";

/** Adds what is wrong to `problems`, and is undefined then. */
export function readStorage(
  read: ReadSetting,
  withTable: boolean,
  problems: SettingProblem[],
): StorageSettings | undefined {
  const connectionString = read(connection);
  if (connectionString !== "") return readConnectionString(connectionString, problems);

  const before = problems.length;
  const accountName = read(`${connection}__accountName`);
  if (accountName !== "" && !/^[a-z0-9]{3,24}$/.test(accountName)) {
    const mend = "Write the name alone: 3-24 lower-case letters and digits.";
    problems.push({ setting: `${connection}__accountName`, problem: "Not a storage account's name.", mend });
  }
  const queueUrl = serviceUrl("queue", read, problems);
  const tableUrl = serviceUrl("table", read, problems);
  const clientId = readClientId(read, problems);
  if (queueUrl === undefined) {
    const mend = `Set ${connection}__accountName, or ${connection}__queueServiceUri, or a connection string for local use.`;
    problems.push({ setting: connection, problem: "The storage account is not named.", mend });
  } else if (withTable && tableUrl === undefined) {
    const mend = "Set it, or set ROTATION_HISTORY_TABLE to nothing.";
    problems.push({ setting: `${connection}__tableServiceUri`, problem: "The history needs a table endpoint.", mend });
  }
  if (queueUrl === undefined || problems.length > before) return undefined;
  return { kind: "identity", queueUrl, tableUrl, clientId };
}

function readConnectionString(text: string, problems: SettingProblem[]): StorageSettings | undefined {
  if (/(?:^|;)\s*(?:UseDevelopmentStorage=true|AccountName=|QueueEndpoint=)/i.test(text)) {
    return { kind: "connection-string", connectionString: SecretValue.fromText(text) };
  }
  const mend = `Write UseDevelopmentStorage=true or AccountName=…, or remove it and set ${connection}__accountName.`;
  problems.push({ setting: connection, problem: "Not a connection string.", mend });
  return undefined;
}

function serviceUrl(service: "queue" | "table", read: ReadSetting, problems: SettingProblem[]): string | undefined {
  const setting = `${connection}__${service}ServiceUri`;
  const given = read(setting);
  const accountName = read(`${connection}__accountName`);
  if (given === "") return accountName === "" ? undefined : `https://${accountName}.${service}.core.windows.net`;
  const wrong = serverUrlProblem(given);
  if (wrong !== undefined) problems.push({ setting, ...wrong });
  return given.replace(/\/$/, "");
}

function readClientId(read: ReadSetting, problems: SettingProblem[]): string | undefined {
  const credential = read(`${connection}__credential`);
  const clientId = read(`${connection}__clientId`);
  if (credential !== "" && credential.toLowerCase() !== "managedidentity") {
    const mend = "Write managedidentity, or remove it.";
    problems.push({ setting: `${connection}__credential`, problem: "Not a kind of credential known here.", mend });
  }
  if (clientId === "") return undefined;
  if (!clientIdPattern.test(clientId)) {
    const mend = "Write the identity's client id, a UUID; not its name or ARM id.";
    problems.push({ setting: `${connection}__clientId`, problem: "Not a client id.", mend });
  }
  if (credential === "") {
    const mend = "Set it to managedidentity, or the host ignores the client id.";
    problems.push({ setting: `${connection}__credential`, problem: "A client id needs it.", mend });
  }
  return clientId;
}
