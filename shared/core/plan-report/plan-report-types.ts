/**
 * What a new version of one vault object would touch: the blast radius, before anybody rotates it. Plain data with
 * names, versions and counts, never a value; `rotation-bridge plan --json` and the HTTP function `plan` answer with it.
 */

import type { WorkloadKind } from "../observed.ts";
import type { TargetPolicy } from "../policy.ts";
import type { Said } from "../said.ts";
import type { VaultProblem } from "../vault-object.ts";

export interface PlanReport {
  /** `contoso-prod/db-password`: the vault's objects of that name, whatever their type. */
  readonly secret: string;
  /** What the vault says of those of them that a class mounts. */
  readonly objects: readonly ObjectNow[];
  /** Sorted by cluster and namespace. Empty where no class of a mapped namespace follows the object. */
  readonly targets: readonly TargetPlan[];
  /** Clusters and namespaces that could not be read: what they hold is not in the report. */
  readonly unread: readonly Unread[];
}

export interface ObjectNow {
  /** `contoso-prod/secret/db-password`. */
  readonly object: string;
  readonly version?: string;
  /** ISO 8601, UTC. */
  readonly createdOn?: string;
  /** Set where the vault gives no version. */
  readonly problem?: VaultProblem;
}

export interface Unread {
  readonly cluster: string;
  /** Absent where the whole cluster could not be searched. */
  readonly namespace?: string;
  readonly said: Said;
}

export interface TargetPlan {
  readonly cluster: string;
  readonly namespace: string;
  readonly mode: PlanMode;
  readonly classes: readonly ClassPlan[];
  readonly secrets: readonly SecretPlan[];
  /** In the order of work: wave 1, wave 2, then those that are not restarted. */
  readonly workloads: readonly WorkloadPlan[];
  /** Live pods that depend on the object and that no restart of a workload replaces. */
  readonly pods: readonly PodPlan[];
  /** What the bridge would do here at this moment, without any new version: `write Secret/app (k)`. Mostly nothing. */
  readonly dueNow: readonly string[];
}

/** `stopped`: the map says `writes: stopped`. */
export type PlanMode = TargetPolicy["mode"] | "stopped";

export interface ClassPlan {
  readonly name: string;
  /** As the class spells them: `secret/db-password`. */
  readonly objects: readonly string[];
  /** Live pods that mount it. */
  readonly mounters: number;
  /** How the class stands now. */
  readonly now: Said;
  /** Set where a new version would not be carried through this class. */
  readonly stopped?: Said;
}

export interface SecretPlan {
  readonly name: string;
  readonly class: string;
  readonly type: string;
  /** Keys that the object feeds. */
  readonly keys: readonly string[];
  readonly exists: boolean;
  /** Set where it would not be written. */
  readonly stopped?: Said;
}

export interface WorkloadPlan {
  readonly kind: WorkloadKind;
  readonly name: string;
  /** Asked for; for a DaemonSet the nodes it should run on. */
  readonly replicas: number;
  /** Live pods. */
  readonly pods: number;
  /** `mounter`: mounts a class of the object. `reader`: only reads a Secret that it feeds. */
  readonly role: "mounter" | "reader";
  /** Classes through which it depends on the object. */
  readonly classes: readonly string[];
  readonly reads: readonly ReadPlan[];
  readonly action: WorkloadAction;
  /** Of a restart: 1 while the Secrets could still be reverted by old mounts, 2 after that. */
  readonly wave?: 1 | 2;
  readonly strategy: "RollingUpdate" | "Recreate" | "OnDelete";
  /** Set where its restart leaves moments without a ready pod. */
  readonly outage?: Outage;
  /** Set where it needs a restart that it would not get, or not yet. */
  readonly stopped?: Said;
}

/** `refresh`: the kubelet renews its files. `none`: it has no live pods. */
export type WorkloadAction = "restart" | "refresh" | "stopped" | "none";

export interface ReadPlan {
  readonly secret: string;
  readonly key?: string;
  readonly by: "env" | "volume" | "subPath";
}

export interface Outage {
  readonly kind: "recreate" | "only-pod" | "all-at-once" | "each-node";
  readonly sentence: string;
}

export interface PodPlan {
  readonly name: string;
  /** `Job/migrate`; absent for a bare pod. */
  readonly owner?: string;
  readonly role: "mounter" | "reader";
  readonly said: Said;
}
