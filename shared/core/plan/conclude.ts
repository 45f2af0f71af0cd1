/** From all findings and steps of a look to its plan. */

import { ownMarker } from "../marker.ts";
import type { Outcome } from "../reasons.ts";
import type { Say } from "./class-findings.ts";
import { describe } from "./describe-step.ts";
import type { Look } from "./look.ts";
import { restartKey } from "./memory-keys.ts";
import { chooseOutcome, combineNext } from "./outcomes.ts";
import type { Finding } from "./outcomes.ts";
import type { Next, Plan, Step } from "./plan-types.ts";
import type { Obstacle } from "./wait.ts";
import { dateWarnings } from "./warnings.ts";

/** Observe mode, the stop switch and a missing cage turn steps into a report. */
export function conclude(
  look: Look,
  findings: ReadonlyMap<string, readonly Finding[]>,
  steps: readonly { step: Step; classes: readonly string[] }[],
  say: Say,
): Plan {
  const stop = stopOf(look);
  const outcomes = new Map<string, Outcome>();
  const nexts: Next[] = [];
  if (stop !== undefined) {
    for (const { step, classes } of steps)
      for (const name of classes) say(name, { ...stop, about: [...stop.about, describe(step)] }, { kind: "end" });
  }
  for (const [name, found] of findings) {
    if (look.found.classes.get(name)?.provider !== "azure") continue;
    const isReport = ({ outcome }: Finding) => outcome.kind !== "converged" && outcome.reason === stop?.reason;
    const reports = found.filter(isReport);
    const worse = found.filter(
      (finding) => (finding.outcome.kind === "failed" || finding.outcome.kind === "refused") && !isReport(finding),
    );
    const others = stop === undefined ? found : found.map((finding) => withoutSteps(finding, stop));
    const counted = reports.length > 0 ? [...worse, ...reports] : others;
    outcomes.set(name, chooseOutcome(counted));
    nexts.push(...counted.map((finding) => finding.next));
  }
  look.notebook.keepReverted(
    () => new Set(look.found.workloads.map(({ key, workload }) => restartKey(key, ownMarker(workload)))),
  );
  const done = steps.map(({ step }) => step);
  const moved = new Set(steps.flatMap(({ classes }) => classes));
  return {
    outcomes,
    steps: stop === undefined ? done : [],
    wouldDo: stop === undefined ? [] : done,
    needs: look.needs,
    next: combineNext(nexts),
    memory: look.notebook.toMemory(),
    warnings: dateWarnings(
      [...look.active.values()].filter((owner) => moved.has(owner.item.name)),
      look.now,
    ),
  };
}

/** What waits for a step that will not be taken waits for the same as the step. */
function withoutSteps(finding: Finding, stop: Obstacle): Finding {
  const { outcome, next } = finding;
  if (outcome.kind !== "waiting" || next.kind !== "soon" || next.afterStep !== true) return finding;
  return { outcome: { ...stop, about: [...stop.about, ...outcome.about] }, next: { kind: "end" } };
}

/** Why no step may be taken in this target, whatever it is. */
export function stopOf({ policy, input: { observed } }: Look): Obstacle | undefined {
  if (policy.writesStopped) return { kind: "waiting", reason: "writes-stopped", about: [] };
  if (policy.mode === "observe") return { kind: "waiting", reason: "observe-only", about: [] };
  if (!policy.needsCage || observed.cage?.stands === true) return undefined;
  return { kind: "refused", reason: "no-cage", about: [observed.cage?.why ?? "Nobody has looked for it."] };
}
