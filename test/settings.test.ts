import { test } from "node:test";
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { inspect } from "node:util";
import * as fc from "fast-check";
import { settingsTable } from "../shared/settings-table.ts";
import { parseSettings, settingProblemText, type Settings } from "../shared/settings.ts";

const clientId = "11111111-1111-1111-1111-111111111111";
const local = { AzureWebJobsStorage: "UseDevelopmentStorage=true" };
const byName = { AzureWebJobsStorage__accountName: "stshop" };

function settings(env: Readonly<Record<string, string>>): Settings {
  const result = parseSettings(env);
  assert.ok(result.ok, result.ok ? "" : result.problems.map(settingProblemText).join("\n"));
  return result.settings;
}

function problems(env: Readonly<Record<string, string>>): readonly string[] {
  const result = parseSettings(env);
  return result.ok ? [] : result.problems.map(settingProblemText);
}

test("everything but the storage account has a default", () => {
  assert.deepEqual(settings(byName), {
    rotationMap: "rotation-map.yaml",
    timeBudgetMs: 240_000,
    queueName: "rotations",
    historyTable: undefined,
    reconcileSchedule: "0 */15 * * * *",
    deepEveryMs: 21_600_000,
    logLevel: "info",
    storage: {
      kind: "identity",
      queueUrl: "https://stshop.queue.core.windows.net",
      tableUrl: "https://stshop.table.core.windows.net",
      clientId: undefined,
    },
    http: { kind: "off", missing: undefined },
    clientId: undefined,
  });
  assert.deepEqual(settings({ ...byName, ROTATION_TIME_BUDGET: "  ", AZURE_CLIENT_ID: "" }), settings(byName));
});

test("every setting can be given", () => {
  const given = settings({
    ROTATION_MAP: "/etc/map.yaml",
    ROTATION_TIME_BUDGET: "90s",
    ROTATION_QUEUE: "team-a",
    ROTATION_HISTORY_TABLE: "chains",
    ROTATION_RECONCILE_SCHEDULE: "0 0 6-18/2 * * Mon-Fri",
    ROTATION_DEEP_EVERY: "0s",
    ROTATION_LOG_LEVEL: "WARN",
    ROTATION_HTTP: "Entra",
    ROTATION_HTTP_TENANT: clientId,
    ROTATION_HTTP_READERS: "role:Reader",
    ROTATION_HTTP_OPERATORS: clientId.toUpperCase(),
    WEBSITE_AUTH_ENABLED: "True",
    AZURE_CLIENT_ID: clientId,
    AzureWebJobsStorage__queueServiceUri: "https://stshop.queue.core.chinacloudapi.cn/",
    AzureWebJobsStorage__tableServiceUri: "https://stshop.table.core.chinacloudapi.cn",
    AzureWebJobsStorage__credential: "managedidentity",
    AzureWebJobsStorage__clientId: clientId,
  });
  assert.deepEqual(given, {
    rotationMap: "/etc/map.yaml",
    timeBudgetMs: 90_000,
    queueName: "team-a",
    historyTable: "chains",
    reconcileSchedule: "0 0 6-18/2 * * Mon-Fri",
    deepEveryMs: 0,
    logLevel: "warn",
    storage: {
      kind: "identity",
      queueUrl: "https://stshop.queue.core.chinacloudapi.cn",
      tableUrl: "https://stshop.table.core.chinacloudapi.cn",
      clientId,
    },
    http: {
      kind: "entra",
      tenant: clientId,
      readers: { objectIds: new Set(), roles: new Set(["Reader"]) },
      operators: { objectIds: new Set([clientId]), roles: new Set() },
    },
    clientId,
  });
});

const http = { ...byName, ROTATION_HTTP: "entra", ROTATION_HTTP_TENANT: clientId, ROTATION_HTTP_READERS: clientId };
const development = { ...byName, ROTATION_HTTP: "local", AZURE_FUNCTIONS_ENVIRONMENT: "Development" };

