/** What every node's kubelet runs on. */

import type { Store } from "../store.ts";
import type { Timers } from "../timers.ts";
import type { SecretCache } from "./secret-cache.ts";

/** How long things take on every node, in milliseconds; may be changed while the cluster runs. */
export interface NodeTiming {
  /** From a pod's binding to the first mount. */
  kubeletMs: number;
  /** From the mount to the container's start: sandbox and image. */
  startDelayMs: number;
  /** From the container's start to readiness. */
  readyAfterMs: number;
  /** From a container's start to its crash, where `crashes` says so. */
  crashAfterMs: number;
  /** From a pod's deletion to its end; its grace period at most. */
  stopDelayMs: number;
  /** Longest wait between two tries of a failed mount. */
  mountBackoffCapMs: number;
  /** From one sync of a pod by its kubelet to the next, and up to half as long again (`syncFrequency`). */
  resyncMs: number;
}

/** What one container got at one start. For tests: it holds values as text. */
export interface ContainerStart {
  readonly namespace: string;
  readonly pod: string;
  readonly podUid: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly node: string;
  readonly container: string;
  /** 0 for the first start, then the number of restarts. */
  readonly attempt: number;
  readonly at: number;
  readonly env: Readonly<Record<string, string>>;
  /** By whole path in the container. */
  readonly files: Readonly<Record<string, string>>;
}

export interface NodeServices {
  readonly store: Store;
  readonly timers: Timers;
  readonly timing: NodeTiming;
  readonly secrets: SecretCache;
  readonly record: (start: ContainerStart) => void;
  /** Does a container that started with this crash? Asked at each start. */
  readonly crashes: (start: ContainerStart) => boolean;
}
