/** `--keep`: everything stays up, and this is how to play with it. */

import { join } from "node:path";
import type { House } from "./house.ts";
import { className, deploymentName, namespace, secretName } from "./lab-manifests.ts";
import type { Screen } from "./screen.ts";

/** Prints what to do, and resolves when somebody ends the demo. */
export async function keepUp(house: House, folder: string, screen: Screen, signal: AbortSignal): Promise<void> {
  const { paint } = screen;
  const token = `"Authorization: Bearer $(cat ${join(folder, "token")})"`;
  const core = `${house.apiUrl}/api/v1/namespaces/${namespace}`;
  const classes = `${house.apiUrl}/apis/secrets-store.csi.x-k8s.io/v1/namespaces/${namespace}`;
  const lines = [
    "",
    paint.bold("Everything stays up until ctrl-C. In another terminal:"),
    "",
    "# a new version of a secret; the timeline goes on here",
    `curl -sX PUT "${house.vaultUrl}/secrets/color?api-version=7.6" -H ${token} -H "Content-Type: application/json" -d '{"value":"green"}'`,
    "",
    "# versions in the vault",
    `curl -s "${house.vaultUrl}/secrets/color/versions?api-version=7.6" -H ${token}`,
    "",
    `# the cluster's API: pods, the Secret ${secretName}, what each pod has mounted, the marker on the Deployment`,
    `curl -s ${core}/pods -H ${token}`,
    `curl -s ${core}/secrets/${secretName} -H ${token}`,
    `curl -s ${classes}/secretproviderclasspodstatuses -H ${token}`,
    `curl -s ${classes}/secretproviderclasses/${className} -H ${token}`,
    `curl -s ${house.apiUrl}/apis/apps/v1/namespaces/${namespace}/deployments/${deploymentName} -H ${token}`,
    "",
    "# the app's log, and its rotation map",
    `tail -f ${house.log.file}`,
    `cat ${join(folder, "rotation-map.yaml")}`,
    "",
  ];
  for (const line of lines) screen.say(line);
  // A signal alone keeps no process alive.
  const alive = setInterval(() => undefined, 60_000);
  if (!signal.aborted) await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
  clearInterval(alive);
}
