/** What it takes to look at one cluster. */

import type { Examiner } from "../../shared/adapters/kubernetes/examiner.ts";
import type { MappedCluster, RotationMap } from "../../shared/core/rotation-map/map-types.ts";
import type { Clock, Cluster, Vault } from "../../shared/ports.ts";

export interface ClusterSubject {
  readonly map: RotationMap;
  readonly mapped: MappedCluster;
  readonly cluster: Cluster;
  readonly examiner: Examiner;
  readonly vault: Vault;
  readonly clock: Clock;
  /** The bridge's name in the cluster, where the caller gave it. */
  readonly user: string | undefined;
  readonly say: (doing: string) => void;
}
