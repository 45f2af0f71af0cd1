/** A namespace as a look finds it, and the looks of a plan at it. */

import type { Observed } from "../../../shared/core/observed.ts";
import { plan } from "../../../shared/core/plan/plan.ts";
import type { Plan, PlanInput } from "../../../shared/core/plan/plan-types.ts";
import { driverOf, hour, noon, second } from "./builders.ts";

type Seen = Pick<Observed, "classes" | "secrets" | "workloads" | "pods" | "podStatuses">;

/** An hour past noon, on driver 1.5 without rotation, with nobody's revisions. */
export function observedOf(seen: Seen & Partial<Observed>): Observed {
  return {
    target: { cluster: "blue", namespace: "default" },
    at: noon + hour,
    revisions: [],
    markersSince: undefined,
    driver: driverOf("1.5", "off"),
    ...seen,
  };
}

/** A second look, a little later: Secrets must have been right for a second before anything is restarted. */
export function secondLook(input: PlanInput, afterMs = 2 * second): Plan {
  return plan({ ...input, memory: plan(input).memory, now: input.now + afterMs });
}
