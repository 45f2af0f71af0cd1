/** Which classes must be left alone at this look, and why. */

import { restartPolicyOf } from "../policy.ts";
import type { Outcome } from "../reasons.ts";
import type { Say } from "./class-findings.ts";
import { staleHold } from "./holds.ts";
import { showsCurrent } from "./look.ts";
import type { ActiveClass, Look } from "./look.ts";
import type { Obstacle, Waiting } from "./wait.ts";

/**
 * Classes that must be left alone at this look, with the reason said. The answer says of each what is true of a
 * workload that mounts it, for the other classes that it reads of.
 */
export function holdClasses(look: Look, say: Say): ReadonlyMap<string, Obstacle> {
  const held = new Map<string, Obstacle>();
  for (const [name, verdict] of look.verdicts) {
    if (verdict.kind === "refused") say(name, { kind: "refused", reason: verdict.reason, about: verdict.about });
    if (verdict.kind === "refused" && verdict.blocks)
      held.set(name, { kind: "refused", reason: "mounted-with-refused", about: [`SecretProviderClass/${name}`] });
    if (verdict.kind === "unavailable") {
      const outcome = { kind: "waiting", reason: "vault-unavailable", about: verdict.about } as const;
      say(name, outcome, { kind: "later", atLeastMs: 15_000 });
      held.set(name, outcome);
    }
  }
  for (const [name, hold] of staleHolds(look)) {
    say(name, hold.outcome, hold.next);
    held.set(name, hold.outcome);
  }
  for (const [name, outcome] of harmfulHolds(look, held)) {
    say(name, outcome);
    held.set(name, outcome);
  }
  return held;
}

/** A stale answer for one class holds every class that shares a mounting workload with it: that one cannot be restarted. */
function staleHolds(look: Look): ReadonlyMap<string, Waiting> {
  const holds = new Map<string, Waiting>();
  for (const [name, owner] of look.active) {
    const hold = staleHold(owner, look);
    if (hold !== undefined) holds.set(name, hold);
  }
  spreadOverMounters(holds, look, (_, hold) => hold);
  return holds;
}

/**
 * A class of which the driver would make a Secret that no server can load: on 1.6 it does so for every new pod, so
 * nothing that mounts the class may be restarted. Decided after stale answers, which can look like a broken object.
 */
function harmfulHolds(look: Look, held: ReadonlyMap<string, Obstacle>): ReadonlyMap<string, Refused> {
  const holds = new Map<string, Refused>();
  for (const [name, { rendering }] of look.active) {
    const about = [...rendering.secrets].flatMap(([secret, made]) =>
      !made.ok && made.error.kind === "harmful" ? [`Secret/${secret}`, made.error.message] : [],
    );
    if (about.length > 0 && !held.has(name)) holds.set(name, { kind: "refused", reason: "unusable-tls", about });
  }
  spreadOverMounters<Refused>(holds, look, (source) => ({
    kind: "refused",
    reason: "mounted-with-refused",
    about: [`SecretProviderClass/${source}`],
  }));
  return new Map([...holds].filter(([name]) => !held.has(name)));
}

type Refused = Extract<Outcome, { kind: "refused" }>;

/** Classes that one workload mounts hang together: it cannot be restarted for one without the others. */
function spreadOverMounters<T>(holds: Map<string, T>, look: Look, spread: (source: string, hold: T) => T): void {
  const groups = look.found.workloads
    .filter((item) => item.pods.length > 0)
    .map((item) => [...item.mounts].filter((name) => look.active.has(name)));
  for (let before = -1; before < holds.size;) {
    before = holds.size;
    for (const names of groups) {
      const source = names.find((name) => holds.has(name));
      const hold = source === undefined ? undefined : holds.get(source);
      if (source === undefined || hold === undefined) continue;
      for (const name of names) if (!holds.has(name)) holds.set(name, spread(source, hold));
    }
  }
}

/** All that mounts the class must not be restarted and the driver never refreshes: the new version would never arrive. */
export function neverRefreshes(owner: ActiveClass, look: Look): boolean {
  if (look.driver.rotation === "on" || owner.mounters.length === 0) return false;
  const allNever = owner.mounters.every((pod) =>
    look.found.workloads.some((item) => restartPolicyOf(item.key, look.policy) === "never" && item.pods.includes(pod)),
  );
  const behind =
    owner.mounters.some((pod) => !showsCurrent(look, pod, owner, owner.objects)) ||
    owner.secrets.some((secret) => secret.state.kind === "wrong");
  return allNever && behind;
}
