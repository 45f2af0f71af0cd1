/**
 * Whether the HTTP functions exist, and who may call them. Read once for the registration, before anything heavy is
 * loaded, and once with all other settings.
 */

import { type Callers, parseCallers } from "./core/http-caller.ts";
import { clientIdPattern } from "./core/names.ts";
import type { ReadSetting, SettingProblem } from "./setting-problem.ts";

export type HttpSettings =
  /** No route is registered. `missing`: it was asked for, and what it rests on is not there. */
  | { readonly kind: "off"; readonly missing: "authentication" | undefined }
  /** Function keys, which the local host asks for or not; never in Azure. */
  | { readonly kind: "local" }
  /** App Service authentication tells who calls; only these may. Operators may do what readers may. */
  | { readonly kind: "entra"; readonly tenant: string; readonly readers: Callers; readonly operators: Callers };

/** Adds what is wrong to `problems`, and is `off` then: a mistake opens no door. */
export function readHttp(read: ReadSetting, problems: SettingProblem[]): HttpSettings {
  switch (read("ROTATION_HTTP").toLowerCase()) {
    case "":
    case "off":
      return { kind: "off", missing: undefined };
    case "local":
      return readLocal(read, problems);
    case "entra":
      return readEntra(read, problems);
    default: {
      const mend = "Write entra, or local on your own machine, or nothing.";
      problems.push({ setting: "ROTATION_HTTP", problem: "Not a way to be called.", mend });
      return off;
    }
  }
}

const off: HttpSettings = { kind: "off", missing: undefined };

/**
 * What the platform sets wherever it runs an app, and core tools do not (azure-functions-host,
 * EnvironmentExtensions.cs). Nobody needs to set one of them by hand.
 */
const hostedMarks = ["WEBSITE_INSTANCE_ID", "WEBSITE_SKU", "CONTAINER_NAME", "LEGION_SERVICE_HOST"] as const;

/** Both must speak for it: no mark of Azure, and the word of the local host, so that a new kind of plan fails closed. */
function readLocal(read: ReadSetting, problems: SettingProblem[]): HttpSettings {
  const hosted = hostedMarks.some((name) => read(name) !== "");
  const development = read("AZURE_FUNCTIONS_ENVIRONMENT").toLowerCase() === "development";
  if (!hosted && development) return { kind: "local" };
  const problem = hosted
    ? "Function keys are for your own machine, and this is Azure: a leaked key must not restart production."
    : "Function keys are for your own machine, and the host does not say that this is one.";
  const mend = hosted
    ? "Write entra and turn App Service authentication on (docs/install.md), or write nothing."
    : "Start it with `func start`, which sets AZURE_FUNCTIONS_ENVIRONMENT to Development, or write entra or nothing.";
  problems.push({ setting: "ROTATION_HTTP", problem, mend });
  return off;
}

function readEntra(read: ReadSetting, problems: SettingProblem[]): HttpSettings {
  const before = problems.length;
  const tenant = read("ROTATION_HTTP_TENANT").toLowerCase();
  if (!clientIdPattern.test(tenant)) {
    const mend = "Write the id of the tenant that callers sign in to, a UUID; not its domain.";
    problems.push({ setting: "ROTATION_HTTP_TENANT", problem: "Not a tenant's id.", mend });
  }
  const readers = readCallers("ROTATION_HTTP_READERS", read, problems);
  const operators = readCallers("ROTATION_HTTP_OPERATORS", read, problems);
  if (problems.length > before) return off;
  if (isEmpty(readers) && isEmpty(operators)) {
    const mend = "Write who may call, or set ROTATION_HTTP to nothing.";
    problems.push({ setting: "ROTATION_HTTP_OPERATORS", problem: "Nobody may call, and HTTP is on.", mend });
    return off;
  }
  // Without it anybody can send the header that says who calls. Rotation itself needs none of this, so it goes on.
  if (read("WEBSITE_AUTH_ENABLED").toLowerCase() !== "true") return { kind: "off", missing: "authentication" };
  return { kind: "entra", tenant, readers, operators };
}

function readCallers(setting: string, read: ReadSetting, problems: SettingProblem[]): Callers {
  const callers = parseCallers(read(setting));
  if (callers !== undefined) return callers;
  const mend = "Write object ids (UUIDs) and app roles as role:NAME, with spaces between them.";
  problems.push({ setting, problem: "Not a list of callers.", mend });
  return noCallers;
}

const noCallers: Callers = { objectIds: new Set(), roles: new Set() };

function isEmpty(callers: Callers): boolean {
  return callers.objectIds.size === 0 && callers.roles.size === 0;
}
