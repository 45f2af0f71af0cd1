/** `--keep`: everything stays up, and this is how to play with it. */

import { join } from "node:path";
import { clusterTokenFile, type House, signInFile } from "./house.ts";
import { secretName, vaultName } from "./lab-manifests.ts";
import type { Screen } from "./screen.ts";

/** Prints what to do, and resolves when somebody ends the demo. */
export async function keepUp(house: House, folder: string, screen: Screen, signal: AbortSignal): Promise<void> {
  const { paint } = screen;
  const token = `"Authorization: Bearer $(cat ${join(folder, "token")})"`;
  const map = join(folder, "rotation-map.yaml");
  // For one command each: left in a shell, the sign-in would be taken for Azure's own.
  const bridge = `env $(cat ${join(folder, signInFile)}) npx rotation-bridge`;
  const lines = [
    "",
    paint.bold("Everything stays up until ctrl-C. In another terminal, in this folder:"),
    "",
    "# a new version of a secret; the timeline goes on here",
    `curl -sX PUT "${house.vaultUrl}/secrets/color?api-version=7.6" -H ${token} -H "Content-Type: application/json" -d '{"value":"green"}'`,
    "",
    "# versions in the vault",
    `curl -s "${house.vaultUrl}/secrets/color/versions?api-version=7.6" -H ${token}`,
    "",
    `# the cluster's API: pods, the Secret ${secretName}, what each pod has mounted, the marker on the Deployment`,
    ...house.bridged.cluster.lookAround(join(folder, clusterTokenFile)),
    "",
    "# the command line: which pod runs which version, what a new version would touch, and whether anything is missing",
    `${bridge} status --map ${map}`,
    `${bridge} plan --secret ${vaultName}/color --map ${map}`,
    `${bridge} doctor --map ${map}`,
    "",
    "# the app's log, and its rotation map",
    `tail -f ${house.log.file}`,
    `cat ${map}`,
    "",
  ];
  for (const line of lines) screen.say(line);
  // A signal alone keeps no process alive.
  const alive = setInterval(() => undefined, 60_000);
  if (!signal.aborted) await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
  clearInterval(alive);
}
