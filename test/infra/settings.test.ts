/** What infra sets is what the app reads, and what infra names in the app exists there. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { test } from "node:test";
import { startWorker } from "../../local/functions-host/worker.ts";
import { readMessage } from "../../shared/core/secret-event.ts";
import { parseSettings, settingProblemText } from "../../shared/settings.ts";
import { settingsTable } from "../../shared/settings-table.ts";
import { packApp } from "../pack/packed-app.ts";

const read = (name: string): string => readFileSync(new URL(`../../infra/${name}`, import.meta.url), "utf8");
const app = read("function-app.bicep");
const main = read("main.bicep");
const events = read("events.bicep");

/** Name and expression of every app setting that infra sets. */
const set: ReadonlyMap<string, string> = new Map(
  [
    ...(/name: 'appsettings'\n {2}properties: \{\n([\s\S]*?)\n {2}\}\n/.exec(app)?.[1] ?? "").matchAll(
      /^ {4}(\w+): (.+)$/gm,
    ),
  ].map(([, name, value]) => [name ?? "", value ?? ""]),
);

/** Read by the Functions host alone. */
const hostOnly = [
  "AzureWebJobsStorage__blobServiceUri",
  "APPLICATIONINSIGHTS_CONNECTION_STRING",
  "APPLICATIONINSIGHTS_AUTHENTICATION_STRING",
];

/** Never set in Azure, with the reason. */
const leftOut: Readonly<Record<string, string>> = {
  AzureWebJobsStorage: "a connection string holds a key, and the account takes none",
  AzureWebJobsStorage__accountName: "the endpoints say the same, in every cloud",
};

test("infra sets every setting that the app reads, and no other", () => {
  const known = settingsTable.map(({ name }) => name).filter((name) => leftOut[name] === undefined);
  assert.deepEqual([...set.keys()].sort(), [...known, ...hostOnly].sort());
});

test("the defaults of infra are the app's own", () => {
  const parameters = new Map(
    [...main.matchAll(/@description\('(ROTATION_\w+)'\)\n(?:@.*\n)*param \w+ string = '(.*)'/g)].map(
      ([, name, value]) => [name, value],
    ),
  );
  const own = settingsTable.map(({ name }) => name).filter((name) => name.startsWith("ROTATION_"));
  assert.deepEqual(new Set(parameters.keys()), new Set(own));
  for (const { name, default: expected } of settingsTable) {
    // In Azure there is a table, so the history is kept.
    if (name === "ROTATION_HISTORY_TABLE") assert.notEqual(parameters.get(name), "");
    else if (name.startsWith("ROTATION_")) assert.equal(parameters.get(name), expected, name);
  }
});

test("the app takes an environment of exactly these names", () => {
  const clientId = "11111111-1111-1111-1111-111111111111";
  const values: Readonly<Record<string, string>> = {
    AzureWebJobsStorage__blobServiceUri: "https://stabc.blob.core.windows.net/",
    AzureWebJobsStorage__queueServiceUri: "https://stabc.queue.core.windows.net/",
    AzureWebJobsStorage__tableServiceUri: "https://stabc.table.core.windows.net/",
    AzureWebJobsStorage__credential: "managedidentity",
    AzureWebJobsStorage__clientId: clientId,
    AZURE_CLIENT_ID: clientId,
    ROTATION_MAP: "rotation-map.yaml",
    ROTATION_TIME_BUDGET: "4m",
    ROTATION_QUEUE: "rotations",
    ROTATION_HISTORY_TABLE: "rotationhistory",
    ROTATION_RECONCILE_SCHEDULE: "0 */15 * * * *",
    ROTATION_DEEP_EVERY: "6h",
    ROTATION_LOG_LEVEL: "info",
    ROTATION_HTTP: "entra",
    ROTATION_HTTP_TENANT: clientId,
    ROTATION_HTTP_READERS: "role:Bridge.Reader",
    ROTATION_HTTP_OPERATORS: clientId,
  };
  const parsed = parseSettings(Object.fromEntries([...set.keys()].map((name) => [name, values[name] ?? ""])));
  assert.ok(parsed.ok, parsed.ok ? "" : parsed.problems.map(settingProblemText).join("\n"));
  assert.deepEqual(parsed.settings.storage, {
    kind: "identity",
    queueUrl: "https://stabc.queue.core.windows.net",
    tableUrl: "https://stabc.table.core.windows.net",
    clientId,
  });
});

