/** Why a workload that needs a restart is not restarted: its owner's settings, its strategy, its history. */

import { entryOf, parseMarker, sameVersions } from "../marker.ts";
import type { Marker } from "../marker.ts";
import type { Revision } from "../observed.ts";
import type { Outcome } from "../reasons.ts";
import { objectKey } from "../vault-object.ts";
import { givenUp } from "./decide-secret.ts";
import type { Look } from "./look.ts";
import { asOutcome } from "./refusals.ts";
import type { Obstacle } from "./wait.ts";
import { unreadyPods } from "./rollout.ts";
import { wantedMarker } from "./wanted-marker.ts";
import type { ObjectUse, WorkloadState } from "./workload-state.ts";

/** The first thing that stands in the way for good (until a person changes it); undefined: it may be restarted. */
export function obstacleOf(state: WorkloadState, because: readonly ObjectUse[], look: Look): Obstacle | undefined {
  const { workload, key, pods } = state.item;
  const names = pods.map((pod) => `Pod/${pod.name}`);
  const holdsOldMount = because.some((use) => use.mounts && !use.mountsCurrent);
  const problem = look.input.problems.get(key);
  if (problem !== undefined) return asOutcome(problem, key);
  if (workload.ignored) return holdsOldMount ? waiting("old-mount", key, ...names) : refused("workload-ignored", key);
  if (state.restart === "never") {
    if (!holdsOldMount) return refused("restart-never", key);
    return look.driver.rotation === "on" ? waiting("driver-refresh", key) : waiting("old-mount", key, ...names);
  }
  const held = heldMount(state, look);
  if (held !== undefined) return held;
  const blockedBy = unwrittenRead(state, because, look) ?? refusedRead(state, look);
  if (blockedBy !== undefined) return blockedBy;
  const waitsForOwner = unfinishable(state);
  if (waitsForOwner !== undefined) return waitsForOwner;
  if (workload.kind === "StatefulSet" && isBroken(state)) return waiting("broken-revision", key, ...unreadyPods(pods));
  return undefined;
}

/** Settings under which a rollout never finishes by itself. */
export function unfinishable(state: WorkloadState): Obstacle | undefined {
  const { workload, key, pods } = state.item;
  if (workload.paused) return waiting("workload-paused", key);
  if (workload.strategy === "on-delete") return waiting("on-delete", key, ...pods.map((pod) => `Pod/${pod.name}`));
  if (workload.partition > 0) return waiting("partitioned", key);
  return undefined;
}

/** It mounts a class that must be left alone: its new pods could hang, or mount an older version. */
function heldMount(state: WorkloadState, look: Look): Obstacle | undefined {
  const { mounts, key } = state.item;
  const holds = [...mounts].flatMap((name) => look.held.get(name) ?? []);
  const held = holds.find(({ kind }) => kind === "refused") ?? holds[0];
  return held === undefined ? undefined : { ...held, about: [key, ...held.about] };
}

/**
 * It gets the same object at container start through a class whose Secret is not written at this look: restarted, it
 * would run with the old value there, under a marker that says otherwise.
 */
function unwrittenRead(state: WorkloadState, because: readonly ObjectUse[], look: Look): Obstacle | undefined {
  const objects = new Set(because.map((use) => use.wanted.key));
  for (const [name, outcome] of look.unwritten) {
    const content = look.found.classes.get(name)?.content;
    if (content?.ok !== true || !content.objects.some((item) => objects.has(objectKey(item.object)))) continue;
    const read = content.secretObjects.some(({ secretName }) =>
      state.item.reads.some((entry) => entry.secret === secretName && entry.by !== "volume"),
    );
    if (read) return { ...outcome, about: [state.item.key, ...outcome.about] };
  }
  return undefined;
}

/**
 * A Secret that it gets at container start is refused: restarted, it would run with a new mount and an old env. One that
 * is given up stops whatever depends on its class, for it would never be written first.
 */