test("HTTP is off by default, and stays off where App Service authentication does not say who calls", () => {
  assert.deepEqual(settings(byName).http, { kind: "off", missing: undefined });
  assert.deepEqual(settings({ ...byName, ROTATION_HTTP: "off" }).http, { kind: "off", missing: undefined });
  for (const enabled of ["", "false", "False", "0", "yes"]) {
    const read = settings({ ...http, WEBSITE_AUTH_ENABLED: enabled });
    assert.deepEqual(read.http, { kind: "off", missing: "authentication" }, enabled);
  }
  // The host reads the word as .NET does, in any case: https://github.com/Azure/azure-functions-host, IsEasyAuthEnabled.
  for (const enabled of ["True", "true"])
    assert.equal(settings({ ...http, WEBSITE_AUTH_ENABLED: enabled }).http.kind, "entra");
});

test("function keys are for one's own machine: the app does not start with them in Azure", () => {
  assert.equal(settings(development).http.kind, "local");
  const inAzure = /^ROTATION_HTTP: Function keys are for your own machine, and this is Azure: .* Write entra and turn/;
  for (const mark of ["WEBSITE_INSTANCE_ID", "WEBSITE_SKU", "CONTAINER_NAME", "LEGION_SERVICE_HOST"]) {
    const [problem, ...more] = problems({ ...development, [mark]: "x" });
    assert.match(problem ?? "", inAzure, mark);
    assert.deepEqual(more, []);
  }
  assert.match(
    problems({ ...byName, ROTATION_HTTP: "local" })[0] ?? "",
    /^ROTATION_HTTP: .* Start it with `func start`/,
  );
});

test("a caller that is not one, a tenant that is not one, or nobody at all is a problem", () => {
  const nobody = { ROTATION_HTTP_READERS: "", ROTATION_HTTP_OPERATORS: " , " };
  for (const [change, start] of [
    [{ ROTATION_HTTP: "key" }, "ROTATION_HTTP: Not a way to be called. "],
    [{ ROTATION_HTTP_TENANT: "contoso.com" }, "ROTATION_HTTP_TENANT: Not a tenant's id. "],
    [{ ROTATION_HTTP_TENANT: "" }, "ROTATION_HTTP_TENANT: Not a tenant's id. "],
    [{ ROTATION_HTTP_READERS: "someone@contoso.com" }, "ROTATION_HTTP_READERS: Not a list of callers. "],
    [{ ROTATION_HTTP_OPERATORS: `${clientId} role:` }, "ROTATION_HTTP_OPERATORS: Not a list of callers. "],
    [{ ROTATION_HTTP_OPERATORS: "*" }, "ROTATION_HTTP_OPERATORS: Not a list of callers. "],
    [nobody, "ROTATION_HTTP_OPERATORS: Nobody may call, and HTTP is on. "],
  ] as const) {
    const found = problems({ ...http, WEBSITE_AUTH_ENABLED: "true", ...change });
    assert.equal(found.length, 1, found.join("\n"));
    assert.ok(found[0]?.startsWith(start), found.join("\n"));
  }
});

test("a connection string is never printed", () => {
  const key = "c2VjcmV0LWtleQ";
  const read = settings({ AzureWebJobsStorage: `DefaultEndpointsProtocol=https;AccountName=st;AccountKey=${key}==` });
  assert.equal(read.storage.kind, "connection-string");
  assert.ok(!`${inspect(read, { depth: 9 })}${JSON.stringify(read)}`.includes(key));
  assert.ok(
    !problems({ AzureWebJobsStorage: `AccountKey=${key}` })
      .join()
      .includes(key),
  );
});

