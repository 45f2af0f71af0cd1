/** One mode of the driver: a rig of two nodes, a vault for each scenario, and the bridge. */

import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { realClock } from "../../../local/clock.ts";
import { type KeyVaultServer, startKeyVault } from "../../../local/key-vault/http-server.ts";
import { VaultStore } from "../../../local/key-vault/vault-store.ts";
import { type App, startApp } from "../../end-to-end/app.ts";
import { type ApiFront, startApiFront } from "../api-front.ts";
import { grantBridge } from "../bridge-role.ts";
import { grantLeast, type LeastRights } from "../least-rights.ts";
import type { ExitRule } from "../nodes.ts";
import { type Rig, startRig } from "../rig.ts";
import { recordedFiles } from "./certificates.ts";
import type { SharedGround } from "./ground.ts";
import { type Mode, modeName, type Scenario } from "./scenario.ts";

export interface Stage {
  readonly mode: Mode;
  readonly rig: Rig;
  readonly ground: SharedGround;
  /** Where the bridge has no more than what `rotation-bridge rbac` prints, and the cage around it. */
  readonly leastRights: LeastRights | undefined;
  readonly vault: VaultStore;
  readonly keyVaults: ReadonlyMap<Scenario, KeyVaultServer>;
  /** The app that most scenarios share. */
  readonly app: App;
  /** An app of the scenario's own behind a front; `name` tells several of one scenario apart. */
  startApp(
    scenario: Scenario,
    name: string,
    env?: Readonly<Record<string, string>>,
  ): Promise<{ readonly app: App; readonly front: ApiFront }>;
  /** Containers that end by themselves from now on, in addition to those said before. */
  exit(rule: ExitRule): Promise<void>;
  /** Namespace and vault of a scenario, as in `b4-1`. */
  nameOf(scenario: Scenario): string;
  close(): Promise<void>;
}

/** Short, so that a rotating driver looks again within a scenario; the bridge reads the interval from the cluster. */
const pollInterval = "20s";
const syncSeconds = 15;
/** Of a usual pod some time passes between its mount and the reading of its env. */
const sandboxDelay = 500;

export async function startStage(
  mode: Mode,
  scenarios: readonly Scenario[],
  ground: SharedGround,
  progress: (line: string) => void,
  rights: "all-namespaces" | "least" = "all-namespaces",
): Promise<Stage> {
  const vault = new VaultStore({ clock: realClock() });
  const names = new Map(scenarios.map((scenario) => [scenario, nameIn(scenarios, scenario)] as const));
  const nameOf = (scenario: Scenario) => names.get(scenario) ?? "";
  const keyVaults = new Map<Scenario, KeyVaultServer>();
  const file = modeName(mode);
  for (const scenario of scenarios) {
    keyVaults.set(scenario, await startKeyVault({ store: vault, vault: vaultOf(nameOf(scenario)) }));
  }
  const vaults = Object.fromEntries(
    [...keyVaults].map(([scenario, { url }]) => [vaultOf(nameOf(scenario)), url] as const),
  );
  const rig = await startRig({
    ...mode,
    nodes: 2,
    vaults,
    recorded: recordedFiles,
    pollInterval,
    syncSeconds,
    audit: rights === "least",
    progress,
  });
  const leastRights = rights === "least" ? await grantLeast(rig, mapText(scenarios, rig.server)) : undefined;
  if (rights !== "least") await grantBridge(rig, rig);
  await rig.behave({ sandboxDelay });

  await writeFile(join(ground.appDir, `${file}.token`), rig.tokens.bridge);
  await writeFile(join(ground.appDir, `${file}.pem`), rig.ca);
  const apps: App[] = [];
  const fronts: ApiFront[] = [];
  const exits: ExitRule[] = [];
  const start = async (
    name: string,
    of: readonly Scenario[],
    server: string,
    scenario?: Scenario,
    env?: Readonly<Record<string, string>>,
  ) => {
    const prefix = file.replaceAll(".", "");
    const app = await startApp(ground, {
      name: `${prefix}-${name}`,
      map: mapText(of, server),
      // A scene lets seconds pass where the timer's passes are 15 minutes apart, so each of them looks at everything.
      env: { ROTATION_DEEP_EVERY: "0s", ...scenario?.env, ...env },
      ...(scenario?.failedAgainAfter === undefined ? {} : { failedAgainAfter: scenario.failedAgainAfter }),
    });
    apps.push(app);
    return app;
  };

  function mapText(of: readonly Scenario[], server: string): string {
    const lines = of.map((scenario) => {
      const name = nameOf(scenario);
      const spaces = JSON.stringify([spaceOf(scenario, name), `${name}-*`]);
      const url = keyVaults.get(scenario)?.url ?? "";
      return `  - { name: ${vaultOf(name)}, url: "${url}", flowsTo: [{ cluster: rig, namespaces: ${spaces} }] }`;
    });
    const authority = server.startsWith("https:") ? `, certificateAuthority: { file: ${file}.pem }` : "";
    const namespaces = JSON.stringify(of.flatMap((one) => [spaceOf(one, nameOf(one)), `${nameOf(one)}-*`]));
    return [
      "mode: act",
      // Without its least rights the bridge has no cage either.
      ...(rights === "least" ? [] : ["withoutCage: true"]),
      ...(of.length === 1 ? of.flatMap(({ map }) => map ?? []) : []),
      "vaults:",
      ...lines,
      "clusters:",
      `  - { name: rig, server: "${server}"${authority}, token: { file: ${file}.token }, namespaces: ${namespaces} }`,
    ].join("\n");
  }

  const shared = scenarios.filter((scenario) => !hasOwnApp(scenario));
  return {
    mode,
    rig,
    ground,
    leastRights,
    vault,
    keyVaults,
    app: await start("all", shared.length > 0 ? shared : scenarios, rig.server),
    startApp: async (scenario, name, env) => {
      const front = await startApiFront(rig);
      fronts.push(front);
      return { front, app: await start(name, [scenario], front.url, scenario, env) };
    },
    exit: async (rule) => {
      exits.push(rule);
      await rig.behave({ sandboxDelay, exits });
    },
    nameOf,
    close: async () => {
      await Promise.all(apps.map((app) => app.close()));
      await Promise.all(fronts.map((front) => front.close()));
      await leastRights?.close();
      await rig.stop();
      await Promise.all([...keyVaults.values()].map((server) => server.close()));
    },
  };
}

export function hasOwnApp({ own, map, env, failedAgainAfter }: Scenario): boolean {
  return own === true || map !== undefined || env !== undefined || failedAgainAfter !== undefined;
}

export function spaceOf(scenario: Scenario, name: string): string {
  return scenario.namespace ?? name;
}

export function vaultOf(name: string): string {
  return `kv-${name}`;
}

/** `b9-2` for the second scenario with the number B9. */
function nameIn(scenarios: readonly Scenario[], scenario: Scenario): string {
  const same = scenarios.filter(({ id }) => id === scenario.id);
  const id = scenario.id.toLowerCase();
  return same.length === 1 ? id : `${id}-${same.indexOf(scenario) + 1}`;
}
