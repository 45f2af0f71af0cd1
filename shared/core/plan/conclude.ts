/** From all findings and steps of a look to its plan. */

import type { Outcome } from "../reasons.ts";
import type { Say } from "./class-findings.ts";
import { describe } from "./describe-step.ts";
import type { Look } from "./look.ts";
import { chooseOutcome, combineNext } from "./outcomes.ts";
import type { Finding } from "./outcomes.ts";
import type { Next, Plan, Step } from "./plan-types.ts";
import { dateWarnings } from "./warnings.ts";

/** Observe mode and the stop switch turn steps into a report. */
export function conclude(
  look: Look,
  findings: ReadonlyMap<string, readonly Finding[]>,
  steps: readonly { step: Step; classes: readonly string[] }[],
  say: Say,
): Plan {
  const stopped = look.policy.writesStopped
    ? "writes-stopped"
    : look.policy.mode === "observe"
      ? "observe-only"
      : undefined;
  const outcomes = new Map<string, Outcome>();
  const nexts: Next[] = [];
  if (stopped !== undefined) {
    for (const { step, classes } of steps)
      for (const name of classes)
        say(name, { kind: "waiting", reason: stopped, about: [describe(step)] }, { kind: "end" });
  }
  for (const [name, found] of findings) {
    if (look.found.classes.get(name)?.provider !== "azure") continue;
    const reports =
      stopped === undefined
        ? []
        : found.filter(({ outcome }) => outcome.kind === "waiting" && outcome.reason === stopped);
    const worse = found.filter(({ outcome }) => outcome.kind === "failed" || outcome.kind === "refused");
    const others = stopped === undefined ? found : found.map((finding) => withoutSteps(finding, stopped));
    const counted = reports.length > 0 ? [...worse, ...reports] : others;
    outcomes.set(name, chooseOutcome(counted));
    nexts.push(...counted.map((finding) => finding.next));
  }
  const done = steps.map(({ step }) => step);
  const moved = new Set(steps.flatMap(({ classes }) => classes));
  return {
    outcomes,
    steps: stopped === undefined ? done : [],
    wouldDo: stopped === undefined ? [] : done,
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
function withoutSteps(finding: Finding, reason: "writes-stopped" | "observe-only"): Finding {
  const { outcome, next } = finding;
  if (outcome.kind !== "waiting" || next.kind !== "soon" || next.afterStep !== true) return finding;
  return { outcome: { ...outcome, reason }, next: { kind: "end" } };
}
