/**
 * One for each test file: a vault and a cluster that stand still at a moment of virtual time, served on loopback, with a map, a kubeconfig and a
 * sign-in for them: what the commands that sign in are run against.
 */

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startFront } from "../../local/cluster/http-front.ts";
import type { FrontOptions } from "../../local/cluster/http-front.ts";
import { startIdentityEndpoint } from "../../local/identity.ts";
import { startKeyVault } from "../../local/key-vault/http-server.ts";
import { World } from "../scenarios/world.ts";
import type { WorldOptions } from "../scenarios/world-options.ts";
import { runCli, runHere } from "./run-cli.ts";
import type { Run } from "./run-cli.ts";

export interface Lab {
  readonly world: World;
  readonly folder: string;
  /** Paths in the folder. */
  readonly map: string;
  readonly kubeconfig: string;
  /** The cluster's requests, as in `patch Secret`. */
  readonly requests: ReadonlyMap<string, number>;
  readonly vaultRequests: readonly string[];
  /** What a shell with `az login` stands for. */
  readonly env: Readonly<Record<string, string>>;
  /** The command with the map, in this process, which is quicker. */
  run(...args: readonly string[]): Promise<Run>;
  /** The same as a process of its own, in the folder, as a person runs it. */
  runProcess(...args: readonly string[]): Promise<Run>;
  file(name: string, text: string): Promise<string>;
  close(): Promise<void>;
}

export interface LabOptions extends Partial<WorldOptions> {
  /** Lines put into the map's top level. */
  readonly map?: string;
  readonly front?: FrontOptions;
}

export const labToken = "token-of-the-lab-6f2d";

/** `build` fills the world and lets it come to rest. */
export async function startLab(build: (world: World) => Promise<void>, options: LabOptions = {}): Promise<Lab> {
  const { map: more = "", front: frontOptions = {}, ...worldOptions } = options;
  const world = new World({ generation: "1.6", ...worldOptions });
  await build(world);
  const [identity, folder] = await Promise.all([startIdentityEndpoint(), mkdtemp(join(tmpdir(), "cli-lab-"))]);
  const vault = await startKeyVault({
    store: world.vault,
    vault: "contoso",
    acceptToken: (token) => identity.issuedFor(token)?.resource === "https://vault.azure.net",
  });
  const front = await startFront(world.blue.store, { token: labToken, ...frontOptions });
  const file = async (name: string, text: string): Promise<string> => {
    const path = join(folder, name);
    await writeFile(path, text);
    return path;
  };
  await file("token", `${labToken}\n`);
  const map = await file(
    "rotation-map.yaml",
    `${more}
vaults:
  - { name: contoso, url: "${vault.url}", flowsTo: [{ cluster: aks-prod, namespaces: ["*"] }] }
clusters:
  - { name: aks-prod, server: "${front.url}", token: { file: token } }
`,
  );
  const kubeconfig = await file("kubeconfig.yaml", kubeconfigText(front.url, { token: labToken }));
  const env = { ...identity.environment };
  // What runs in this process signs in by its environment.
  Object.assign(process.env, env);
  const withMap = (args: readonly string[]): readonly string[] => {
    const [command = "", ...rest] = args;
    return rest.includes("--map") || command === "init" ? args : [command, "--map", map, ...rest];
  };
  return {
    world,
    folder,
    map,
    kubeconfig,
    requests: front.requests,
    vaultRequests: vault.requests,
    env,
    run: (...args) => runHere(withMap(args)),
    runProcess: (...args) => runCli(withMap(args), { env, cwd: folder }),
    file,
    close: async () => {
      world.stop();
      await Promise.all([front.close(), vault.close(), identity.close()]);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** A kubeconfig of one context, `aks-prod-admin`. */
export function kubeconfigText(server: string, user: Readonly<Record<string, unknown>>): string {
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    "current-context": "aks-prod-admin",
    contexts: [{ name: "aks-prod-admin", context: { cluster: "c", user: "u" } }],
    clusters: [{ name: "c", cluster: { server } }],
    users: [{ name: "u", user }],
  });
}
