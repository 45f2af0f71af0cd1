import type { Store } from "../store.ts";
import type { Timers } from "../timers.ts";

/** What every controller runs on. */
export interface ControllerContext {
  readonly store: Store;
  readonly timers: Timers;
  /** Time from a change to the controller's look at it, in milliseconds. */
  readonly reactionMs: number;
  /** Names of all nodes, for DaemonSets. */
  readonly nodes: () => readonly string[];
}
