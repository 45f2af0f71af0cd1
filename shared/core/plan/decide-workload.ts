/** What to do with one workload at this look: nothing, watch, restart, or say why not. */

import type { WorkloadPods } from "../dependents.ts";
import { judgeFreshness, ourWriteAt } from "../freshness.ts";
import { formatMarker } from "../marker.ts";
import type { Marker, MarkerEntry } from "../marker.ts";
import type { Outcome } from "../reasons.ts";
import { heldWrite } from "./decide-secret.ts";
import { settleMs } from "./holds.ts";
import type { ActiveClass, Look } from "./look.ts";
import { ownedKey, rightKey } from "./memory-keys.ts";
import { activeSecret } from "./look.ts";
import type { Obstacle } from "./obstacles.ts";
import { obstacleOf, unfinishable } from "./obstacles.ts";
import type { Next, Step } from "./plan-types.ts";
import type { Wait } from "./proof.ts";
import { foreignRolloutCovers, rolloutOf } from "./rollout.ts";
import type { ObjectUse, WorkloadState } from "./workload-state.ts";

type Progress = Extract<Outcome, { kind: "waiting" }>;

export type WorkloadDecision =
  /** Started for everything; its rollout is complete. */
  | { readonly kind: "done"; readonly outcome: undefined; readonly for: readonly ObjectUse[] }
  /** Right bytes under an older version id; the driver's refresh is awaited. */
  | {
      readonly kind: "equal-bytes";
      readonly outcome: Progress;
      readonly next: Next;
      readonly for: readonly ObjectUse[];
    }
  /** A rollout is on its way, ours or somebody's. */
  | { readonly kind: "rolling"; readonly outcome: Progress; readonly next: Next; readonly for: readonly ObjectUse[] }
  /** Needs a restart that must wait for something that passes. */
  | { readonly kind: "held"; readonly outcome: Progress; readonly next: Next; readonly for: readonly ObjectUse[] }
  | {
      readonly kind: "restart";
      readonly step: Extract<Step, { kind: "restart" }>;
      readonly outcome: Progress;
      readonly for: readonly ObjectUse[];
    }
  | { readonly kind: "obstacle"; readonly outcome: Obstacle; readonly for: readonly ObjectUse[] };

const reloaderPatienceMs = 15_000;
/** The kubelet resolves env from a cache that lags a write by up to a second. */
const afterWriteMs = 1000;
const missingPatienceMs = 10_000;
const pollMs = 1500;
const mostAttempts = 3;

/** `waitFor`: what a class that it reads of without mounting it lacks until its Secrets can no longer be reverted. */
export function decideWorkload(
  state: WorkloadState,
  waitFor: (owner: ActiveClass) => Wait | undefined,
  look: Look,
): WorkloadDecision {
  const all = state.uses;
  const old = all.filter((use) => use.standing === "old");
  if (old.length > 0) return decideRestart(state, old, waitFor, look);
  const marked = all.filter((use) => use.standing === "marked");
  if (marked.length > 0) {
    const rollout = decideMarked(state, marked, look);
    if (rollout !== undefined) return rollout;
  }
  const awaiting = all.filter((use) => use.standing === "awaits-driver");
  if (awaiting.length > 0)
    return {
      kind: "equal-bytes",
      ...waiting("driver-refresh", [state.item.key], { kind: "later", atLeastMs: 30_000 }),
      for: awaiting,
    };
  const unknown = all.filter((use) => use.standing === "unknown");
  if (unknown.length > 0)
    return {
      kind: "obstacle",
      outcome: { kind: "waiting", reason: "start-unknown", about: [state.item.key] },
      for: unknown,
    };
  return { kind: "done", outcome: undefined, for: all };
}

/** Its template carries the wanted marker: prove the rollout, and that its pods really mounted the versions. */
function decideMarked(state: WorkloadState, marked: readonly ObjectUse[], look: Look): WorkloadDecision | undefined {
  const { key } = state.item;
  const rollout = rolloutOf(state.item, look);
  if (rollout.kind === "stuck")
    return {
      kind: "obstacle",
      outcome: { kind: "failed", reason: "rollout-stuck", about: rollout.about },
      for: marked,
    };
  if (rollout.kind === "lingering")
    return { kind: "obstacle", outcome: { kind: "waiting", reason: "old-mount", about: rollout.about }, for: marked };
  if (rollout.kind === "running") {
    noteReverts(state, marked, look);
    const waitsForOwner = unfinishable(state);
    if (waitsForOwner !== undefined) return { kind: "obstacle", outcome: waitsForOwner, for: marked };
    return { kind: "rolling", ...waiting("rollout-running", rollout.about, { kind: "soon", ms: pollMs }), for: marked };
  }
  const lagging = marked.filter((use) => use.mounts && !use.mountsCurrent);
  // Where its own new mounts are old (on 1.6 they write old bytes back), another restart helps only once the vault has caught up.
  if (lagging.length === 0) return look.notebook.reverted(key) ? again(state, marked, "reverted", look) : undefined;
  if (look.driver.rotation === "on")
    return { kind: "rolling", ...waiting("driver-refresh", [key], { kind: "later", atLeastMs: 30_000 }), for: lagging };
  // The new pods mounted an older version: the driver read from a replica of the vault that lagged.
  if (look.notebook.since(`lagging/${key}`) < 30_000)
    return { kind: "rolling", ...waiting("rollout-running", [key], { kind: "soon", ms: pollMs }), for: lagging };
  return again(state, lagging, "mounts-stale", look);
}

