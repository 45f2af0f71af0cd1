/** The vaults and clusters that a rotation map names, behind their ports. Used by the Functions app and the CLI. */

import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { TokenCredential } from "@azure/identity";
import { mappedVault } from "../core/rotation-map.ts";
import type { ClusterAccess, MappedCluster, RotationMap } from "../core/rotation-map/map-types.ts";
import type { Clock, Cluster, Log, Vault } from "../ports.ts";
import { aksConnection } from "./aks.ts";
import { createCredential } from "./credential.ts";
import { createVault } from "./key-vault/vault.ts";
import { kubeconfigConnection } from "./kubeconfig.ts";
import type { KubernetesAddress } from "./kubernetes/address.ts";
import { entraToken, fileToken, type TokenSource } from "./kubernetes/token.ts";
import { lateCluster } from "./late-cluster.ts";

export interface FromMapOptions {
  readonly map: Pick<RotationMap, "vaults" | "clusters">;
  /** The folder from which the map's relative paths are meant: the map's own. */
  readonly folder: string;
  /** The app's own identity, for vaults and clusters that the map gives none. */
  readonly clientId: string | undefined;
  readonly clock: Clock;
  readonly log: Log;
  /** How a kubeconfig is read; by default without running any program that it names. */
  readonly kubeconfig?: typeof kubeconfigConnection;
}

export interface MappedSystems {
  readonly vault: Vault;
  readonly clusters: ReadonlyMap<string, Cluster>;
}

/** Connects nothing yet. Throws an Error for a person if a vault's address breaks the rules. */
export function systemsFromMap(options: FromMapOptions): MappedSystems {
  const { map, clock, log } = options;
  const credentialOf = credentials(options.clientId);
  const vault = createVault({
    vaults: new Map(map.vaults.map(({ name, url }) => [name, { url }])),
    credential: (name) => credentialOf(mappedVault(map, name)?.identity),
    clock,
    log,
  });
  const clusters = new Map(
    map.clusters.map((cluster) => [
      cluster.name,
      lateCluster(cluster.name, () => connect(cluster, credentialOf(cluster.identity), options), clock),
    ]),
  );
  return { vault, clusters };
}

export interface Access extends KubernetesAddress {
  readonly token: TokenSource | undefined;
}

async function connect(cluster: MappedCluster, credential: TokenCredential, options: FromMapOptions): Promise<Cluster> {
  const { clock } = options;
  const [access, { createKubernetesCluster }] = await Promise.all([
    accessOf(cluster.access, credential, options),
    import("./kubernetes/cluster.ts"),
  ]);
  return createKubernetesCluster({ ...access, clock, indexNamespaces: literalNames(cluster.namespaces) });
}

/** How a cluster is reached and signed in to. */
export async function accessOf(
  access: ClusterAccess,
  credential: TokenCredential,
  { folder, kubeconfig = kubeconfigConnection }: Pick<FromMapOptions, "folder" | "kubeconfig">,
): Promise<Access> {
  if (access.kind === "kubeconfig") return kubeconfig(resolve(folder, access.file), access.context);
  if (access.kind === "aks") {
    const endpoint = await aksConnection({ resourceId: access.resourceId, credential });
    return { ...endpoint, token: entraToken(credential) };
  }
  const { server, certificateAuthority: authority, token } = access;
  return {
    server,
    caData: authority?.kind === "file" ? await readFile(resolve(folder, authority.file), "utf8") : authority?.pem,
    token: token.kind === "file" ? fileToken(resolve(folder, token.file)) : entraToken(credential, token.scope),
  };
}

/** Without patterns, the index needs no right to list the classes of the whole cluster. */
function literalNames(patterns: readonly string[]): readonly string[] | undefined {
  return patterns.some((pattern) => pattern.includes("*")) ? undefined : patterns;
}

/** One credential for each identity, so that its tokens are shared. */
function credentials(own: string | undefined): (identity: string | undefined) => TokenCredential {
  const known = new Map<string | undefined, TokenCredential>();
  return (identity) => {
    const clientId = identity ?? own;
    const credential = known.get(clientId) ?? createCredential(clientId === undefined ? {} : { clientId });
    known.set(clientId, credential);
    return credential;
  };
}