test("HTTP is off by default, and on only with App Service authentication that lets nobody past without a token", () => {
  assert.match(main, /@allowed\(\['', 'entra'\]\)\nparam http string = ''\n/);
  const [, condition, body = ""] =
    /resource authentication '[^']+' = if \((.+)\) \{\n {2}parent: app\n {2}name: 'authsettingsV2'([\s\S]*?)\n\}\n/.exec(
      app,
    ) ?? [];
  assert.equal(condition, "http == 'entra'");
  for (const line of ["requireAuthentication: true", "unauthenticatedClientAction: 'Return401'", "requireHttps: true"])
    assert.ok(body.includes(line), line);
  // The one way past it: the webhook of Event Grid, where a vault's events come by it.
  assert.deepEqual(body.match(/excludedPaths: .+/g), [
    "excludedPaths: eventsByFunction ? ['/runtime/webhooks/eventgrid'] : []",
  ]);
  assert.deepEqual(body.match(/'[^']*\/v2\.0'/g), [
    "'${az.environment().authentication.loginEndpoint}${httpTenant}/v2.0'",
  ]);
});

test("the functions that infra names are functions of the packed app, on the queues that infra makes", async () => {
  const appDir = await packApp();
  try {
    const worker = await startWorker({ appDir, env: {} });
    try {
      const functions = new Map(worker.functions.map(({ name, trigger }) => [name, trigger]));
      const ready = /name: 'function:(\w+)'/.exec(app)?.[1] ?? "";
      assert.equal(functions.get(ready)?.type, "queueTrigger");
      const pushed = /\/functions\/(\w+)'/.exec(events)?.[1] ?? "";
      assert.equal(functions.get(pushed)?.type, "eventGridTrigger");
      const queues = [...functions.values()].flatMap(({ queueName }) => queueName ?? []);
      const queue = /param queueName string = '(.+)'/.exec(main)?.[1] ?? "";
      assert.match(read("storage.bicep"), /name: '\$\{queueName\}-poison'/);
      assert.deepEqual(queues.sort(), [queue, `${queue}-poison`]);
    } finally {
      await worker.kill();
    }
  } finally {
    await rm(appDir, { recursive: true, force: true });
  }
});

test("the app runs on the Node that it is built and tested for", () => {
  const version = /name: 'node'\n\s+version: '(\d+)'/.exec(app)?.[1];
  assert.equal(version, process.versions.node.split(".")[0]);
  assert.match(
    readFileSync(new URL("../../build.ts", import.meta.url), "utf8"),
    new RegExp(`target: "node${version}"`),
  );
});

test("the event types that infra subscribes to are those that the app works on", () => {
  const types = [...events.matchAll(/'Microsoft\.KeyVault\.(\w+)'/g)].map(([, type]) => type ?? "");
  assert.deepEqual(types, ["SecretNewVersionCreated", "CertificateNewVersionCreated", "KeyNewVersionCreated"]);
  for (const type of types) {
    const objectType = type.replace("NewVersionCreated", "");
    const { events: read, ignored } = readMessage({
      id: "1",
      eventType: `Microsoft.KeyVault.${type}`,
      subject: "db-password",
      data: {
        Id: "",
        VaultName: "kv-shop",
        ObjectType: objectType,
        ObjectName: "db-password",
        Version: "a".repeat(32),
      },
    });
    assert.deepEqual([read.length, ignored], [1, []], type);
  }
});

test("the least that Azure is asked for stays the least", () => {
  assert.match(main, /param alwaysReady int = 1\n/);
  assert.match(main, /param maximumInstances int = 1\n/);
});
