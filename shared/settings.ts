/**
 * The app's settings: environment in, settings or all problems out. What the settings mean for vaults, clusters and
 * namespaces stands in the rotation map; here is only what the app needs before it can read that.
 */

import { parseDuration } from "./core/duration.ts";
import { didYouMean } from "./core/did-you-mean.ts";
import { clientIdPattern } from "./core/names.ts";
import { printable } from "./core/printable.ts";
import type { ReadSetting, SettingProblem } from "./setting-problem.ts";
import { type HttpSettings, readHttp } from "./http-settings.ts";
import { settingsTable } from "./settings-table.ts";
import { readStorage, type StorageSettings } from "./storage-settings.ts";

export interface Settings {
  /** Path of the map; a relative one is meant from the folder that holds package.json. */
  readonly rotationMap: string;
  readonly timeBudgetMs: number;
  readonly queueName: string;
  /** Name of the table that keeps the newest chain of each target; undefined: no history is kept. */
  readonly historyTable: string | undefined;
  /** NCRONTAB with seconds, in UTC. */
  readonly reconcileSchedule: string;
  /** From one deep look at a target to the next; 0: every pass of the timer looks at everything. */
  readonly deepEveryMs: number;
  readonly logLevel: LogLevel;
  readonly storage: StorageSettings;
  readonly http: HttpSettings;
  /** Client id of the app's user-assigned identity; undefined: the system-assigned one, or the developer's sign-in. */
  readonly clientId: string | undefined;
}

export type LogLevel = "info" | "warn" | "error";

export type ParsedSettings =
  | { readonly ok: true; readonly settings: Settings }
  | { readonly ok: false; readonly problems: readonly SettingProblem[] };

/** In: `process.env` or the like. Values are trimmed, and an empty one counts as absent. */
export function parseSettings(env: Readonly<Record<string, string | undefined>>): ParsedSettings {
  const problems: SettingProblem[] = unknownSettings(env);
  const read: ReadSetting = (name) => {
    const given = env[name]?.trim() ?? "";
    return given === "" ? (defaults.get(name) ?? "") : given;
  };
  const check = (setting: string, valid: boolean, problem: string, mend: string): void => {
    if (!valid) problems.push({ setting, problem, mend });
  };

  const rotationMap = read("ROTATION_MAP");
  const oneLine = !/\p{Cc}/u.test(rotationMap) && rotationMap.length <= 1024;
  check("ROTATION_MAP", oneLine, "Not a path.", "Write the path of the file, not its text.");

  const timeBudgetMs = parseDuration(read("ROTATION_TIME_BUDGET"));
  const within = timeBudgetMs !== undefined && timeBudgetMs >= 10_000 && timeBudgetMs <= 540_000;
  check(
    "ROTATION_TIME_BUDGET",
    within,
    "Not a duration from 10s to 9m.",
    "Write a number and a unit, like 4m; it must end before the function's time-out of 10 minutes.",
  );

  const queueName = read("ROTATION_QUEUE");
  check(
    "ROTATION_QUEUE",
    // 63 characters are allowed, and the host adds "-poison".
    /^(?=.{3,56}$)[a-z0-9]+(?:-[a-z0-9]+)*$/.test(queueName),
    "Not a queue's name.",
    "Use 3-56 lower-case letters, digits and single hyphens.",
  );

  const historyTable = read("ROTATION_HISTORY_TABLE");
  const table = historyTable === "" || /^[A-Za-z][A-Za-z0-9]{2,62}$/.test(historyTable);
  check("ROTATION_HISTORY_TABLE", table, "Not a table's name.", "Use 3-63 letters and digits, a letter first.");

  const reconcileSchedule = read("ROTATION_RECONCILE_SCHEDULE");
  check(
    "ROTATION_RECONCILE_SCHEDULE",
    /^[0-9*,/-]+(?:\s+[0-9A-Za-z*,/-]+){5}$/.test(reconcileSchedule),
    "Not an NCRONTAB expression of six fields.",
    "Write second, minute, hour, day, month and weekday, like 0 */15 * * * *.",
  );

  const deepEveryMs = parseDuration(read("ROTATION_DEEP_EVERY"));
  const seldom =
    deepEveryMs !== undefined && (deepEveryMs === 0 || (deepEveryMs >= 900_000 && deepEveryMs <= 604_800_000));
  check(
    "ROTATION_DEEP_EVERY",
    seldom,
    "Not a duration from 15m to 168h, and not 0s.",
    "Write a number and a unit, like 6h; 0s makes the timer look at everything every time.",
  );

  const logLevel = logLevels.find((level) => level === read("ROTATION_LOG_LEVEL").toLowerCase());
  check("ROTATION_LOG_LEVEL", logLevel !== undefined, "Not a level.", `Write one of ${logLevels.join(", ")}.`);

  const clientId = read("AZURE_CLIENT_ID");
  check(
    "AZURE_CLIENT_ID",
    clientId === "" || clientIdPattern.test(clientId),
    "Not a client id.",
    "Write the identity's client id, a UUID; not its name or ARM id.",
  );

  const http = readHttp(read, problems);
  const storage = readStorage(read, historyTable !== "", problems);
  if (
    problems.length > 0 ||
    storage === undefined ||
    timeBudgetMs === undefined ||
    deepEveryMs === undefined ||
    logLevel === undefined
  ) {
    return { ok: false, problems };
  }
  const settings: Settings = {
    rotationMap,
    timeBudgetMs,
    queueName,
    historyTable: historyTable === "" ? undefined : historyTable,
    reconcileSchedule,
    deepEveryMs,
    logLevel,
    storage,
    http,
    clientId: clientId === "" ? undefined : clientId,
  };
  return { ok: true, settings };
}

/** One line for a log. */
export function settingProblemText({ setting, problem, mend }: SettingProblem): string {
  return `${setting}: ${problem} ${mend}`;
}

const logLevels: readonly LogLevel[] = ["info", "warn", "error"];
const defaults: ReadonlyMap<string, string> = new Map(settingsTable.map((entry) => [entry.name, entry.default]));

/** A mistyped name would silently leave a default in force. Only our own prefix is ours to judge. */
function unknownSettings(env: Readonly<Record<string, string | undefined>>): SettingProblem[] {
  const own = [...defaults.keys()].filter((name) => name.startsWith("ROTATION_"));
  return Object.keys(env)
    .filter((name) => name.startsWith("ROTATION_") && !defaults.has(name))
    .map((name) => {
      const near = didYouMean(name, own);
      const mend = near === undefined ? `Known are ${own.join(", ")}.` : `Did you mean ${near}?`;
      return { setting: printable(name), problem: "Unknown setting.", mend };
    });
}
