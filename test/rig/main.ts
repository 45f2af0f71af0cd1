/** `npm run rig -- --driver 1.6.1 --rotation off --nodes 2`: the rig for a person, until ctrl-C. */

import { parseArgs } from "node:util";
import { realClock } from "../../local/clock.ts";
import { startKeyVault } from "../../local/key-vault/http-server.ts";
import { VaultStore } from "../../local/key-vault/vault-store.ts";
import { driverVersions } from "./go-build.ts";
import { startRig } from "./rig.ts";
import { watchOver } from "./watch-over.ts";

const { values } = parseArgs({
  options: {
    driver: { type: "string", default: "1.6.1" },
    rotation: { type: "string", default: "off" },
    nodes: { type: "string", default: "2" },
    vault: { type: "string", default: "kv-secret-lab" },
    "poll-interval": { type: "string", default: "2m" },
  },
});
const driver = driverVersions.find((version) => version === values.driver);
const nodes = Number(values.nodes);
const rotation = values.rotation === "on" ? "on" : "off";
if (driver === undefined || !["on", "off"].includes(values.rotation) || !(nodes >= 1 && nodes <= 9)) {
  console.error(`--driver ${driverVersions.join("|")} --rotation on|off --nodes 1..9 --vault NAME --poll-interval 2m`);
  process.exit(2);
}

const stopping = new AbortController();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => stopping.abort());
const stopped = new Promise<void>((resolve) => stopping.signal.addEventListener("abort", () => resolve()));
const keyVault = await startKeyVault({ store: new VaultStore({ clock: realClock() }), vault: values.vault });
let up = false;
try {
  const rig = await startRig({
    driver,
    rotation,
    nodes,
    pollInterval: values["poll-interval"],
    vaults: { [values.vault]: keyVault.url },
    progress: console.log,
    signal: stopping.signal,
  });
  up = true;
  let died: Error | undefined;
  const relieve = watchOver(rig, (why) => {
    died = why;
    stopping.abort();
  });
  console.log(`
export KUBECONFIG=${rig.kubeconfigs.admin}

Vault ${values.vault}: curl -X PUT -H 'Authorization: Bearer me' -d '{"value":"blue"}' '${keyVault.url}/secrets/NAME?api-version=7.4'
Container starts: ${rig.folder}/node*/records.jsonl. Logs: ${rig.folder}/*.log.
Ctrl-C ends it and removes everything.`);
  await stopped;
  relieve();
  console.log("Stopping.");
  await rig.stop();
  if (died !== undefined) throw died;
} catch (error) {
  // Ctrl-C ends our child processes too, and the news of that may be faster than the signal.
  await new Promise((resolve) => setTimeout(resolve, 100));
  const interrupted = stopping.signal.aborted && !up;
  if (!interrupted) console.error(error instanceof Error ? error.message : error);
  process.exitCode = interrupted ? 130 : 1;
} finally {
  await keyVault.close();
}
