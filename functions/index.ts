/**
 * Composition root: what the Functions host loads. Only registration happens here, so that an instance is ready in
 * milliseconds; settings, map, SDK clients and engine load after it (compose.ts).
 */

import { app } from "@azure/functions";
import type { App, Deps } from "./deps.ts";
import { httpFunction, httpRoutes } from "./http.ts";
import { keyVaultEvent } from "./key-vault-event.ts";
import { createLog } from "./log.ts";
import { reconcile } from "./reconcile.ts";
import { rotatePoison } from "./rotate-poison.ts";
import { rotate } from "./rotate.ts";
import { readHttp } from "../shared/http-settings.ts";
import { settingsTable } from "../shared/settings-table.ts";

const log = createLog(setting("ROTATION_LOG_LEVEL").toLowerCase());
const deps: Deps = { log, app: untilItWorks(async () => (await import("./compose.ts")).compose(process.env, log)) };

/** The app setting (or prefix of settings, for an identity) that names the host's own storage account. */
const connection = "AzureWebJobsStorage";
const queueName = setting("ROTATION_QUEUE");
/** A value rather than `%ROTATION_RECONCILE_SCHEDULE%`: a binding expression has no default. */
const schedule = setting("ROTATION_RECONCILE_SCHEDULE");

app.storageQueue("rotate", { queueName, connection, handler: rotate(deps) });
app.storageQueue("rotatePoison", { queueName: `${queueName}-poison`, connection, handler: rotatePoison(deps) });
app.eventGrid("keyVaultEvent", { handler: keyVaultEvent(deps) });
app.timer("reconcile", { schedule, handler: reconcile(deps) });

// Off is the default, and what is wrong is off: then no route exists.
const http = readHttp(setting, []);
if (http.kind !== "off") {
  const authLevel = http.kind === "local" ? "function" : "anonymous";
  for (const one of httpRoutes) {
    const { name, route, method } = one;
    app.http(name, { route, methods: [method], authLevel, handler: httpFunction(deps, http, one) });
  }
}

// An instance that is kept ready loads the rest before its first event. What is wrong, each invocation says.
app.hook.appStart(() => {
  deps.app().catch(() => undefined);
});

/** A setting or its default, unchecked: parseSettings checks all of them at the first invocation, and says what is wrong. */
function setting(name: string): string {
  const given = process.env[name]?.trim() ?? "";
  return given === "" ? (settingsTable.find((entry) => entry.name === name)?.default ?? "") : given;
}

/** Makes once, shares it, and tries again after a failure. */
function untilItWorks(make: () => Promise<App>): () => Promise<App> {
  let made: Promise<App> | undefined;
  return () => {
    made ??= make().catch((error: unknown) => {
      made = undefined;
      throw error;
    });
    return made;
  };
}
