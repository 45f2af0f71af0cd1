/** One mode of the driver with all its cells: a rig of two nodes, the namespaces, the watcher and the bridge. */

import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { realClock } from "../../../local/clock.ts";
import { VaultStore } from "../../../local/key-vault/vault-store.ts";
import { type App, startApp } from "../../end-to-end/app.ts";
import { grantBridge } from "../bridge-role.ts";
import { type Rig, startRig } from "../rig.ts";
import type { SharedGround } from "../scenarios/ground.ts";
import { type Mode, modeName } from "../scenarios/scenario.ts";
import { until } from "../until.ts";
import { install, replicas, vaultOf } from "./application.ts";
import type { Cell } from "./cells.ts";
import { type Observer, observe } from "./observer.ts";
import { podsRight } from "./sample.ts";
import { type SecretWatcher, startSecretWatcher } from "./secret-watcher.ts";
import type { Settings } from "./settings.ts";
import { type CountedVault, startCountedVault } from "./vault-counter.ts";

export interface Field {
  readonly mode: Mode;
  readonly rig: Rig;
  readonly vault: VaultStore;
  readonly vaults: ReadonlyMap<string, CountedVault>;
  readonly observer: Observer;
  /** Undefined where no cell of the mode has the bridge. */
  readonly app: App | undefined;
  check(): Promise<void>;
  close(): Promise<void>;
}

/** Sandbox, image and start of a quick application: its env is read 0.5 s after the mount and it is Ready after 1 s. */
const behaviour = { sandboxDelay: 500, startDelay: 500 };

/** Ends when all applications run. */
export async function startField(
  mode: Mode,
  cells: readonly Cell[],
  settings: Settings,
  ground: SharedGround,
  progress: (line: string) => void,
): Promise<Field> {
  const vault = new VaultStore({ clock: realClock() });
  const vaults = new Map<string, CountedVault>();
  const spaces = (way: Cell["way"]) =>
    cells.filter((cell) => cell.way === way).flatMap((cell) => spacesOf(cell, settings));
  for (const cell of cells) {
    for (const space of spacesOf(cell, settings)) vaults.set(space, await startCountedVault(vault, vaultOf(space)));
  }
  const addresses = Object.fromEntries([...vaults].map(([space, { url }]) => [vaultOf(space), url]));
  const { pollInterval, syncSeconds } = settings;
  const rig = await startRig({ ...mode, nodes: 2, vaults: addresses, pollInterval, syncSeconds, progress });
  let app: App | undefined;
  let watcher: SecretWatcher | undefined;
  let observer: Observer | undefined;
  const close = async () => {
    await app?.close();
    await watcher?.close();
    await observer?.close();
    await rig.stop();
    await Promise.all([...vaults.values()].map((server) => server.close()));
  };
  try {
    await grantBridge(rig, rig);
    await rig.behave(behaviour);
    const seen = await observe(rig);
    observer = seen;
    for (const space of vaults.keys()) await install(rig, vault, space);
    for (const space of vaults.keys()) {
      await until(`the pods of ${space}`, rig, async () =>
        podsRight(seen.history(space), Date.now(), "db-0", replicas),
      );
    }
    if (spaces("watcher").length > 0) watcher = await startSecretWatcher(rig, new Set(spaces("watcher")));
    const guarded = spaces("bridge");
    if (guarded.length > 0) app = await startBridge(mode, rig, guarded, addresses, ground);
    // A warm instance, whose timer has looked before, is what an event meets.
    await app?.timer();
    progress(`${vaults.size} applications run`);
    return {
      mode,
      rig,
      vault,
      vaults,
      observer: seen,
      app,
      check: async () => {
        await rig.check();
        seen.check();
        watcher?.check();
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Namespaces of a cell; `idle` needs no more than one. */
export function spacesOf(cell: Cell, { namespaces }: Settings): readonly string[] {
  return Array.from({ length: cell.way === "idle" ? 1 : namespaces }, (_, index) => `${cell.id}-${index + 1}`);
}

async function startBridge(
  mode: Mode,
  rig: Rig,
  spaces: readonly string[],
  addresses: Readonly<Record<string, string>>,
  ground: SharedGround,
): Promise<App> {
  const file = modeName(mode);
  await writeFile(join(ground.appDir, `${file}.token`), rig.tokens.bridge);
  await writeFile(join(ground.appDir, `${file}.pem`), rig.ca);
  const map = [
    "mode: act",
    "withoutCage: true",
    "vaults:",
    ...spaces.map((space) => {
      const url = addresses[vaultOf(space)] ?? "";
      return `  - { name: ${vaultOf(space)}, url: "${url}", flowsTo: [{ cluster: rig, namespaces: [${space}] }] }`;
    }),
    "clusters:",
    `  - name: rig`,
    `    server: "${rig.server}"`,
    `    certificateAuthority: { file: ${file}.pem }`,
    `    token: { file: ${file}.token }`,
    `    namespaces: ${JSON.stringify(spaces)}`,
  ].join("\n");
  return startApp(ground, { name: `compare-${file.replaceAll(".", "")}`, map });
}