function refusedRead(state: WorkloadState, look: Look): Obstacle | undefined {
  for (const owner of look.active.values()) {
    for (const secret of owner.secrets) {
      const read = state.item.reads.some((entry) => entry.secret === secret.name && entry.by !== "volume");
      if (read && secret.state.kind === "refused") return secret.state.outcome;
      const concerns = state.classes.includes(owner);
      const gaveUp = concerns ? givenUp(secret, look) : undefined;
      if (gaveUp !== undefined) return gaveUp;
    }
  }
  return undefined;
}

/**
 * A StatefulSet replaces pods in order and waits for each: a pod that never becomes ready holds up every update
 * (kubernetes/kubernetes#67250), so a patch would change nothing.
 */
function isBroken(state: WorkloadState): boolean {
  // A pod that is only being created may well become ready.
  return state.item.pods.some((pod) => !pod.ready && pod.troubles.some((trouble) => trouble !== "ContainerCreating"));
}

/**
 * A revision carries the wanted marker while the template does not: somebody undid our restart. Asked last, since it
 * takes lists that nothing else needs. A template that carries it by now was restarted by another instance between the
 * list of workloads and that of revisions: it goes on as if none had it, and our patch meets a conflict.
 */
export function rolledBack(state: WorkloadState, because: readonly ObjectUse[], look: Look): Obstacle | undefined {
  const { workload, key } = state.item;
  const wanted = wantedMarker(state, 1, look);
  const named = because.filter((use) => !isBeside(use, wanted));
  // A restart for nothing that a marker names is known by all that its marker says, and by when a person asked for it.
  const isKnown = named.length > 0 || lastWord(because, look) > 0;
  const names = (marker: Marker) =>
    named.length === 0
      ? sameVersions(marker, wanted) && marker.attempt >= wanted.attempt
      : named.every((use) => entryOf(marker, use.wanted.object)?.version === use.wanted.current.version);
  // What the template itself names (ours, or copied here with a manifest) was not undone.
  if (!isKnown || names(parseMarker(workload.marker))) return undefined;
  const revisions = look.input.observed.revisions;
  if (revisions === undefined) look.needs.push({ kind: "revisions" });
  const undone = (revisions ?? []).some(
    (revision) =>
      revision.ownerUid === workload.uid &&
      names(parseMarker(revision.marker)) &&
      !isOverruled(revision, because, look),
  );
  if (!undone) return undefined;
  const since = look.input.observed.markersSince;
  if (since === undefined) look.needs.push({ kind: "markers-since" });
  return since === undefined || !names(parseMarker(since.get(workload.uid)))
    ? refused("rolled-back", key, ...because.map((use) => `${use.wanted.key}@${use.wanted.current.version}`))
    : undefined;
}

/** A pin beside another version of the object, which the marker names: a revision that names the pin is of another time. */
function isBeside({ wanted: { key, current } }: ObjectUse, { entries }: Marker): boolean {
  return (entries.get(key)?.version ?? current.version) !== current.version;
}

/** Who says `rotate` knows of the undo, if it was there. One that came after their word is not fought. */
function isOverruled({ changedAt }: Revision, because: readonly ObjectUse[], look: Look): boolean {
  const askedAt = lastWord(because, look);
  return changedAt !== undefined && changedAt < askedAt;
}

/** When a person last asked for any of these; 0: nobody did. */
function lastWord(because: readonly ObjectUse[], { input: { byHand } }: Look): number {
  return Math.max(0, ...because.map(({ wanted }) => byHand?.[wanted.key] ?? 0));
}

function waiting(reason: Extract<Outcome, { kind: "waiting" }>["reason"], ...about: readonly string[]): Obstacle {
  return { kind: "waiting", reason, about };
}

function refused(reason: Extract<Outcome, { kind: "refused" }>["reason"], ...about: readonly string[]): Obstacle {
  return { kind: "refused", reason, about };
}
