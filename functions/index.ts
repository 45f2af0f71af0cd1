/**
 * Composition root: what the Functions host loads. Only registration happens here, so that an instance is ready in
 * milliseconds; settings, map, SDK clients and engine load at the first invocation (compose.ts).
 */

import { app } from "@azure/functions";
import type { App, Deps } from "./deps.ts";
import { keyVaultEvent } from "./key-vault-event.ts";
import { createLog } from "./log.ts";
import { reconcile } from "./reconcile.ts";
import { rotatePoison } from "./rotate-poison.ts";
import { rotate } from "./rotate.ts";

const log = createLog();
const deps: Deps = { log, app: untilItWorks(async () => (await import("./compose.ts")).compose(process.env, log)) };

/** The app setting (or prefix of settings, for an identity) that names the host's own storage account. */
const connection = "AzureWebJobsStorage";

/**
 * Seconds first (NCRONTAB, UTC). Read here rather than as `%ROTATION_RECONCILE_SCHEDULE%`: a binding expression has
 * no default, and a function whose expression does not resolve is not registered.
 */
const schedule = process.env["ROTATION_RECONCILE_SCHEDULE"] || "0 */15 * * * *";

app.storageQueue("rotate", { queueName: "rotations", connection, handler: rotate(deps) });
app.storageQueue("rotatePoison", { queueName: "rotations-poison", connection, handler: rotatePoison(deps) });
app.eventGrid("keyVaultEvent", { handler: keyVaultEvent(deps) });
app.timer("reconcile", { schedule, handler: reconcile(deps) });

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
