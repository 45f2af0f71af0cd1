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
import { decideSecret, waitForSecrets } from "./decide-secret.ts";
import type { SecretDecision } from "./decide-secret.ts";
import { decideWorkload } from "./decide-workload.ts";
import type { WorkloadDecision } from "./decide-workload.ts";
import { staleHold } from "./holds.ts";
import type { Hold } from "./holds.ts";
import type { ActiveClass, Look } from "./look.ts";
import { showsCurrent } from "./look.ts";
import { mountNewObjects } from "./new-objects.ts";
import { chooseOutcome, combineNext, nextAfter } from "./outcomes.ts";
import type { Finding } from "./outcomes.ts";
import type { Next, Plan, PlanInput, Step } from "./plan-types.ts";
import { proveMounters } from "./proof.ts";
import type { Proof, Wait } from "./proof.ts";
import { survey } from "./survey.ts";
import { dateWarnings } from "./warnings.ts";
import { stateOf } from "./workload-state.ts";
import type { WorkloadState } from "./workload-state.ts";
import { restartPolicyOf } from "../policy.ts";

const finalLookMs = 10_000;

export function plan(input: PlanInput): Plan {
  const look = survey(input);
  const findings = new Map<string, Finding[]>([...look.verdicts.keys()].map((name) => [name, []]));
  const say = (name: string, outcome: Outcome, next: Next = nextAfter(outcome)) =>
    findings.get(name)?.push({ outcome, next });
  const steps: { readonly step: Step; readonly classes: readonly string[] }[] = [];

  const held = holdClasses(look, say);
  const hopeless = new Set(
    [...look.active].filter(([name, owner]) => !held.has(name) && neverRefreshes(owner, look)).map(([name]) => name),
  );
  for (const name of hopeless)
    say(name, { kind: "refused", reason: "never-refreshes", about: [`SecretProviderClass/${name}`] });
  const workable = new Map([...look.active].filter(([name]) => !held.has(name) && !hopeless.has(name)));
  const working: Look = { ...look, active: workable };

  const states = working.found.workloads.filter((item) => item.pods.length > 0).map((item) => stateOf(item, working));
  const touchesHeld = (state: WorkloadState) => [...state.item.mounts].some((name) => held.has(name));
  const relevant = states.filter((state) => (state.uses.length > 0 || state.classes.length > 0) && !touchesHeld(state));
  const decisions = decideAll(relevant, working);

  for (const [name, owner] of workable) {
    const proof = proveMounters(owner, decisions, working);
    const newObjects = mountNewObjects(owner, relevant, decisions, working);
    for (const { outcome, next, step } of newObjects) {
      say(name, outcome, next);
      if (step !== undefined) steps.push({ step, classes: [name] });
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

type Say = (name: string, outcome: Outcome, next?: Next) => void;

/** Classes that must be left alone at this look, with the reason said. */
function holdClasses(look: Look, say: Say): ReadonlySet<string> {
  const held = new Set<string>();
  for (const [name, verdict] of look.verdicts) {
    if (verdict.kind === "refused") say(name, { kind: "refused", reason: verdict.reason, about: verdict.about });
    if (verdict.kind === "unavailable")
      say(
        name,
        { kind: "waiting", reason: "vault-unavailable", about: verdict.about },
        { kind: "later", atLeastMs: 15_000 },
      );
    if (verdict.kind !== "active") held.add(name);
  }
  for (const [name, hold] of staleHolds(look)) {
    say(name, hold.outcome, hold.next);
    held.add(name);
  }
  return new Set([...held].filter((name) => look.active.has(name) || blocksMounts(name, look)));
}

/** A stale answer for one class holds every class that shares a mounting workload with it: that one cannot be restarted. */
function staleHolds(look: Look): ReadonlyMap<string, Hold> {
  const holds = new Map<string, Hold>();
  for (const [name, owner] of look.active) {
    const hold = staleHold(owner, look);
    if (hold !== undefined) holds.set(name, hold);
  }
  const groups = look.found.workloads
    .filter((item) => item.pods.length > 0)
    .map((item) => [...item.mounts].filter((name) => look.active.has(name)));
  for (let before = -1; before < holds.size;) {
    before = holds.size;
    for (const names of groups) {
      const source = names.map((name) => holds.get(name)).find((hold) => hold !== undefined);
      if (source !== undefined) for (const name of names) if (!holds.has(name)) holds.set(name, source);
    }
  }
  return holds;
}

/** A refused class whose pods could hang holds every workload that mounts it; an opted-out class does not. */
function blocksMounts(name: string, look: Look): boolean {
  const verdict = look.verdicts.get(name);
  return verdict?.kind === "unavailable" || (verdict?.kind === "refused" && verdict.blocks);
}

/**
 * Mounters first: a workload that only reads a Secret may start once the class is proven (nothing can revert the
 * Secret any more), on driver 1.5 also when only mounts remain that nobody can replace, since those revert nothing.
 * Workloads that wait for each other's classes in a ring are let go together, as mounters.
 */
function decideAll(states: readonly WorkloadState[], look: Look): ReadonlyMap<string, WorkloadDecision> {
  const waitBy = (decisions: ReadonlyMap<string, WorkloadDecision>) => (owner: ActiveClass) => {
    const proof = proveMounters(owner, decisions, look);
    const stable = proof.proven || (proof.onlyObstacles && look.driver.generation === "1.5");
    return stable ? waitForSecrets(owner, look) : proof.waitsFor;
  };
  const first = new Map(states.map((state) => [state.item.key, decideWorkload(state, unproven, look)]));
  const decided = new Map(states.map((state) => [state.item.key, decideWorkload(state, waitBy(first), look)]));
  const ring = new Set(
    [...decided]
      .filter(([key, decision]) => decision.kind === "held" && mountsSomething(key, states))
      .map(([key]) => key),
  );
  if (ring.size < 2) return decided;
  // Without the ring's own members, is anything left that a member would have to wait for?
  const others = new Map([...decided].filter(([key]) => !ring.has(key)));
  return new Map(
    states.map((state) => [
      state.item.key,
      decideWorkload(state, waitBy(ring.has(state.item.key) ? others : first), look),
    ]),
  );
}

/** Before anything is decided, every class counts as not proven. */
function unproven(owner: ActiveClass): Wait {
  const about = [`SecretProviderClass/${owner.item.name}`];
  return { outcome: { kind: "waiting", reason: "rollout-running", about }, next: { kind: "soon", ms: 1500 } };
}

function mountsSomething(key: string, states: readonly WorkloadState[]): boolean {
  return states.some((state) => state.item.key === key && state.item.mounts.size > 0);
}

/** All that mounts the class must not be restarted and the driver never refreshes: the new version would never arrive. */
function neverRefreshes(owner: ActiveClass, look: Look): boolean {
  if (look.driver.rotation === "on" || owner.mounters.length === 0) return false;
  const allNever = owner.mounters.every((pod) =>
    look.found.workloads.some((item) => restartPolicyOf(item.key, look.policy) === "never" && item.pods.includes(pod)),
  );
  const behind =
    owner.mounters.some((pod) => !showsCurrent(look, pod, owner, owner.objects)) ||
    owner.secrets.some((secret) => secret.state.kind === "wrong");
  return allNever && behind;
}

function sayClass(
  name: string,
  owner: ActiveClass,
  proof: Proof,
  secrets: readonly SecretDecision[],
  decisions: ReadonlyMap<string, WorkloadDecision>,
  look: Look,
  say: Say,
): void {
  for (const outcome of proof.outcomes) say(name, outcome);
  for (const decision of secrets) {
    if (decision.kind === "stopped") say(name, decision.outcome);
    if (decision.kind === "waiting" || decision.kind === "step") say(name, decision.outcome, decision.next);
  }
  for (const decision of decisions.values()) {
    if (decision.outcome === undefined || !decision.for.some((use) => use.classes.has(name))) continue;
    const next =
      "next" in decision
        ? decision.next
        : decision.kind === "restart"
          ? ({ kind: "soon", ms: 1000 } as const)
          : undefined;
    say(name, decision.outcome, next);
  }
  const unmanaged = unmanagedReaders(owner, look);
  if (unmanaged.length > 0) say(name, { kind: "waiting", reason: "unmanaged-pod", about: unmanaged });
  const left = finalLookAt(owner) - look.now;
  if (left > 0 && owner.secrets.some((secret) => secret.state.kind !== "refused")) {
    say(name, { kind: "waiting", reason: "final-look", about: [] }, { kind: "soon", ms: Math.min(left, 2000) });
  }
  const idle =
    owner.mounters.length === 0 &&
    ![...decisions.values()].some((decision) => decision.for.some((use) => use.classes.has(name)));
  say(name, { kind: "converged", idle });
}

/** A rollout faster than the driver's owner patcher can lose the Secret seconds later: it is looked at once more. */
function finalLookAt(owner: ActiveClass): number {
  return (
    Math.max(0, ...owner.mounters.map((pod) => (pod.ready ? (pod.readyChangedAt ?? pod.createdAt) : pod.createdAt))) +
    finalLookMs
  );
}

/** Pods that nobody can restart and that got a value at their start, before it became current. */
function unmanagedReaders(owner: ActiveClass, look: Look): readonly string[] {
  return look.found.unmanaged
    .filter((pod) => pod.started)
    .filter((pod) =>
      owner.secrets.some((secret) => {
        if (secret.state.kind !== "right") return false;
        const present = secret.state.secret;
        return [...secret.sources].some(([key, wanted]) => {
          const reads = pod.uses.reads.some(
            (read) =>
              read.secret === secret.name && read.by !== "volume" && (read.key === undefined || read.key === key),
          );
          const writtenAt = present.writers.find(
            (writer) => writer.manager === "rotation-bridge" && writer.keys.has(key),
          )?.at;
          return reads && !wanted.pinned && pod.createdAt <= (writtenAt ?? wanted.createdOn - 1);
        });
      }),
    )
    .map((pod) => `Pod/${pod.name}`);
}

/** Observe mode and the stop switch turn steps into a report. */
function conclude(
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
    const counted = reports.length > 0 ? [...worse, ...reports] : found;
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

/** One line a person can read: `write Secret/app (color)`. */
export function describe(step: Step): string {
  switch (step.kind) {
    case "write":
      return `write Secret/${step.secret} (${[...step.data.keys()].join(", ")})`;
    case "restart":
      return `restart ${step.workload.kind}/${step.workload.name}`;
    case "touch":
      return `touch SecretProviderClassPodStatus/${step.podStatus}`;
  }
}
