/**
 * The decision of one look: what the namespace still needs, in which order, or why not.
 *
 * Pure. It decides from what the vault and the cluster say now, so it may be asked again at any point: after its steps
 * are done and the cluster has followed, it has nothing more to say (`plan` after `act` is empty).
 *
 * Order: refuse, settle, write, restart mounters, prove them, read again, restart readers, prove, final look. Waves
 * (workloads restarted together) and stages (targets written together) are one each; gap, window and breaker have their
 * place where `restart` and `write` decisions become steps.
 */

import type { Outcome } from "../reasons.ts";
import { sayClass } from "./class-findings.ts";
import { conclude, stopOf } from "./conclude.ts";
import { decideAll } from "./decide-all.ts";
import { decideSecret } from "./decide-secret.ts";
import { noteDue } from "./due-restarts.ts";
import { noteLeftAlone, takeUpLeftAlone } from "./left-alone.ts";
import { mountNewObjects } from "./new-objects.ts";
import { nextAfter } from "./outcomes.ts";
import type { Finding } from "./outcomes.ts";
import type { Next, Plan, PlanInput, Step } from "./plan-types.ts";
import { proveMounters } from "./proof.ts";
import { survey } from "./survey.ts";
import { keepWatched } from "./rollout.ts";
import { workable } from "./workable.ts";
import { stateOf } from "./workload-state.ts";
import type { WorkloadState } from "./workload-state.ts";

export function plan(input: PlanInput): Plan {
  const look = survey(input);
  const findings = new Map<string, Finding[]>([...look.verdicts.keys()].map((name) => [name, []]));
  const say = (name: string, outcome: Outcome, next: Next = nextAfter(outcome)) =>
    findings.get(name)?.push({ outcome, next });
  const steps: { readonly step: Step; readonly classes: readonly string[] }[] = [];

  const working = workable(look, say);
  noteLeftAlone(working);
  const states = working.found.workloads.filter((item) => item.pods.length > 0).map((item) => stateOf(item, working));
  for (const state of states) takeUpLeftAlone(state, working);
  // Pods may still mount what their template no longer does.
  const mounts = (state: WorkloadState) =>
    state.item.pods.some((pod) => pod.uses.mounts.some((mount) => working.active.has(mount.className)));
  const relevant = states.filter((state) => state.classes.length > 0 || mounts(state));
  const decisions = decideAll(relevant, working);
  if (stopOf(working) === undefined) noteDue(relevant, decisions, working);
  for (const item of working.found.workloads)
    keepWatched(item, (decisions.get(item.key)?.kind ?? "done") === "done", working);

  for (const [name, owner] of working.active) {
    const proof = proveMounters(owner, decisions, working);
    const newObjects = mountNewObjects(owner, relevant, decisions, working);
    for (const { outcome, next, step } of newObjects) {
      say(name, outcome, next);
      const taken = steps.some((other) => sameWorkload(other.step, step));
      if (step !== undefined && !taken) steps.push({ step, classes: [name] });
    }
    const secrets = owner.secrets.map((secret) => decideSecret(secret, owner, proof.proven, working));
    sayClass(name, owner, proof, secrets, decisions, working, say);
    for (const decision of secrets) if (decision.kind === "step") steps.push({ step: decision.step, classes: [name] });
  }
  for (const decision of decisions.values()) {
    if (decision.kind === "restart")
      steps.push({ step: decision.step, classes: decision.for.flatMap((use) => [...use.classes]) });
  }
  return conclude(look, findings, steps, say);
}

/** Two classes may choose the same workload for what is new in them: one restart mounts both. */
function sameWorkload(one: Step, other: Step | undefined): boolean {
  return one.kind === "restart" && other?.kind === "restart" && one.workload.uid === other.workload.uid;
}
