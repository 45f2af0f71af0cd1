/** What to do with one workload at this look. */

import type { Next, Step } from "./plan-types.ts";
import type { Obstacle, Progress } from "./wait.ts";
import type { ObjectUse } from "./workload-state.ts";

export type WorkloadDecision =
  /** Started for everything; its rollout is complete. */
  | { readonly kind: "done"; readonly outcome: undefined; readonly for: readonly ObjectUse[] }
  /** Right bytes under an older version id; the driver's refresh is awaited. */
  | {
      readonly kind: "equal-bytes";
      readonly outcome: Progress;
      readonly next: Next;
      readonly for: readonly ObjectUse[];
    }
  /** A rollout is on its way, ours or somebody's. */
  | { readonly kind: "rolling"; readonly outcome: Progress; readonly next: Next; readonly for: readonly ObjectUse[] }
  /** Needs a restart that must wait for something that passes; `forOthers`: for the proof of what other workloads mount. */
  | {
      readonly kind: "held";
      readonly outcome: Progress;
      readonly next: Next;
      readonly for: readonly ObjectUse[];
      readonly forOthers?: true;
    }
  | {
      readonly kind: "restart";
      readonly step: Extract<Step, { kind: "restart" }>;
      readonly outcome: Progress;
      readonly next: Next;
      readonly for: readonly ObjectUse[];
    }
  | { readonly kind: "obstacle"; readonly outcome: Obstacle; readonly for: readonly ObjectUse[] };
