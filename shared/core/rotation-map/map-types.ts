/** The rotation map after parsing: defaults filled in, durations in milliseconds, vault names in lower case. */

import type { Driver, WorkloadKind, WorkloadRef } from "../observed.ts";
import type { RestartPolicy, TargetPolicy, Timeouts } from "../policy.ts";
import type { ProviderFlags } from "../rendering/provider-settings.ts";
import type { ObjectType } from "../vault-object.ts";

export interface RotationMap {
  readonly mode: Mode;
  readonly writes: "enabled" | "stopped";
  readonly discovery: boolean;
  /** Act where no cage stands; a cluster's own word wins. */
  readonly withoutCage: boolean;
  readonly vaults: readonly MappedVault[];
  readonly clusters: readonly MappedCluster[];
  readonly links: readonly MappedLink[];
  readonly policy: MapPolicy;
  readonly workloads: readonly WorkloadRule[];
}

export type Mode = TargetPolicy["mode"];

export interface MappedVault {
  readonly name: string;
  readonly url: string;
  /** Client id of the managed identity that reads it; the app's own where absent. */
  readonly identity?: string | undefined;
  readonly flowsTo: readonly { readonly cluster: string; readonly namespaces: readonly string[] }[];
}

export interface MappedCluster {
  readonly name: string;
  readonly access: ClusterAccess;
  /** Client id of the managed identity that signs in to it; the app's own where absent. */
  readonly identity?: string | undefined;
  /** Patterns of the namespaces that are looked at. */
  readonly namespaces: readonly string[];
  readonly mode?: Mode | undefined;
  readonly modes: readonly { readonly namespaces: readonly string[]; readonly mode: Mode }[];
  readonly withoutCage?: boolean | undefined;
  /** Facts that the map fixes; they win over what is read from the cluster. */
  readonly driver: Partial<Driver>;
  /** How the cluster's Azure provider was started: nothing in the cluster's API says it. */
  readonly provider: ProviderFlags;
}

/** How the API server is reached and signed in to. */
export type ClusterAccess =
  | { readonly kind: "aks"; readonly resourceId: string }
  | {
      readonly kind: "server";
      readonly server: string;
      /** PEM; the machine's own list where absent. */
      readonly certificateAuthority:
        | { readonly kind: "pem"; readonly pem: string }
        | { readonly kind: "file"; readonly file: string }
        | undefined;
      readonly token:
        | { readonly kind: "entra"; readonly scope: string }
        | { readonly kind: "file"; readonly file: string };
    }
  | { readonly kind: "kubeconfig"; readonly file: string; readonly context: string | undefined };

export interface MappedLink {
  readonly cluster: string;
  readonly namespace: string;
  readonly vault: string;
  readonly object: string;
  readonly type: ObjectType;
  readonly secret: string;
  readonly workloads: readonly WorkloadRef[];
}

export interface MapPolicy {
  readonly settleMs: number;
  readonly settleAtMostMs: number;
  readonly restart: RestartPolicy;
  readonly newObjects: "wait" | "restart";
  readonly assumeMountable: readonly string[];
  readonly replaceUnproven: readonly string[];
  readonly timeouts: Timeouts;
}

/** The first that matches a workload decides. `cluster`, `namespace` and `name` are patterns. */
export interface WorkloadRule {
  readonly cluster: string;
  readonly namespace: string;
  readonly kind: WorkloadKind;
  readonly name: string;
  readonly restart: RestartPolicy;
}
