/** From the classes of clusters to what a first map says: which vault flows where today. Pure. */

import { cloudSuffix } from "../shared/core/endpoint.ts";
import { vaultNamePattern } from "../shared/core/names.ts";
import type { ProviderClass } from "../shared/core/provider-class.ts";
import type { ReadCluster } from "./init-read.ts";

/** Also what `init --json` prints, with the file's name. */
export interface Discovery {
  readonly clusters: readonly { readonly name: string; readonly namespaces: readonly string[] }[];
  readonly vaults: readonly FoundVault[];
  /** Classes that use these vaults. */
  readonly classes: number;
  /** What the map does not say, and why: one line each. */
  readonly left: readonly string[];
}

export interface FoundVault {
  readonly name: string;
  /** Only where it is in another cloud than the public one. */
  readonly url?: string;
  /** Sorted by cluster. */
  readonly flowsTo: readonly { readonly cluster: string; readonly namespaces: readonly string[] }[];
}

interface Use {
  readonly cluster: string;
  readonly namespace: string;
  readonly vault: string;
  readonly cloud: string | undefined;
}

export function discover(clusters: readonly ReadCluster[]): Discovery {
  const left: string[] = [];
  const uses = clusters.flatMap(({ name, classes }) =>
    classes.flatMap((item) => {
      const use = useOf(name, item);
      if (typeof use !== "string") return [use];
      if (use !== "") left.push(`${name}/${item.namespace}, SecretProviderClass ${item.name}: ${use}`);
      return [];
    }),
  );
  const vaults = grouped(uses, ({ vault }) => vault).map(([name, all]): FoundVault => {
    const [cloud, ...others] = [...new Set(all.map((use) => use.cloud))];
    if (others.length > 0)
      left.push(`vault ${name}: classes name it in several clouds; the map has it in one. Mend its url.`);
    const suffix = cloud === undefined ? undefined : cloudSuffix(cloud);
    const flowsTo = grouped(all, ({ cluster }) => cluster).map(([cluster, here]) => ({
      cluster,
      namespaces: namespacesOf(here),
    }));
    return { name, ...(suffix === undefined ? {} : { url: `https://${name}.${suffix}` }), flowsTo };
  });
  const found = clusters.map(({ name }) => ({
    name,
    namespaces: namespacesOf(uses.filter(({ cluster }) => cluster === name)),
  }));
  return { clusters: found, vaults, classes: uses.length, left };
}

/** A sentence: why the class says nothing to the map; empty: nothing that a person need know. */
function useOf(cluster: string, { namespace, provider, content, deleting }: ProviderClass): Use | string {
  if (deleting) return "";
  if (provider !== "azure") return "it is of another provider.";
  if (!content.ok) return `it cannot be read. ${content.error.message}`;
  if (!vaultNamePattern.test(content.vault)) return "its keyvaultName is no vault's name.";
  return { cluster, namespace, vault: content.vault.toLowerCase(), cloud: content.cloud };
}

function namespacesOf(uses: readonly Use[]): readonly string[] {
  return [...new Set(uses.map(({ namespace }) => namespace))].sort();
}

function grouped<T>(items: readonly T[], keyOf: (item: T) => string): readonly (readonly [string, readonly T[]])[] {
  return [...Map.groupBy(items, keyOf)].sort(([one], [other]) => (one < other ? -1 : 1));
}
