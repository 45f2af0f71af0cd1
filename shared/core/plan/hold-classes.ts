/** Which classes must be left alone at this look, and why. */

import { restartPolicyOf } from "../policy.ts";
import type { Say } from "./class-findings.ts";
import { staleHold } from "./holds.ts";
import { showsCurrent } from "./look.ts";
import type { ActiveClass, Look } from "./look.ts";
import type { Waiting } from "./wait.ts";

/** Classes that must be left alone at this look, with the reason said. */
export function holdClasses(look: Look, say: Say): ReadonlySet<string> {
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
function staleHolds(look: Look): ReadonlyMap<string, Waiting> {
  const holds = new Map<string, Waiting>();
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