test("says all problems at once, each with its setting and its mend", () => {
  assert.deepEqual(
    problems({
      ROTATION_MAP: "vaults:\n- name: a",
      ROTATION_TIME_BUDGET: "20m",
      ROTATION_TIMEBUDGET: "1m",
      ROTATION_QUEUE: "Rotations",
      ROTATION_HISTORY_TABLE: "my-table",
      ROTATION_RECONCILE_SCHEDULE: "*/15 * * * *",
      ROTATION_DEEP_EVERY: "5m",
      ROTATION_LOG_LEVEL: "verbose",
      AZURE_CLIENT_ID: "my-identity",
      AzureWebJobsStorage__queueServiceUri: "http://stshop.queue.core.windows.net",
      AzureWebJobsStorage__clientId: "x",
    }),
    [
      "ROTATION_TIMEBUDGET: Unknown setting. Did you mean ROTATION_TIME_BUDGET?",
      "ROTATION_MAP: Not a path. Write the path of the file, not its text.",
      "ROTATION_TIME_BUDGET: Not a duration from 10s to 9m. Write a number and a unit, like 4m; it must end before the function's time-out of 10 minutes.",
      "ROTATION_QUEUE: Not a queue's name. Use 3-56 lower-case letters, digits and single hyphens.",
      "ROTATION_HISTORY_TABLE: Not a table's name. Use 3-63 letters and digits, a letter first.",
      "ROTATION_RECONCILE_SCHEDULE: Not an NCRONTAB expression of six fields. Write second, minute, hour, day, month and weekday, like 0 */15 * * * *.",
      "ROTATION_DEEP_EVERY: Not a duration from 15m to 168h, and not 0s. Write a number and a unit, like 6h; 0s makes the timer look at everything every time.",
      "ROTATION_LOG_LEVEL: Not a level. Write one of info, warn, error.",
      "AZURE_CLIENT_ID: Not a client id. Write the identity's client id, a UUID; not its name or ARM id.",
      "AzureWebJobsStorage__queueServiceUri: The URL is not https. Use https; plain http is for loopback hosts only.",
      "AzureWebJobsStorage__clientId: Not a client id. Write the identity's client id, a UUID; not its name or ARM id.",
      "AzureWebJobsStorage__credential: A client id needs it. Set it to managedidentity, or the host ignores the client id.",
      "AzureWebJobsStorage__tableServiceUri: The history needs a table endpoint. Set it, or set ROTATION_HISTORY_TABLE to nothing.",
    ],
  );
});

test("a storage account that is not named, or wrongly, is a problem", () => {
  for (const [env, setting] of [
    [{}, "AzureWebJobsStorage:"],
    [{ AzureWebJobsStorage: "nonsense" }, "AzureWebJobsStorage:"],
    [{ AzureWebJobsStorage__accountName: "https://stshop" }, "AzureWebJobsStorage__accountName:"],
    [{ AzureWebJobsStorage__queueServiceUri: "stshop" }, "AzureWebJobsStorage__queueServiceUri:"],
    [{ ...byName, AzureWebJobsStorage__credential: "workload" }, "AzureWebJobsStorage__credential:"],
  ] as const) {
    const found = problems(env);
    assert.equal(found.length, 1, found.join("\n"));
    assert.ok(found[0]?.startsWith(setting), found.join("\n"));
  }
});

test("whatever the environment holds, parsing does not throw", () => {
  const names = fc.constantFrom(...settingsTable.map((entry) => entry.name));
  const values = fc.oneof(fc.string(), fc.webUrl(), fc.constantFrom("1m", clientId, "managedidentity"));
  fc.assert(fc.property(fc.dictionary(names, values), (env) => typeof parseSettings(env).ok === "boolean"));
});

test("the sample for local use holds known settings and is right", () => {
  const file = new URL("../local.settings.sample.json", import.meta.url);
  const sample: unknown = JSON.parse(readFileSync(file, "utf8"));
  assert.ok(typeof sample === "object" && sample !== null && "Values" in sample);
  const values = new Map(Object.entries(sample.Values ?? {}).map(([name, value]) => [name, String(value)]));
  assert.deepEqual(problems(Object.fromEntries(values)), []);
  const known = new Set(settingsTable.map((entry) => entry.name).concat("FUNCTIONS_WORKER_RUNTIME"));
  for (const name of values.keys()) assert.ok(known.has(name), name);
});

test("every setting of the table says what it means, once", () => {
  assert.equal(new Set(settingsTable.map((entry) => entry.name)).size, settingsTable.length);
  for (const entry of settingsTable) assert.match(entry.meaning, /\.$|below\.$/);
  assert.equal(settings({ ...local }).storage.kind, "connection-string");
});
