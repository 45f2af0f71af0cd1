/** How a local cluster is set up. */

import type { LocalClock } from "../clock.ts";
import type { DriverTiming } from "./csi/driver-options.ts";
import type { VaultRead } from "./csi/mounts.ts";
import type { Generation } from "./csi/sync-secret.ts";
import type { NodeTiming } from "./node/node-services.ts";

export interface LocalClusterOptions {
  readonly clock: LocalClock;
  readonly name: string;
  /** `1.5` behaves as driver 1.5.6, `1.6` as 1.6.1. */
  readonly generation: Generation;
  readonly rotation: "on" | "off";
  /** The driver's `--rotation-poll-interval`; 2 minutes where left out. Counts where rotation is on. */
  readonly pollIntervalMs?: number;
  /** What pods' mounts read. */
  readonly vault: VaultRead;
  /** Names of the nodes; two by default. */
  readonly nodes?: readonly string[];
  readonly timing?: Partial<NodeTiming>;
  readonly driverTiming?: Partial<DriverTiming>;
  /** How far the kubelets' Secret cache is behind the API, in milliseconds. Default 0. */
  readonly secretCacheMs?: number;
  /** From a change to a controller's look at it. Default 20 ms. */
  readonly reactionMs?: number;
  /** From an owner's end to that of its dependents. Default 50 ms. */
  readonly garbageMs?: number;
  /** Stakater Reloader runs here; a number is its delay in milliseconds (default 1,000). */
  readonly reloader?: boolean | number;
  /** False: neither the CSIDriver object nor the driver's DaemonSet can be read. Default true. */
  readonly driverVisible?: boolean;
  /** Watch events kept per kind. */
  readonly watchHistory?: number;
}

export const defaultTiming: NodeTiming = {
  kubeletMs: 10,
  startDelayMs: 500,
  readyAfterMs: 2000,
  crashAfterMs: 500,
  stopDelayMs: 500,
  mountBackoffCapMs: 122_000,
  resyncMs: 60_000,
};
