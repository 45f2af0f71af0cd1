/** What the rotation map says for one target, ready to decide with. Made by rotation-map.ts; plain data. */

import type { Driver, WorkloadRef } from "./observed.ts";

export interface TargetPolicy {
  /** `observe` reports the plan and writes nothing. */
  readonly mode: "observe" | "act";
  /** The map's one switch that stops all writes everywhere. */
  readonly writesStopped: boolean;
  /** Names (lower case) of the vaults whose values the map lets flow here. */
  readonly vaults: ReadonlySet<string>;
  /** Wait after an object's creation, so that values that change together cost one restart. */
  readonly settleMs: number;
  readonly settleAtMostMs: number;
  /** What a class that gained objects gets: its owner's own rollout, or a restart by the bridge. */
  readonly newObjects: "wait" | "restart";
  /** Classes (by name) that the bridge cannot check but may assume to mount. */
  readonly assumeMountable: ReadonlySet<string>;
  /** Restart policy by `Kind/name`; `restart` for all others. */
  readonly restart: RestartPolicy;
  readonly restartByWorkload: ReadonlyMap<string, RestartPolicy>;
  /** Fixed facts about the driver; they win over what is read from the cluster. */
  readonly driver: Partial<Driver>;
  /** False: only the Secrets of `links` are looked after. */
  readonly discovery: boolean;
  readonly links: readonly Link[];
}

/**
 * `auto`: mounters and what reads by env or subPath. `always`: readers by volume too. `never`: the application
 * reloads its files; the driver's own refresh is awaited.
 */
export type RestartPolicy = "auto" | "always" | "never";

/** Dependents that no manifest shows: these workloads are restarted as readers of the Secret. */
export interface Link {
  readonly object: string;
  readonly secret: string;
  readonly workloads: readonly WorkloadRef[];
}
