/** What the rotation map says for one target, ready to decide with. Made by rotation-map.ts. */

import type { Driver, WorkloadRef } from "./observed.ts";
import type { ProviderFlags } from "./rendering/provider-settings.ts";

export interface TargetPolicy {
  /** `observe` reports the plan and writes nothing. */
  readonly mode: "observe" | "act";
  /** The map's one switch that stops all writes everywhere. */
  readonly writesStopped: boolean;
  /** Nothing is written unless the cage stands in the cluster: always in `act`, but where the map says `withoutCage`. */
  readonly needsCage: boolean;
  /** Names (lower case) of the vaults whose values the map lets flow here. */
  readonly vaults: ReadonlySet<string>;
  /** The Azure cloud (in capitals, as in a class's `cloudName`) of each vault that is not in the public one. */
  readonly clouds?: ReadonlyMap<string, string>;
  /** Wait after an object's creation, so that values that change together cost one restart. */
  readonly settleMs: number;
  readonly settleAtMostMs: number;
  /** What a class that gained objects gets: its owner's own rollout, or a restart by the bridge. */
  readonly newObjects: "wait" | "restart";
  /** Classes (by name) that the bridge cannot check but may assume to mount. */
  readonly assumeMountable: ReadonlySet<string>;
  /** Secrets (by name) whose present bytes may be replaced although the bridge cannot reproduce them. */
  readonly replaceUnproven: ReadonlySet<string>;
  /** Restart policy by `Kind/name`; `restart` for all others. Only `get`: the map's entries may be patterns. */
  readonly restart: RestartPolicy;
  readonly restartByWorkload: Pick<ReadonlyMap<string, RestartPolicy>, "get">;
  /** Fixed facts about the driver; they win over what is read from the cluster. */
  readonly driver: Partial<Driver>;
  /** How the cluster's Azure provider was started; its own defaults where absent. */
  readonly provider?: ProviderFlags;
  /** False: only the Secrets of `links` are looked after. */
  readonly discovery: boolean;
  readonly links: readonly Link[];
  /** When waiting ends; {@link defaultTimeouts} where absent. */
  readonly timeouts?: Timeouts;
}

export interface Timeouts {
  /** A rollout without progress for so long (plus the workload's own times) is stuck. */
  readonly rolloutMs: number;
  /** A synced Secret that is gone for so long is lost. */
  readonly secretLostMs: number;
  /** How long the vault is asked again when it names an older version than one already seen. */
  readonly vaultStaleMs: number;
}

export const defaultTimeouts: Timeouts = { rolloutMs: 600_000, secretLostMs: 360_000, vaultStaleMs: 60_000 };

/**
 * `auto`: mounters and what reads by env or subPath. `always`: readers by volume too. `never`: the application
 * reloads its files; the driver's own refresh is awaited.
 */
export type RestartPolicy = "auto" | "always" | "never";

/** `key` is `Kind/name`. */
export function restartPolicyOf(
  key: string,
  policy: Pick<TargetPolicy, "restart" | "restartByWorkload">,
): RestartPolicy {
  return policy.restartByWorkload.get(key) ?? policy.restart;
}

/** Dependents that no manifest shows: these workloads are restarted as readers of the Secret. */
export interface Link {
  readonly object: string;
  readonly secret: string;
  readonly workloads: readonly WorkloadRef[];
}
