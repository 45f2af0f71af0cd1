/** Everything that stands in for Azure and AKS, wired as the product is wired in Azure, all on 127.0.0.1. */

import { randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { startAzurite } from "../azurite.ts";
import { realClock } from "../clock.ts";
import { startFront } from "../cluster/http-front.ts";
import type { Generation } from "../cluster/csi/sync-secret.ts";
import { startFunctionsHost } from "../functions-host.ts";
import { startIdentityEndpoint } from "../identity.ts";
import { vaultPort } from "../key-vault/vault-port.ts";
import type { VaultStore } from "../key-vault/vault-store.ts";
import { AppLog } from "./app-log.ts";
import { appFolder } from "./bundle.ts";
import type { CleanUp } from "./clean-up.ts";
import { Lab } from "./lab.ts";
import { namespace, vaultName } from "./lab-manifests.ts";
import { DemoProblem } from "./problem.ts";
import { createVaultStore, serveVault } from "./vault-set-up.ts";

export const bridgedCluster = "aks-demo";
export const queueName = "rotations";

export interface House {
  readonly vault: VaultStore;
  /** The cluster that the bridge's map names. */
  readonly bridged: Lab;
  /** A cluster of driver 1.5 that no map names; undefined if it was not asked for. */
  readonly byHand: Lab | undefined;
  readonly log: AppLog;
  readonly vaultUrl: string;
  readonly apiUrl: string;
  readonly storage: string;
  /** Opens the vault's and the API server's doors for the person at the terminal. */
  readonly token: string;
}

export interface HouseOptions {
  /** A folder for map, token and log; the caller removes it. */
  readonly folder: string;
  readonly driver: Generation;
  readonly withByHand: boolean;
  readonly cleanUp: CleanUp;
  readonly signal: AbortSignal;
}

/** Starts all but the app: see {@link startApp}. Throws a {@link DemoProblem} for what a person can mend. */
export async function startHouse(options: HouseOptions): Promise<House & { readonly env: Record<string, string> }> {
  const { folder, cleanUp, signal } = options;
  const clock = realClock();
  const vault = createVaultStore(clock);
  const port = vaultPort(vault);
  const lab = (name: string, generation: Generation) => {
    const made = new Lab(name, generation, clock, (object, pin) => port.current(object, pin));
    void cleanUp.own(name, Promise.resolve(made), () => made.cluster.stop());
    made.apply();
    return made;
  };
  const azuriteUp = cleanUp.own("Azurite", startAzurite(), (azurite) => azurite.stop());
  const bridged = lab(bridgedCluster, options.driver);
  const byHand = options.withByHand ? lab("aks-by-hand", "1.5") : undefined;
  const token = randomBytes(16).toString("hex");
  const identity = await cleanUp.own("identity endpoint", startIdentityEndpoint(), (one) => one.close());
  const vaultServer = await cleanUp.own("Key Vault", serveVault(vault, identity, token), (one) => one.close());
  const front = await cleanUp.own("API server", startFront(bridged.cluster.store, { token }), (one) => one.close());
  await writeFile(join(folder, "token"), token, { mode: 0o600 });
  await writeFile(join(folder, "rotation-map.yaml"), mapText(vaultServer.url, front.url));
  const azurite = await azuriteUp.catch((error: unknown) => {
    signal.throwIfAborted();
    const why = error instanceof Error ? error.message : "";
    throw new DemoProblem(`Azurite did not start. ${why}`, "It is a devDependency: run `npm ci`, then try again.");
  });
  signal.throwIfAborted();
  return {
    vault,
    bridged,
    byHand,
    log: new AppLog(join(folder, "app.log")),
    vaultUrl: vaultServer.url,
    apiUrl: front.url,
    storage: azurite.connectionString,
    token,
    env: {
      ROTATION_MAP: join(folder, "rotation-map.yaml"),
      ROTATION_QUEUE: queueName,
      ROTATION_HISTORY_TABLE: "rotations",
      AzureWebJobsStorage: azurite.connectionString,
      ...identity.environment,
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

function mapText(vaultUrl: string, apiUrl: string): string {
  return `mode: act
vaults:
  - name: ${vaultName}
    url: ${vaultUrl}
    flowsTo: [{ cluster: ${bridgedCluster}, namespaces: [${namespace}] }]
clusters:
  - name: ${bridgedCluster}
    server: ${apiUrl}
    namespaces: [${namespace}]
    token: { file: token }
`;
}
