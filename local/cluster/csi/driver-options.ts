/** How one node's driver is set up, and how long what it does takes. */

import type { Node } from "../node/node.ts";
import type { Store } from "../store.ts";
import type { Timers } from "../timers.ts";
import type { VaultRead } from "./mounts.ts";
import type { Generation } from "./sync-secret.ts";

export interface DriverTiming {
  /** A mount takes this long, before the vault is read and files are written. */
  readonly mountMs: number;
  /** From a new pod status to the driver's look at it. */
  readonly newPodMs: number;
  /** From a change of a pod status to the driver's look at it. */
  readonly touchMs: number;
  /** Looks at every pod status again after this long. */
  readonly tickMs: number;
  /** Period of the owner patcher. */
  readonly ownersMs: number;
}

export const measuredTiming: DriverTiming = {
  mountMs: 100,
  newPodMs: 100,
  touchMs: 10,
  tickMs: 300_000,
  ownersMs: 5000,
};

export interface DriverOptions {
  readonly store: Store;
  readonly timers: Timers;
  readonly node: Node;
  readonly generation: Generation;
  /** 1.5: the period of its polls. 1.6: how long content is left alone after it changed. Undefined: rotation off. */
  readonly pollIntervalMs: number | undefined;
  readonly vault: VaultRead;
  readonly timing: DriverTiming;
  /** Offset of this node's owner patcher and polls: drivers don't start at one moment. */
  readonly phaseMs: number;
}