/** Another restart for the same versions: `#2`, at most `#3`. */
function again(
  state: WorkloadState,
  because: readonly ObjectUse[],
  reason: "reverted" | "mounts-stale",
  look: Look,
): WorkloadDecision {
  const { key } = state.item;
  if (state.marker.attempt >= mostAttempts)
    return { kind: "obstacle", outcome: { kind: "failed", reason, about: [key] }, for: because };
  const obstacle = obstacleOf(state, because, look);
  if (obstacle !== undefined) return { kind: "obstacle", outcome: obstacle, for: because };
  const notRight = secretsNotReady(state, look);
  if (notRight !== undefined) return { kind: "held", ...notRight, for: because };
  return restart(state, because, state.marker.attempt + 1, look);
}

function decideRestart(
  state: WorkloadState,
  old: readonly ObjectUse[],
  waitFor: (owner: ActiveClass) => Wait | undefined,
  look: Look,
): WorkloadDecision {
  const { item } = state;
  const foreign = watchForeign(state, old, look);
  if (foreign !== undefined) return { ...foreign, for: old };
  const obstacle = obstacleOf(state, old, look);
  if (obstacle !== undefined) return { kind: "obstacle", outcome: obstacle, for: old };
  const settling = settleMs(state.classes, look);
  if (settling > 0)
    return { kind: "held", ...waiting("settling", [item.key], { kind: "soon", ms: settling }), for: old };
  const notReady = secretsNotReady(state, look);
  if (notReady !== undefined) return { kind: "held", ...notReady, for: old };
  const reloader = waitForReloader(state, old, look);
  if (reloader !== undefined) return { kind: "held", ...reloader, for: old };
  const waits = state.classes.flatMap((owner) => (item.mounts.has(owner.item.name) ? [] : (waitFor(owner) ?? [])));
  const wait = waits.find(({ next }) => next.kind === "soon") ?? waits[0];
  if (wait === undefined) return restart(state, old, 1, look);
  const { outcome, next } = wait;
  return outcome.kind === "waiting"
    ? { kind: "held", outcome, next, for: old }
    : { kind: "obstacle", outcome, for: old };
}

/** Somebody else's rollout (a person's, or Reloader's) whose new pods are right does the work: it is proven instead. */
function watchForeign(
  state: WorkloadState,
  old: readonly ObjectUse[],
  look: Look,
): { kind: "rolling"; outcome: Progress; next: Next } | undefined {
  const covered = foreignRolloutCovers(state.item, (pod) => old.every((use) => podIsFresh(pod, use, look, state.item)));
  if (!covered) return undefined;
  const rollout = rolloutOf(state.item, look);
  return rollout.kind === "running"
    ? { kind: "rolling", ...waiting("rollout-running", rollout.about, { kind: "soon", ms: pollMs }) }
    : undefined;
}

function podIsFresh(pod: WorkloadPods["pods"][number], use: ObjectUse, look: Look, item: WorkloadPods): boolean {
  const current = [...use.classes].every((name) => {
    const owner = look.active.get(name);
    const mounts = pod.uses.mounts.some((mount) => mount.className === name);
    if (owner === undefined || !mounts) return true;
    const status = look.found.statusOf(pod, name);
    const objects = owner.objects.filter((object) => object.wanted.key === use.wanted.key);
    return status === undefined
      ? !pod.started
      : objects.every((object) => status.versions.get(object.entry.id) === object.wanted.current.version);
  });
  const verdict = judgeFreshness({
    pods: [pod],
    keys: use.keys,
    bornAt: use.wanted.createdOn,
    mountsCurrent: current,
    mounts: use.mounts,
    oldestMounterAt: undefined,
    driver: look.driver,
    reloaderTraceAt: item.workload.reloaderTraceAt,
    now: look.now,
  });
  return verdict === "fresh";
}

/** Write first, then restart: every Secret of its classes is right, and has been for a second. */
function secretsNotReady(state: WorkloadState, look: Look): { outcome: Progress; next: Next } | undefined {
  for (const owner of state.classes) {
    for (const secret of owner.secrets) {
      const concerns =
        state.item.mounts.has(owner.item.name) || state.item.reads.some((read) => read.secret === secret.name);
      if (!concerns || secret.state.kind === "refused") continue;
      const about = [state.item.key, `Secret/${secret.name}`];
      if (secret.state.kind === "wrong")
        return (
          heldWrite(secret, secret.state, owner, look) ??
          waiting("rollout-running", about, { kind: "soon", ms: pollMs })
        );
      if (secret.state.kind === "missing") {
        const reads = state.item.reads.some(
          (read) => read.secret === secret.name && !state.item.mounts.has(owner.item.name),
        );
        if (reads || look.notebook.since(`missing/${secret.name}`) < missingPatienceMs)
          return waiting("secret-missing", about, { kind: "soon", ms: 2000 });
        continue;
      }
      const right = rightSince(secret.name, look);
      if (right < afterWriteMs) return waiting("rollout-running", about, { kind: "soon", ms: afterWriteMs - right });
    }
  }
  return undefined;
}

