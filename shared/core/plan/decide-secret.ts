/** What to do with one synced Secret at this look: leave it, write it, ask the driver to make it again, or say why not. */

import { driverManager, fieldManager } from "../marker.ts";
import type { Pod } from "../observed.ts";
import type { Outcome } from "../reasons.ts";
import { neverMounted, settleMs } from "./holds.ts";
import type { ActiveClass, ActiveSecret, Look } from "./look.ts";
import { showsCurrent } from "./look.ts";
import { rightKey, unchangedKeys, wroteKey } from "./memory-keys.ts";
import type { Next, Step } from "./plan-types.ts";
import type { Wait } from "./wait.ts";
import { pollAfterStep, waiting } from "./wait.ts";
import type { Waiting } from "./wait.ts";

export type SecretDecision =
  | { readonly kind: "right" }
  /** There is no such Secret and nobody who would need one. */
  | { readonly kind: "idle" }
  | ({ readonly kind: "step"; readonly step: Step } & Waiting)
  | ({ readonly kind: "waiting" } & Waiting)
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
      for (const key of unchangedKeys(state.secret)) look.notebook.since(key);
      if (look.found.workloads.some(({ workload }) => workload.reloader !== undefined))
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
  const held = heldWrite(secret, state, owner, look);
  if (held !== undefined) return { kind: "waiting", ...held };
  const wrote = state.differing.map((key) =>
    wroteKey(secret.name, key, secret.sources.get(key)?.current.version ?? ""),
  );
  const again = (proven || byStranger(state)) && wrote.some((key) => look.notebook.count(key) > 0);
  const gaveUp = again ? givenUp(secret, look) : undefined;
  if (gaveUp !== undefined) return { kind: "stopped", outcome: gaveUp };
  const data = new Map(
    state.differing.flatMap((key) => {
      const value = secret.data.get(key);
      return value === undefined ? [] : [[key, value] as const];
    }),
  );
  const counts = again ? [...wrote, rewriteKey(secret)] : wrote;
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
    next: { kind: "soon", ms: 1000, afterStep: true },
  };
}

/** Neither we nor the driver wrote what is there now: no tick of an old mount, so it is not waited for to end. */
function byStranger({ secret, differing }: Extract<ActiveSecret["state"], { kind: "wrong" }>): boolean {
  return secret.writers.some(
    (writer) =>
      writer.manager !== fieldManager &&
      writer.manager !== driverManager &&
      differing.some((key) => writer.keys.has(key)),
  );
}

/** Why a Secret with other bytes is not written yet; what needs the Secret waits for the same. */
export function heldWrite(
  secret: ActiveSecret,
  state: Extract<ActiveSecret["state"], { kind: "wrong" }>,
  owner: ActiveClass,
  look: Look,
): Waiting | undefined {
  const feeding = state.differing.flatMap((key) => secret.sources.get(key) ?? []);
  const strange = neverMounted(feeding, look);
  if (strange.length > 0) return waiting("not-yet-mounted", strange, { kind: "later", atLeastMs: 30_000 });
  if (state.unsure.length > 0) return waiting("vault-unavailable", state.unsure, { kind: "later", atLeastMs: 15_000 });
  const settling = settleMs([owner], look);
  if (settling > 0) return waiting("settling", [`Secret/${secret.name}`], { kind: "soon", ms: settling });
  return undefined;
}

/** What a reader of the class waits for while a Secret of it is not right; undefined when all are. */
export function waitForSecrets(owner: ActiveClass, look: Look): Wait | undefined {
  const waits = owner.secrets.flatMap((secret): readonly Wait[] => {
    if (secret.state.kind !== "wrong") return [];
    const gaveUp = givenUp(secret, look);
    if (gaveUp !== undefined) return [{ outcome: gaveUp, next: { kind: "end" } }];
    const written = waiting("rollout-running", [`Secret/${secret.name}`], pollAfterStep);
    return [heldWrite(secret, secret.state, owner, look) ?? written];
  });
  return waits.find(({ next }) => next.kind === "soon") ?? waits[0];
}

