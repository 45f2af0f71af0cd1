/** What to do with one synced Secret at this look: leave it, write it, ask the driver to make it again, or say why not. */

import type { Outcome } from "../reasons.ts";
import { neverMounted, settleMs } from "./holds.ts";
import type { ActiveClass, ActiveSecret, Look } from "./look.ts";
import { showsCurrent } from "./look.ts";
import { rightKey, wroteKey } from "./memory-keys.ts";
import type { Next, Step } from "./plan-types.ts";

export type SecretDecision =
  | { readonly kind: "right" }
  /** There is no such Secret and nobody who would need one. */
  | { readonly kind: "idle" }
  | {
      readonly kind: "step";
      readonly step: Step;
      readonly outcome: Extract<Outcome, { kind: "waiting" }>;
      readonly next: Next;
    }
  | { readonly kind: "waiting"; readonly outcome: Extract<Outcome, { kind: "waiting" }>; readonly next: Next }
  | { readonly kind: "stopped"; readonly outcome: Extract<Outcome, { kind: "refused" | "failed" }> };

const touchEveryMs = 60_000;
const mostRewrites = 3;

/** `proven`: no old mount is left that could put old bytes back. */
export function decideSecret(secret: ActiveSecret, owner: ActiveClass, proven: boolean, look: Look): SecretDecision {
  const state = secret.state;
  switch (state.kind) {
    case "refused":
      return { kind: "stopped", outcome: state.outcome };
    case "right":
      look.notebook.since(rightKey(secret));
      return { kind: "right" };
    case "missing":
      return decideMissing(secret, owner, look);
    case "wrong":
      return decideWrong(secret, state, owner, proven, look);
  }
}

function decideWrong(
  secret: ActiveSecret,
  state: Extract<ActiveSecret["state"], { kind: "wrong" }>,
  owner: ActiveClass,
  proven: boolean,
  look: Look,
): SecretDecision {
  const about = [`Secret/${secret.name}`];
  const feeding = state.differing.flatMap((key) => secret.sources.get(key) ?? []);
  const strange = neverMounted(feeding, look);
  if (strange.length > 0) return { ...wait("not-yet-mounted", strange, { kind: "later", atLeastMs: 30_000 }) };
  const settling = settleMs([owner], look);
  if (settling > 0) return { ...wait("settling", about, { kind: "soon", ms: settling }) };
  const wrote = state.differing.map((key) =>
    wroteKey(secret.name, key, secret.sources.get(key)?.current.version ?? ""),
  );
  const rewrite = `rewrite/${rightKey(secret)}`;
  const again = proven && wrote.some((key) => look.notebook.count(key) > 0);
  if (again && look.notebook.count(rewrite) >= mostRewrites)
    return { kind: "stopped", outcome: { kind: "failed", reason: "reverted", about } };
  const data = new Map(
    state.differing.flatMap((key) => {
      const value = secret.data.get(key);
      return value === undefined ? [] : [[key, value] as const];
    }),
  );
  const counts = again ? [...wrote, rewrite] : wrote;
  const step = {
    kind: "write",
    secret: secret.name,
    data,
    resourceVersion: state.secret.resourceVersion,
    counts,
    rightKey: rightKey(secret),
  } as const;
  return {
    kind: "step",
    step,
    outcome: { kind: "waiting", reason: "rollout-running", about },
    next: { kind: "soon", ms: 1000 },
  };
}

/** Never created by the bridge: it would have no owner. The driver makes it at its next look at a pod; a touch brings that about. */
function decideMissing(secret: ActiveSecret, owner: ActiveClass, look: Look): SecretDecision {
  const about = [`Secret/${secret.name}`];
  if (owner.mounters.length === 0) return { kind: "idle" };
  const statuses = owner.mounters.flatMap((pod) => {
    const status = look.found.statusOf(pod, owner.item.name);
    return status === undefined ? [] : [{ pod, status }];
  });
  if (statuses.length === 0)
    return {
      ...wait(
        "not-yet-mounted",
        owner.mounters.map((pod) => `Pod/${pod.name}`),
        { kind: "later", atLeastMs: 30_000 },
      ),
    };
  const feeding = new Set([...secret.sources.values()].map((wanted) => wanted.key));
  const fromNew = owner.objects.some((object) => object.unmounted && feeding.has(object.wanted.key));
  if (fromNew) return { ...wait("class-changed", about, { kind: "later", atLeastMs: 60_000 }) };
  const gone = look.notebook.since(`missing/${secret.name}`);
  if (gone >= look.timeouts.secretLostMs) return { kind: "stopped", outcome: { kind: "failed", reason: "secret-lost", about } };
  const waiting = {
    outcome: { kind: "waiting", reason: "secret-missing", about },
    next: { kind: "soon", ms: gone < 30_000 ? 2000 : 10_000 },
  } as const;
  const current = statuses.find(({ pod }) => showsCurrent(look, pod, owner, owner.objects)) ?? statuses[0];
  const touched = `touch/${secret.name}/${current?.status.name ?? ""}`;
  const due = look.notebook.count(touched) <= Math.floor(gone / touchEveryMs);
  if (current === undefined || !due || look.input.problems.has("touch")) return { kind: "waiting", ...waiting };
  return {
    kind: "step",
    step: { kind: "touch", podStatus: current.status.name, secret: secret.name, counts: [touched] },
    ...waiting,
  };
}

function wait(
  reason: Extract<Outcome, { kind: "waiting" }>["reason"],
  about: readonly string[],
  next: Next,
): Extract<SecretDecision, { kind: "waiting" }> {
  return { kind: "waiting", outcome: { kind: "waiting", reason, about }, next };
}
