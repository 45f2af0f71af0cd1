/**
 * What no event brought: the timer looks at every mapped target again. It acts through the same `converge`, so what
 * is right stays untouched.
 */

import type { ReconcileResult } from "./bridge.ts";
import { findTargets, unsearchedOutcome } from "./find-targets.ts";
import type { Rotation, RotatePorts } from "./rotate.ts";

export async function reconcileAll(rotation: Rotation, ports: RotatePorts): Promise<ReconcileResult> {
  const { targets, unsearched } = await findTargets(ports.map, ports.clusters, undefined);
  for (const { cluster, problem } of unsearched) ports.log.warn("outcome", unsearchedOutcome(cluster, problem));
  const results = await rotation.lookAt(targets, ports.clock.now() + ports.timeBudgetMs);
  const unfinished = results.filter((result) => result.outcome === "waiting").length;
  return { looked: targets.length, unfinished };
}
