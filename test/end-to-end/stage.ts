/**
 * Everything around the app, on this machine and in real time: Azurite, a Key Vault, an identity endpoint, a cluster
 * of each driver generation behind its HTTP front, and the packed app. One stage serves a whole test file; each test
 * takes namespaces and objects of its own, so that they run side by side.
 */

import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Azurite, startAzurite } from "../../local/azurite.ts";
import { realClock } from "../../local/clock.ts";
import { LocalCluster } from "../../local/cluster/cluster.ts";
import type { Fault } from "../../local/cluster/http-faults.ts";
import { type Front, type FrontRequest, startFront } from "../../local/cluster/http-front.ts";
import { type IdentityEndpoint, startIdentityEndpoint } from "../../local/identity.ts";
import { type KeyVaultServer, startKeyVault } from "../../local/key-vault/http-server.ts";
import { vaultPort } from "../../local/key-vault/vault-port.ts";
import { VaultStore } from "../../local/key-vault/vault-store.ts";
import { packApp } from "../pack/packed-app.ts";
import { type App, type AppOptions, type Ground, startApp } from "./app.ts";
import { greenScope, vaultName } from "./names.ts";
import { type StorageFront, startStorageFront } from "./storage-front.ts";

export interface StageCluster {
  readonly name: string;
  readonly local: LocalCluster;
  readonly front: Front;
  /** The bearer token that its API server takes, where that is a file's; else the identity endpoint gives it. */
  readonly token: string | undefined;
  /** What goes wrong with requests; asked in order, the first that answers counts. */
  readonly faults: ((request: FrontRequest) => Fault | undefined)[];
}

export interface StageAppOptions extends Omit<AppOptions, "map"> {
  /** Where it looks and where the vault may flow: names of namespaces, or patterns. */
  readonly namespaces: readonly string[];
}

export interface Stage extends Ground {
  readonly azurite: Azurite;
  readonly queueFront: StorageFront;
  readonly tableFront: StorageFront;
  /** Azurite's connection string by way of the two fronts: what apps get. */
  readonly connectionString: string;
  readonly identity: IdentityEndpoint;
  /** Every good bearer token that vault and clusters were shown. */
  readonly tokens: ReadonlySet<string>;
  /** The vault `contoso` lives here. */
  readonly vault: VaultStore;
  readonly keyVault: KeyVaultServer;
  /** `blue` has driver 1.5 and a token file, `green` driver 1.6 and tokens of the identity endpoint. */
  readonly blue: StageCluster;
  readonly green: StageCluster;
  /** The packed app, beside it maps and token files. */
  readonly appDir: string;
  startApp(options: StageAppOptions): Promise<App>;
  /** Ends what was started here and removes all files. */
  close(): Promise<void>;
}

export async function startStage(): Promise<Stage> {
  const clock = realClock();
  const [azurite, identity, appDir] = await Promise.all([startAzurite(), startIdentityEndpoint(), packApp()]);
  const [queueFront, tableFront] = await Promise.all([
    startStorageFront(azurite.queueUrl),
    startStorageFront(azurite.tableUrl),
  ]);
  const vault = new VaultStore({ clock });
  const tokens = new Set<string>();
  const issuedFor = (resource: string) => (token: string) => {
    const good = identity.issuedFor(token)?.resource === resource;
    if (good) tokens.add(token);
    return good;
  };
  const keyVault = await startKeyVault({
    store: vault,
    vault: vaultName,
    acceptToken: issuedFor("https://vault.azure.net"),
  });
  const read = vaultPort(vault);

  async function cluster(name: string, generation: "1.5" | "1.6", token: string | undefined): Promise<StageCluster> {
    const local = new LocalCluster({
      clock,
      name,
      generation,
      rotation: "off",
      vault: read,
      // The driver syncs the Secret before the container starts: else the kubelet tries again 10 s later.
      driverTiming: { mountMs: 20, newPodMs: 20 },
      timing: { startDelayMs: 150, readyAfterMs: 100, stopDelayMs: 50 },
    });
    const faults: StageCluster["faults"] = [];
    const front = await startFront(local.store, {
      token: token ?? issuedFor(greenScope),
      faults: (request) => firstOf(faults, request),
    });
    return { name, local, front, token, faults };
  }
  const blue = await cluster("blue", "1.5", "token-of-blue-0b6c2f7a51d94e83");
  const green = await cluster("green", "1.6", undefined);
  await writeFile(join(appDir, "blue.token"), `${blue.token}\n`);

  const apps: App[] = [];
  const stage: Stage = {
    azurite,
    queueFront,
    tableFront,
    connectionString: azurite.connectionString
      .replace(azurite.queueUrl, queueFront.url)
      .replace(azurite.tableUrl, tableFront.url),
    identity,
    tokens,
    vault,
    keyVault,
    blue,
    green,
    appDir,
    startApp: async (options) => {
      const app = await startApp(stage, { ...options, map: mapText(stage, options.namespaces) });
      apps.push(app);
      return app;
    },
    close: async () => {
      await Promise.all(apps.map((app) => app.close()));
      for (const { local } of [blue, green]) local.stop();
      const servers = [blue.front, green.front, keyVault, identity, queueFront, tableFront];
      await Promise.all([...servers.map((server) => server.close()), azurite.stop()]);
      await rm(appDir, { recursive: true, force: true });
    },
  };
  return stage;
}

function firstOf(faults: StageCluster["faults"], request: FrontRequest): Fault | undefined {
  for (const fault of faults) {
    const found = fault(request);
    if (found !== undefined) return found;
  }
  return undefined;
}

function mapText(stage: Stage, namespaces: readonly string[]): string {
  const where = JSON.stringify(namespaces);
  const { blue, green, keyVault } = stage;
  return [
    "mode: act",
    "withoutCage: true",
    "vaults:",
    `  - { name: ${vaultName}, url: "${keyVault.url}", flowsTo: [{ cluster: "*", namespaces: ${where} }] }`,
    "clusters:",
    `  - { name: blue, server: "${blue.front.url}", token: { file: blue.token }, namespaces: ${where} }`,
    `  - { name: green, server: "${green.front.url}", token: { entra: "${greenScope}/.default" }, namespaces: ${where} }`,
  ].join("\n");
}