/** Old bytes came back after the last write that was allowed, although no old mount had brought them. */
export function givenUp(secret: ActiveSecret, look: Look): Extract<Outcome, { kind: "failed" }> | undefined {
  if (secret.state.kind !== "wrong" || look.notebook.count(rewriteKey(secret)) < mostRewrites) return undefined;
  return { kind: "failed", reason: "reverted", about: [`Secret/${secret.name}`] };
}

function rewriteKey(secret: ActiveSecret): string {
  return `rewrite/${rightKey(secret)}`;
}

/** Never created by the bridge: it would have no owner. The driver makes it at its next look at a pod; a touch brings that about. */
function decideMissing(secret: ActiveSecret, owner: ActiveClass, look: Look): SecretDecision {
  const about = [`Secret/${secret.name}`];
  // Asked at every look, whoever needs to know: otherwise it would seem to be gone only since now.
  const gone = look.notebook.since(`missing/${secret.name}`);
  if (owner.mounters.length === 0) {
    const { missedBy, isComing } = withoutMounter(secret.name, owner, look);
    if (missedBy.length === 0) return { kind: "idle" };
    const next: Next = isComing && gone < 30_000 ? { kind: "soon", ms: 2000 } : { kind: "later", atLeastMs: 60_000 };
    return { kind: "waiting", ...waiting("secret-missing", [...about, ...missedBy], next) };
  }
  const statuses = owner.mounters.flatMap((pod) => {
    const status = look.found.statusOf(pod, owner.item.name);
    return status === undefined ? [] : [{ pod, status }];
  });
  if (statuses.length === 0)
    return {
      kind: "waiting",
      ...waiting(
        "not-yet-mounted",
        owner.mounters.map((pod) => `Pod/${pod.name}`),
        { kind: "later", atLeastMs: 30_000 },
      ),
    };
  const feeding = new Set([...secret.sources.values()].map((wanted) => wanted.key));
  const fromNew = owner.objects.some((object) => object.unmounted && feeding.has(object.wanted.key));
  if (fromNew) return { kind: "waiting", ...waiting("class-changed", about, { kind: "later", atLeastMs: 60_000 }) };
  if (gone >= look.timeouts.secretLostMs)
    return { kind: "stopped", outcome: { kind: "failed", reason: "secret-lost", about } };
  const missing = waiting("secret-missing", about, { kind: "soon", ms: gone < 30_000 ? 2000 : 10_000 });
  const current = statuses.find(({ pod }) => showsCurrent(look, pod, owner, owner.objects)) ?? statuses[0];
  const touched = `touch/${secret.name}/${current?.status.name ?? ""}`;
  const due = look.notebook.count(touched) <= Math.floor(gone / touchEveryMs);
  if (current === undefined || !due || look.input.problems.has("touch")) return { kind: "waiting", ...missing };
  return {
    kind: "step",
    step: { kind: "touch", podStatus: current.status.name, secret: secret.name, counts: [touched] },
    ...missing,
  };
}

/**
 * Who misses a Secret whose class no pod mounts: pods that read it, and workloads that are without a pod just now (all of a
 * DaemonSet's are replaced at once). Those that mount the class have it made again as soon as their pods come.
 */
function withoutMounter(secret: string, owner: ActiveClass, { found }: Look) {
  const reads = ({ uses }: Pick<Pod, "uses">) => uses.reads.some((read) => read.secret === secret);
  const between = found.workloads.filter(({ workload, pods }) => pods.length === 0 && workload.desired > 0);
  const coming = between.filter(({ mounts }) => mounts.has(owner.item.name));
  const missing = between.filter((item) => coming.includes(item) || reads(item.workload));
  const pods = found.livePods.filter(reads).map((pod) => `Pod/${pod.name}`);
  return { missedBy: [...pods, ...missing.map(({ key }) => key)], isComing: coming.length > 0 };
}
