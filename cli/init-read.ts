/** The classes of the clusters that `init` was asked about; nothing unless all of them answer. */

import { systemsFromMap } from "../shared/adapters/from-map.ts";
import { userKubeconfigConnection } from "../shared/adapters/user-kubeconfig.ts";
import type { ProviderClass } from "../shared/core/provider-class.ts";
import { defaultFlags } from "../shared/core/rendering/provider-settings.ts";
import type { MappedCluster } from "../shared/core/rotation-map/map-types.ts";
import { clusterProblem } from "./cluster-problem.ts";
import type { FileProblem } from "./file-problem.ts";
import type { InitCluster } from "./init-clusters.ts";
import { silentLog, systemClock } from "./sign-in.ts";

export interface ReadCluster {
  readonly name: string;
  readonly classes: readonly ProviderClass[];
}

export type InitClasses =
  | { readonly ok: true; readonly clusters: readonly ReadCluster[] }
  | { readonly ok: false; readonly problems: readonly FileProblem[] };

export async function readInitClasses(
  clusters: readonly InitCluster[],
  progress: (doing: string) => void,
): Promise<InitClasses> {
  const mapped = clusters.map(({ name, access }): MappedCluster => ({
    name,
    access,
    namespaces: ["*"],
    modes: [],
    driver: {},
    provider: defaultFlags,
  }));
  const systems = systemsFromMap({
    map: { vaults: [], clusters: mapped },
    folder: ".",
    clientId: undefined,
    clock: systemClock,
    log: silentLog,
    kubeconfig: userKubeconfigConnection,
  });
  progress(`Reading the classes of ${mapped.map(({ name }) => name).join(", ")}`);
  const problems: FileProblem[] = [];
  const read = await Promise.all(
    mapped.map(async ({ name }): Promise<ReadCluster> => {
      try {
        return { name, classes: (await systems.clusters.get(name)?.index()) ?? [] };
      } catch (error) {
        problems.push(
          clusterProblem(name, error, "It needs the right to list secretproviderclasses, and your sign-in (az login)."),
        );
        return { name, classes: [] };
      }
    }),
  );
  return problems.length > 0 ? { ok: false, problems } : { ok: true, clusters: read };
}