/** How long this chain has seen the Secret right for the versions wanted now. */
function rightSince(name: string, look: Look): number {
  const found = activeSecret(look, name);
  return found === undefined ? 0 : look.notebook.since(rightKey(found.secret));
}

function waitForReloader(
  state: WorkloadState,
  old: readonly ObjectUse[],
  look: Look,
): { outcome: Progress; next: Next } | undefined {
  const intent = state.item.workload.reloader;
  if (intent === undefined) return undefined;
  const secrets = new Set(old.flatMap((use) => use.keys.map((read) => read.secret.name)));
  const watched = [...secrets].filter((name) => intent.all || intent.secrets.has(name));
  if (watched.length === 0) return undefined;
  const left = reloaderPatienceMs - Math.min(...watched.map((name) => rightSince(name, look)));
  return left > 0 ? waiting("reloader", [state.item.key], { kind: "soon", ms: Math.min(left, 2000) }) : undefined;
}

/**
 * A poll between our marker and the end of its rollout found other bytes in the Secret, or our write gone from it: a
 * pod may have started with the old bytes by env or subPath. A write that was gone before the restart (the driver made
 * the Secret anew) cannot be lost in its rollout. Pods of pure readers start only after the proof, so never in that window.
 */
function noteReverts(state: WorkloadState, marked: readonly ObjectUse[], look: Look): void {
  const lost = marked.some(
    (use) =>
      use.mounts &&
      use.keys.some((read) => {
        const found = activeSecret(look, read.secret.name)?.secret.state;
        if (found?.kind === "wrong" && found.differing.includes(read.key)) return true;
        const marker = { workload: state.item.key, attempt: state.marker.attempt };
        const owned = ownedKey(marker, read.secret.name, read.key, use.wanted.current.version);
        return look.notebook.count(owned) > 0 && ourWriteAt(read) === undefined;
      }),
  );
  if (lost) look.notebook.markReverted(state.item.key);
}

function restart(state: WorkloadState, because: readonly ObjectUse[], attempt: number, look: Look): WorkloadDecision {
  const { workload, key } = state.item;
  const marker = formatMarker({ entries: wantedEntries(state, look), attempt });
  const owned = state.uses.flatMap((use) =>
    use.keys
      .filter((read) => use.mounts && ourWriteAt(read) !== undefined)
      .map((read) => ownedKey({ workload: key, attempt }, read.secret.name, read.key, use.wanted.current.version)),
  );
  const step = {
    kind: "restart",
    workload,
    marker,
    counts: owned,
    because: because.map((use) => `${use.wanted.key}@${use.wanted.current.version}`),
  } as const;
  return { kind: "restart", step, ...waiting("rollout-running", [key], { kind: "soon", ms: 1000 }), for: because };
}

/**
 * The marker in full: one entry for each object that it mounts or that feeds a key it reads. Entries of classes that
 * are refused or cannot be read stay as they were; objects that no class names any more are dropped.
 */
export function wantedEntries(state: WorkloadState, look: Look): Marker["entries"] {
  const entries = new Map<string, MarkerEntry>();
  const put = (key: string, version: string, createdOn: number) => entries.set(key, { version, createdOn });
  const settled = new Set<string>();
  for (const owner of state.classes) {
    if (state.item.mounts.has(owner.item.name)) {
      for (const { wanted } of owner.objects) put(wanted.key, wanted.current.version, wanted.createdOn);
    }
    for (const secret of owner.secrets) {
      const read = state.item.reads.filter((entry) => entry.secret === secret.name);
      for (const [key, wanted] of secret.sources) {
        if (read.some((entry) => entry.key === undefined || entry.key === key))
          put(wanted.key, wanted.current.version, wanted.createdOn);
      }
    }
    for (const { wanted } of owner.objects) settled.add(wanted.key);
  }
  const readable = [...look.found.classes.values()].every(
    (item) => look.active.has(item.name) || !dependsOn(state.item, item.name, look),
  );
  if (!readable) for (const [key, entry] of state.marker.entries) if (!settled.has(key)) entries.set(key, entry);
  return entries;
}

function dependsOn(item: WorkloadPods, className: string, look: Look): boolean {
  if (item.mounts.has(className)) return true;
  return item.reads.some((read) => look.found.claimants(read.secret).some((owner) => owner.name === className));
}

function waiting(
  reason: Progress["reason"],
  about: readonly string[],
  next: Next,
): { readonly outcome: Progress; readonly next: Next } {
  return { outcome: { kind: "waiting", reason, about }, next };
}
