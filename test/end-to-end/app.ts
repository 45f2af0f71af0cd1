/** One deployment of the packed app on a stage: its own queue and map, its host, and everything that it says. */

import assert from "node:assert/strict";
import { cp, mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { QueueClient } from "@azure/storage-queue";
import type { Authentication } from "../../local/functions-host/app-service-authentication.ts";
import type { LogLine } from "../../local/functions-host/worker.ts";
import { type FunctionsHost, startFunctionsHost } from "../../local/functions-host.ts";
import type { Azurite } from "../../local/azurite.ts";
import type { IdentityEndpoint } from "../../local/identity.ts";

/** What apps stand on: storage, an identity endpoint, and the packed app itself. */
export interface Ground {
  readonly azurite: Azurite;
  /** What apps get: Azurite's own, or one by way of a front. */
  readonly connectionString: string;
  readonly identity: IdentityEndpoint;
  /** The packed app, beside it maps and token files. */
  readonly appDir: string;
}

export interface AppOptions {
  /** Names its queue and its map: lower case letters, digits and dashes. */
  readonly name: string;
  /** The rotation map's text. */
  readonly map: string;
  readonly env?: Readonly<Record<string, string>>;
  /** host.json's `visibilityTimeout`, where a test must not wait for the app's own. */
  readonly failedAgainAfter?: string;
  readonly authentication?: Authentication;
}

export interface App {
  readonly queue: QueueClient;
  readonly poison: QueueClient;
  /** Everything that the host was told or said, oldest first. */
  readonly lines: readonly LogLine[];
  /** The host of now; `restart` puts another in its place. */
  host(): FunctionsHost;
  /** Puts an event on the queue as Event Grid does: one JSON object, in base64. */
  deliver(event: object): Promise<void>;
  /** Posts events to the webhook as Event Grid does. */
  post(...events: readonly object[]): Promise<Response>;
  /** What the app logged, as JSON objects. */
  said(event: string): readonly Said[];
  /** The last outcome said of a class, as `refused(no-rbac)`; undefined where none was. `*`: of the whole target. */
  outcome(target: string, className: string): string | undefined;
  /** The timer's pass, to its end: the timer itself only puts a message on the queue. */
  timer(): Promise<void>;
  until(what: string, holds: () => boolean | Promise<boolean>, atMostMs?: number): Promise<void>;
  /** The instance is lost, and a new one starts. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

export type Said = Readonly<Record<string, unknown>>;

export async function startApp(ground: Ground, options: AppOptions): Promise<App> {
  const { name } = options;
  const queue = new QueueClient(ground.azurite.connectionString, name);
  const poison = new QueueClient(ground.azurite.connectionString, `${name}-poison`);
  await queue.createIfNotExists();
  const map = join(ground.appDir, `${name}.yaml`);
  await writeFile(map, options.map);
  const appDir = await folderOf(ground, options);
  const lines: LogLine[] = [];
  const sayings: Said[] = [];
  const hear = (line: LogLine) => {
    lines.push(line);
    sayings.push(...jsonOf(line));
  };
  const env = {
    AzureWebJobsStorage: ground.connectionString,
    ROTATION_MAP: map,
    ROTATION_QUEUE: name,
    ROTATION_HISTORY_TABLE: `history${name.replaceAll("-", "")}`,
    ...ground.identity.environment,
    ...options.env,
  };
  const { authentication } = options;
  const before = authentication === undefined ? {} : { authentication };
  const start = () => startFunctionsHost({ appDir, env, timers: false, onLog: hear, ...before });
  let host = await start();

  const said = (event: string) => sayings.filter((line) => line["event"] === event);

  const app: App = {
    queue,
    poison,
    lines,
    host: () => host,
    deliver: async (event) => {
      await queue.sendMessage(Buffer.from(JSON.stringify(event)).toString("base64"));
    },
    post: (...events) =>
      fetch(`${host.url}/runtime/webhooks/eventgrid?functionName=keyVaultEvent`, {
        method: "POST",
        headers: { "aeg-event-type": "Notification" },
        body: JSON.stringify(events.length === 1 && "specversion" in (events[0] ?? {}) ? events[0] : events),
      }),
    said,
    outcome: (target, className) => {
      const last = said("outcome").findLast(
        (line) => line["target"] === target && (line["class"] ?? "*") === className,
      );
      if (last === undefined) return undefined;
      const { outcome, reason } = last;
      return typeof reason === "string" ? `${String(outcome)}(${reason})` : String(outcome);
    },
    timer: async () => {
      const before = said("reconciled").length;
      await host.fireTimer("reconcile");
      await app.until("the end of the timer's pass", () => said("reconciled").length > before, 300_000);
    },
    until: async (what, holds, atMostMs = 90_000) => {
      const end = Date.now() + atMostMs;
      while (!(await holds())) {
        const told = lines.filter((line) => line.category !== "console").map((line) => line.message);
        if (Date.now() > end) assert.fail(`Never came: ${what}\n${told.slice(-40).join("\n")}`);
        await sleep(50);
      }
    },
    restart: async () => {
      await host.close();
      host = await start();
    },
    close: () => host.close(),
  };
  return app;
}

function jsonOf(line: LogLine): readonly Said[] {
  if (line.category !== "user") return [];
  const parsed: unknown = JSON.parse(line.message);
  return typeof parsed === "object" && parsed !== null ? [{ ...parsed }] : [];
}

/** The packed app itself, or a folder beside it that differs in host.json only. */
async function folderOf(ground: Ground, { name, failedAgainAfter }: AppOptions): Promise<string> {
  if (failedAgainAfter === undefined) return ground.appDir;
  const folder = join(ground.appDir, `app-${name}`);
  await mkdir(folder);
  await symlink(join(ground.appDir, "dist"), join(folder, "dist"));
  await cp(join(ground.appDir, "package.json"), join(folder, "package.json"));
  const host = await readFile(join(ground.appDir, "host.json"), "utf8");
  const changed = host.replace(/"visibilityTimeout": "[^"]*"/, `"visibilityTimeout": "${failedAgainAfter}"`);
  assert.notEqual(changed, host);
  await writeFile(join(folder, "host.json"), changed);
  return folder;
}
