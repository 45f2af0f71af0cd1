/** The bridge's own queue message: where to look again. Names and versions only; never a value. */

import type { ByHand } from "./by-hand.ts";
import type { Memory } from "./memory.ts";
import type { Target } from "./target.ts";

export interface TargetMessage {
  readonly kind: "target";
  /** Version of this shape. */
  readonly v: 1;
  readonly target: Target;
  /** One chain of messages per cause; a newer chain of the same target ends the older one. */
  readonly chain: string;
  readonly scope: Scope;
  /** What a person asked for by hand, and when; see `PlanInput.byHand`. */
  readonly byHand?: ByHand;
  readonly memory: Memory;
}

/** Which objects brought us here. `all`: everything in the namespace (timer, or a merged message). */
export type Scope = "all" | readonly ObjectHint[];

export interface ObjectHint {
  /** See `objectKey`. */
  readonly object: string;
  /** The version an event named; a hint for the stale-read guard, never what is written. */
  readonly version: string | undefined;
}
