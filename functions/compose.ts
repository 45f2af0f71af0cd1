/** Settings -> map -> adapters -> bridge. Loaded at the first invocation; see index.ts. */

import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { createCredential } from "../shared/adapters/credential.ts";
import { checkEnvelope } from "../shared/adapters/event-grid.ts";
import { systemsFromMap } from "../shared/adapters/from-map.ts";
import type { StorageAccount } from "../shared/adapters/storage-account.ts";
import { createWorkQueue } from "../shared/adapters/storage-queue.ts";
import { createHistory } from "../shared/adapters/table-history.ts";
import { createBridge } from "../shared/create-bridge.ts";
import { encodeMessage } from "../shared/core/parse-message.ts";
import { mapProblemText, parseRotationMap } from "../shared/core/rotation-map.ts";
import type { RotationMap } from "../shared/core/rotation-map/map-types.ts";
import { readMessage } from "../shared/core/secret-event.ts";
import { createMemoryHistory } from "../shared/memory-history.ts";
import type { Log } from "../shared/ports.ts";
import { parseSettings, settingProblemText, type Settings } from "../shared/settings.ts";
import type { StorageSettings } from "../shared/storage-settings.ts";
import { systemClock } from "./clock.ts";
import { type App, ConfigurationProblem } from "./deps.ts";
import { createHttpWork } from "./http-work.ts";

/** Makes the app from its environment. Throws {@link ConfigurationProblem} with all that is wrong. */
export async function compose(env: Readonly<Record<string, string | undefined>>, log: Log): Promise<App> {
  const settings = settingsOf(env);
  if (settings.http.kind === "off" && settings.http.missing !== undefined) log.warn("http-off", { about: httpOff });
  const mapFile = resolve(appFolder, settings.rotationMap);
  const map = await mapOf(mapFile, settings.rotationMap);
  const { clientId, timeBudgetMs, deepEveryMs, queueName, historyTable: tableName } = settings;
  const { vault, clusters } = systemsFromMap({ map, folder: dirname(mapFile), clientId, clock: systemClock, log });
  const account = accountOf(settings.storage);
  const queue = orProblem(() => createWorkQueue({ account, queueName, encode: encodeMessage }));
  const history =
    tableName === undefined ? createMemoryHistory() : orProblem(() => createHistory({ account, tableName, log }));
  return {
    bridge: createBridge({ map, clusters, vault, queue, history, clock: systemClock, log, timeBudgetMs, deepEveryMs }),
    readMessage,
    checkEnvelope,
    enqueue: (body) => queue.sendRaw(body),
    http: createHttpWork({ map, clusters, vault, queue, clock: systemClock }),
  };
}

const httpOff =
  "ROTATION_HTTP says entra and App Service authentication is off, so no HTTP function exists. Turn it on: docs/install.md.";

/** Where package.json is: this file is in functions/, and once bundled in dist/. */
const appFolder = fileURLToPath(new URL("..", import.meta.url));

function settingsOf(env: Readonly<Record<string, string | undefined>>): Settings {
  const parsed = parseSettings(env);
  if (!parsed.ok) throw new ConfigurationProblem(parsed.problems.map(settingProblemText));
  return parsed.settings;
}

async function mapOf(path: string, shownAs: string): Promise<RotationMap> {
  const text = await readFile(path, "utf8").catch(() => {
    throw new ConfigurationProblem([
      `ROTATION_MAP: The file ${shownAs} can't be read. It must be deployed with the app, or the path be absolute.`,
    ]);
  });
  const parsed = parseRotationMap(text, shownAs);
  if (!parsed.ok) throw new ConfigurationProblem(parsed.problems.map(mapProblemText));
  return parsed.map;
}

function accountOf(storage: StorageSettings): StorageAccount {
  if (storage.kind === "connection-string") {
    return { kind: "connection-string", connectionString: new TextDecoder().decode(storage.connectionString.reveal()) };
  }
  const { queueUrl, tableUrl, clientId } = storage;
  return {
    kind: "identity",
    queueUrl,
    tableUrl,
    credential: createCredential(clientId === undefined ? {} : { clientId }),
  };
}

/** The storage clients read a connection string when they are made; their error may quote it, so only ours is shown. */
function orProblem<T>(make: () => T): T {
  try {
    return make();
  } catch {
    throw new ConfigurationProblem(["AzureWebJobsStorage: Not a connection string that the storage client can read."]);
  }
}
