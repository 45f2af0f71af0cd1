/** The bridge's own view of a target once an object has a new version: what it would rule out, and why. */

import type { WorkloadPods } from "../dependents.ts";
import type { ActiveClass, Look } from "../plan/look.ts";
import { obstacleOf } from "../plan/obstacles.ts";
import type { PlanInput } from "../plan/plan-types.ts";
import { survey } from "../plan/survey.ts";
import type { Obstacle } from "../plan/wait.ts";
import { workable } from "../plan/workable.ts";
import { stateOf } from "../plan/workload-state.ts";
import type { Outcome } from "../reasons.ts";
import { withNewVersion } from "./hypothetical.ts";

/** What the bridge would see and rule out once there is a new version. */
export interface Ahead {
  readonly look: Look;
  /** Why a class would not be worked on, by its name. */
  readonly stopped: ReadonlyMap<string, Obstacle>;
}

/** `objects`: keys (`objectKey`) of what would get a new version. */
export function lookAhead(input: PlanInput, objects: ReadonlySet<string>): Ahead {
  const look = survey(withNewVersion(input, objects));
  const stopped = new Map<string, Obstacle>();
  const say = (name: string, outcome: Outcome) => {
    if (outcome.kind !== "converged") stopped.set(name, outcome);
  };
  return { look: workable(look, say), stopped };
}

/** `refresh`: nothing that only a restart would bring. */
export function obstacleAhead(
  item: WorkloadPods,
  classes: readonly string[],
  { look, stopped }: Ahead,
  objects: ReadonlySet<string>,
): Obstacle | "refresh" | undefined {
  const state = stateOf(item, look);
  const uses = state.uses
    .filter(({ wanted }) => objects.has(wanted.key))
    .map((use) => ({ ...use, standing: "old", mountsCurrent: !use.mounts }) as const);
  const blocked = classes.flatMap((name) => stopped.get(name) ?? []);
  if (uses.length > 0) return obstacleOf(state, uses, look);
  return blocked[0] ?? notMounted(item, classes, objects, look) ?? refusedSecret(item, classes, look) ?? "refresh";
}

/** The class gained the object, and no pod has mounted it yet: its owner's own rollout does. */
function notMounted(
  item: WorkloadPods,
  classes: readonly string[],
  objects: ReadonlySet<string>,
  look: Look,
): Obstacle | undefined {
  const owners = classes.filter((name) => item.mounts.has(name)).flatMap((name) => look.active.get(name) ?? []);
  const fresh = owners.filter((owner) =>
    owner.objects.some(({ wanted, unmounted }) => unmounted && objects.has(wanted.key)),
  );
  if (fresh.length === 0) return undefined;
  const about = fresh.map((owner) => `SecretProviderClass/${owner.item.name}`);
  return { kind: "waiting", reason: "class-changed", about };
}

/** Keys of a Secret that is refused are no use: nothing would be written that a restart could bring. */
function refusedSecret(item: WorkloadPods, classes: readonly string[], look: Look): Obstacle | undefined {
  const owners = classes.flatMap((name) => look.active.get(name) ?? []);
  for (const { state, name } of owners.flatMap((owner: ActiveClass) => owner.secrets)) {
    if (state.kind === "refused" && item.reads.some((read) => read.secret === name)) return state.outcome;
  }
  return undefined;
}
