/** What a due restart waits for, and passes by itself: other mounts, the Secrets, the kubelets' caches, Stakater Reloader. */

import { heldWrite } from "./decide-secret.ts";
import type { ObjectUse, WorkloadState } from "./workload-state.ts";
import { activeSecret } from "./look.ts";
import type { ActiveClass, ActiveSecret, Look } from "./look.ts";
import { rightKey, unchangedKey } from "./memory-keys.ts";
import { watchedFor } from "./rollout.ts";
import { pollAfterStep, waiting } from "./wait.ts";
import type { Wait, Waiting } from "./wait.ts";
import { leavesKeysOut } from "./wanted-marker.ts";

const reloaderPatienceMs = 15_000;
/** The kubelet resolves env from a cache that lags a write by up to a second: of old bytes that were there a moment, too. */
const afterWriteMs = 1000;
/** In whole seconds, only pods that start two of them after a write are surely younger (`startedAfterWrite`). */
const tellableMs = 2000;
const missingPatienceMs = 10_000;
const missingPollMs = 30_000;

/**
 * Write first, then restart: every Secret of its classes is right, and what it restarts for has been as it is for a second.
 * What the restart's marker leaves out is proven by the times of write and start alone: sooner than they can tell, it would
 * have to be restarted again.
 */
export function secretsNotReady(state: WorkloadState, because: readonly ObjectUse[], look: Look): Waiting | undefined {
  const concerned = state.classes.flatMap((owner) =>
    owner.secrets.flatMap((secret) => {
      const mounts = state.item.mounts.has(owner.item.name);
      const reads = state.item.reads.some((read) => read.secret === secret.name);
      return mounts || reads ? [{ owner, secret, readsOnly: reads && !mounts }] : [];
    }),
  );
  // What may outlast this run comes first.
  for (const { owner, secret, readsOnly } of concerned) {
    const notRight = secretNotRight(state, owner, secret, readsOnly, look);
    if (notRight !== undefined) return notRight;
  }
  const patienceMs = leavesKeysOut(state, look) ? tellableMs : afterWriteMs;
  for (const { secret } of concerned) {
    if (secret.state.kind !== "right") continue;
    const keys = because.flatMap((use) =>
      use.keys.flatMap((read) => (read.secret.name === secret.name ? [read.key] : [])),
    );
    const unchanged = look.notebook.since(unchangedKey(secret.state.secret, keys));
    if (unchanged < patienceMs)
      return waiting("rollout-running", aboutBoth(state, secret), { kind: "soon", ms: patienceMs - unchanged });
  }
  return undefined;
}

function secretNotRight(
  state: WorkloadState,
  owner: ActiveClass,
  secret: ActiveSecret,
  readsOnly: boolean,
  look: Look,
): Waiting | undefined {
  const about = aboutBoth(state, secret);
  if (secret.state.kind === "wrong")
    return heldWrite(secret, secret.state, owner, look) ?? waiting("rollout-running", about, pollAfterStep);
  if (secret.state.kind !== "missing") return undefined;
  const gone = look.notebook.since(`missing/${secret.name}`);
  if (!readsOnly && gone >= missingPatienceMs) return undefined;
  // One that nobody makes anew is nothing to sit and wait for: without a mounter that is known at once.
  const inVain = readsOnly && (owner.mounters.length === 0 || gone >= missingPollMs);
  return waiting("secret-missing", about, inVain ? { kind: "later", atLeastMs: 60_000 } : { kind: "soon", ms: 2000 });
}

function aboutBoth(state: WorkloadState, secret: ActiveSecret): readonly string[] {
  return [state.item.key, `Secret/${secret.name}`];
}

/** How long this chain has seen the Secret right for the versions wanted now. */
function rightSince(name: string, look: Look): number {
  const found = activeSecret(look, name);
  return found === undefined ? 0 : look.notebook.since(rightKey(found.secret));
}

/** What a class lacks until its Secrets can no longer be reverted. */
export type WaitFor = (owner: ActiveClass) => Wait | undefined;

/** Classes that it reads of without mounting them come first: an old mount would put old bytes back under its new pods. */
export function proofAwaited({ classes, item }: WorkloadState, waitFor: WaitFor): Wait | undefined {
  const waits = classes.flatMap((owner) => (item.mounts.has(owner.item.name) ? [] : (waitFor(owner) ?? [])));
  return waits.find(({ next }) => next.kind === "soon") ?? waits[0];
}

/** Where Reloader is asked to restart it, Reloader has a quarter of a minute to do so: one restart, not two. */
export function waitForReloader(state: WorkloadState, old: readonly ObjectUse[], look: Look): Waiting | undefined {
  const intent = state.item.workload.reloader;
  if (intent === undefined) return undefined;
  const secrets = new Set(old.flatMap((use) => use.keys.map((read) => read.secret.name)));
  const watched = [...secrets].filter((name) => intent.all || intent.secrets.has(name));
  if (watched.length === 0) return undefined;
  const left = reloaderPatienceMs - Math.min(...watched.map((name) => rightSince(name, look)));
  const pollMs = Math.max(2000, Math.round(watchedFor(state.item, look) / 60));
  return left > 0 ? waiting("reloader", [state.item.key], { kind: "soon", ms: Math.min(left, pollMs) }) : undefined;
}
