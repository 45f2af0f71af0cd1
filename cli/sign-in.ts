/**
 * What a command works with: the vaults and clusters of a map, with the caller's own sign-in (`az login` and the like)
 * instead of the app's identity. The same adapters as the app's.
 */

import { dirname, resolve } from "node:path";
import { systemsFromMap } from "../shared/adapters/from-map.ts";
import { userKubeconfigConnection } from "../shared/adapters/user-kubeconfig.ts";
import type { ClusterAccess, MappedCluster, RotationMap } from "../shared/core/rotation-map/map-types.ts";
import type { Clock, Cluster, Log, Vault } from "../shared/ports.ts";
import type { Arguments } from "./arguments.ts";
import { defaultMapFile, readMap } from "./map-file.ts";

export interface SignInOptions {
  readonly mapFile: string;
  /** Only this cluster of the map. */
  readonly cluster: string | undefined;
  /** Reach the cluster by a kubeconfig instead of what the map says. */
  readonly kubeconfig: string | undefined;
  readonly context: string | undefined;
  readonly log?: Log;
}

export interface SignedIn {
  readonly ok: true;
  /** With the clusters that were chosen; its identities are the caller's. */
  readonly map: RotationMap;
  readonly vault: Vault;
  readonly clusters: ReadonlyMap<string, Cluster>;
  readonly clock: Clock;
  readonly log: Log;
}

/** `problem`: lines for the terminal. */
export type SignInAnswer = SignedIn | { readonly ok: false; readonly problem: string };

/** Options of the commands that sign in. */
export const signInTexts = ["map", "cluster", "kubeconfig", "context"] as const;

/** Their help. */
export const signInHelp = `  --map FILE            the rotation map (default ${defaultMapFile})
  --cluster NAME        only this cluster of the map
  --kubeconfig FILE, --context NAME    reach that cluster as kubectl does, instead of as the map says`;

export function signInOptions({ texts }: Arguments): SignInOptions {
  return {
    mapFile: texts.get("map") ?? defaultMapFile,
    cluster: texts.get("cluster"),
    kubeconfig: texts.get("kubeconfig"),
    context: texts.get("context"),
  };
}

export function signInProblems({ texts }: Arguments): readonly string[] {
  return texts.has("context") && !texts.has("kubeconfig") ? ["--context needs --kubeconfig."] : [];
}

/** Reads the map and connects nothing yet. */
export async function signIn(options: SignInOptions): Promise<SignInAnswer> {
  const read = await readMap(options.mapFile);
  if (!read.ok) return read;
  const chosen = chooseClusters(read.map, options);
  if (typeof chosen === "string") return { ok: false, problem: `${options.mapFile}: ${chosen}\n` };
  const map = { ...withoutIdentities(read.map), clusters: chosen };
  const log = options.log ?? silentLog;
  const folder = dirname(options.mapFile);
  const { vault, clusters } = systemsFromMap({
    map,
    folder,
    clientId: undefined,
    clock: systemClock,
    log,
    kubeconfig: userKubeconfigConnection,
  });
  return { ok: true, map, vault, clusters, clock: systemClock, log };
}

function chooseClusters(
  map: RotationMap,
  { cluster: wanted, kubeconfig, context }: SignInOptions,
): readonly MappedCluster[] | string {
  const names = map.clusters.map(({ name }) => name).join(", ");
  const chosen = map.clusters.filter(({ name }) => name === (wanted ?? name)).map(ownSignIn);
  if (chosen.length === 0) return `It has no cluster of that name. It has: ${names}.`;
  if (kubeconfig === undefined) return chosen;
  if (chosen.length > 1) return `A kubeconfig is one cluster. Say which with --cluster: ${names}.`;
  const access: ClusterAccess = { kind: "kubeconfig", file: resolve(kubeconfig), context };
  return chosen.map((cluster) => ({ ...cluster, access }));
}

/** The map's identities are the app's; a person signs in as themselves. */
function withoutIdentities(map: RotationMap): RotationMap {
  return { ...map, vaults: map.vaults.map((vault) => ({ ...vault, identity: undefined })) };
}

function ownSignIn(cluster: MappedCluster): MappedCluster {
  return { ...cluster, identity: undefined };
}

export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: (ms) => new Promise((done) => setTimeout(done, ms)),
  id: () => crypto.randomUUID(),
};

export const silentLog: Log = { info: () => {}, warn: () => {}, error: () => {} };
