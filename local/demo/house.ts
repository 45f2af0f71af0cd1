/** Everything that stands in for Azure and AKS, wired as the product is wired in Azure, all on 127.0.0.1. */

import { randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { startAzurite } from "../azurite.ts";
import { realClock } from "../clock.ts";
import { startFunctionsHost } from "../functions-host.ts";
import { startIdentityEndpoint } from "../identity.ts";
import type { VaultStore } from "../key-vault/vault-store.ts";
import { AppLog } from "./app-log.ts";
import { appFolder } from "./bundle.ts";
import type { CleanUp } from "./clean-up.ts";
import type { ClusterOrder, LabCluster, LabClusters } from "./lab-cluster.ts";
import { Lab } from "./lab.ts";
import { namespace, vaultName } from "./lab-manifests.ts";
import { DemoProblem } from "./problem.ts";
import { createVaultStore, serveVault } from "./vault-set-up.ts";

export const bridgedCluster = "aks-demo";
export const queueName = "rotations";
/** In the demo's folder: what the bridge shows to its cluster. */
export const clusterTokenFile = "cluster-token";
/** In the demo's folder: what signs the command line in to the demo's vault, cluster and queue, as NAME=VALUE lines. */
export const signInFile = "sign-in";

export interface House {
  readonly vault: VaultStore;
  /** The cluster that the bridge's map names. */
  readonly bridged: Lab;
  /** A cluster that no map names; undefined if it was not asked for. */
  readonly byHand: Lab | undefined;
  readonly log: AppLog;
  readonly vaultUrl: string;
  readonly storage: string;
  /** Opens the vault's door for the person at the terminal. */
  readonly token: string;
}

export interface HouseOptions {
  /** A folder for map, tokens and log; the caller removes it. */
  readonly folder: string;
  readonly clusters: LabClusters;
  readonly driver: string;
  readonly withByHand: boolean;
  readonly progress: ClusterOrder["progress"];
  readonly fail: ClusterOrder["fail"];
  readonly cleanUp: CleanUp;
  readonly signal: AbortSignal;
}

/** Starts all but the app: see {@link startApp}. Throws a {@link DemoProblem} for what a person can mend. */
export async function startHouse(options: HouseOptions): Promise<House & { readonly env: Record<string, string> }> {
  const { folder, clusters, cleanUp, signal, progress, fail } = options;
  const vault = createVaultStore(realClock());
  const cluster = (name: string, driver: string) =>
    cleanUp.own(name, clusters.start({ name, driver, vault, progress, signal, fail }), (one) => one.stop());
  const [azurite, bridged, byHand] = await Promise.all([
    cleanUp
      .own("Azurite", startAzurite(), (one) => one.stop())
      .catch((error: unknown) => {
        signal.throwIfAborted();
        const why = error instanceof Error ? error.message : "";
        throw new DemoProblem(`Azurite did not start. ${why}`, "It is a devDependency: run `npm ci`, then try again.");
      }),
    cluster(bridgedCluster, options.driver),
    options.withByHand ? cluster("aks-by-hand", clusters.driverByHand) : undefined,
  ]);
  signal.throwIfAborted();
  const token = randomBytes(16).toString("hex");
  const identity = await cleanUp.own("identity endpoint", startIdentityEndpoint(), (one) => one.close());
  const vaultServer = await cleanUp.own("Key Vault", serveVault(vault, identity, token), (one) => one.close());
  await writeFile(join(folder, "token"), token, { mode: 0o600 });
  await writeFile(join(folder, clusterTokenFile), bridged.token, { mode: 0o600 });
  if (bridged.ca !== undefined) await writeFile(join(folder, authorityFile), bridged.ca);
  await writeFile(join(folder, "rotation-map.yaml"), mapText(vaultServer.url, bridged));
  const signIn = { AzureWebJobsStorage: azurite.connectionString, ...identity.environment };
  const signInLines = Object.entries(signIn).map(([name, value]) => `${name}=${value}\n`);
  await writeFile(join(folder, signInFile), signInLines.join(""), { mode: 0o600 });
  signal.throwIfAborted();
  return {
    vault,
    bridged: new Lab(bridged),
    byHand: byHand === undefined ? undefined : new Lab(byHand),
    log: new AppLog(join(folder, "app.log")),
    vaultUrl: vaultServer.url,
    storage: azurite.connectionString,
    token,
    env: {
      ROTATION_MAP: join(folder, "rotation-map.yaml"),
      ROTATION_QUEUE: queueName,
      ROTATION_HISTORY_TABLE: "rotations",
      ...signIn,
    },
  };
}

/** The built app in its host, which listens to the queue from now on. `timers`: its timer runs too. */
export async function startApp(
  { log }: House,
  env: Readonly<Record<string, string>>,
  timers: boolean,
  { cleanUp, signal }: Pick<HouseOptions, "cleanUp" | "signal">,
): Promise<void> {
  const host = startFunctionsHost({ appDir: appFolder, env, timers, onLog: (line) => log.take(line) });
  await cleanUp
    .own("Functions host", host, (one) => one.close())
    .catch((error: unknown) => {
      signal.throwIfAborted();
      const why = error instanceof Error ? error.message : "";
      throw new DemoProblem(
        `The built app does not load. ${why}`,
        "Build it anew with `npm run build`, then try again.",
      );
    });
  signal.throwIfAborted();
}

const authorityFile = "cluster.pem";

function mapText(vaultUrl: string, { server, ca }: LabCluster): string {
  const authority = ca === undefined ? "" : `\n    certificateAuthority: { file: ${authorityFile} }`;
  return `mode: act
# A demo cluster is gone before anybody could steal the identity. A real one wants the cage: docs/security.md.
withoutCage: true
vaults:
  - name: ${vaultName}
    url: ${vaultUrl}
    flowsTo: [{ cluster: ${bridgedCluster}, namespaces: [${namespace}] }]
clusters:
  - name: ${bridgedCluster}
    server: ${server}
    namespaces: [${namespace}]
    token: { file: ${clusterTokenFile} }${authority}
`;
}
