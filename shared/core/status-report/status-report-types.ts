/**
 * Which pod runs which version, beside the vault's current one. Plain data with names and versions, never a value;
 * `rotation-bridge status --json` and the HTTP function `status` answer with it.
 */

import type { ObjectNow, PlanMode, Unread } from "../plan-report/plan-report-types.ts";
import type { Said } from "../said.ts";

export interface StatusReport {
  /** Every class has converged, every pod shows the current versions, and nothing was left unread. */
  readonly allCurrent: boolean;
  /** Sorted by cluster and namespace. */
  readonly targets: readonly TargetStatus[];
  readonly unread: readonly Unread[];
}

export interface TargetStatus {
  readonly cluster: string;
  readonly namespace: string;
  readonly mode: PlanMode;
  readonly classes: readonly ClassStatus[];
}

export interface ClassStatus {
  readonly name: string;
  /** Absent where the class cannot be read. */
  readonly vault?: string;
  /** What the bridge says of the class at this moment. */
  readonly said: Said;
  readonly objects: readonly ObjectStatus[];
  readonly secrets: readonly SecretStatus[];
  readonly pods: readonly PodVersions[];
}

/** What the class wants of one object now. `id`: as pod statuses spell it, `secret/db-password`. */
export interface ObjectStatus extends ObjectNow {
  readonly id: string;
  /** The class pins this version, whatever the vault's current one is. */
  readonly pinned: boolean;
}

export interface SecretStatus {
  readonly name: string;
  /** `current`: holds the bytes of the wanted versions. `unknown`: nothing could be rendered to compare with, or it may not be read. */
  readonly state: "current" | "old" | "missing" | "unknown";
  /** Keys that hold other bytes. */
  readonly keys: readonly string[];
}

export interface PodVersions {
  readonly pod: string;
  /** `Deployment/web`; absent for a pod of none. */
  readonly owner?: string;
  readonly ready: boolean;
  /**
   * `mount`: its pod status says so. `env`: by what proves with what its containers were started; of a pod that mounts
   * the class too only where that is something else.
   */
  readonly by: "mount" | "env";
  readonly versions: readonly PodVersion[];
}

export interface PodVersion {
  /** `secret/db-password`. */
  readonly id: string;
  /** Absent where nothing tells which version it is. */
  readonly version?: string;
  /** `missing`: the pod has not mounted the object. */
  readonly state: "current" | "old" | "missing" | "unknown";
}
