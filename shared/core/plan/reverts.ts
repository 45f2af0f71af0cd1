/** Which restarts may have met old bytes in the Secret, and must be done again. */

import type { WorkloadPods } from "../dependents.ts";
import { ourWriteAt } from "../freshness.ts";
import type { ReadKey } from "../freshness.ts";
import type { Marker } from "../marker.ts";
import type { Look } from "./look.ts";
import { activeSecret } from "./look.ts";
import { metLateSecret } from "./late-secret.ts";
import { noteRepairs } from "./repairs.ts";
import { ownedKey, restartKey, rollingKey, seenKey, wroteKey } from "./memory-keys.ts";
import type { RolloutState } from "./rollout.ts";
import type { ObjectUse, WorkloadState } from "./workload-state.ts";

/** What pods of our restart have met, as far as this look tells: later looks may find everything right. */
export function noteMet(
  state: WorkloadState,
  marked: readonly ObjectUse[],
  rollout: RolloutState["kind"],
  look: Look,
): void {
  const restart = restartKey(state.item.key, state.marker);
  const rolling = rollingKey(restart);
  // What was seen on its way may have gone on until its end.
  if (rollout !== "complete") look.notebook.since(rolling);
  if (rollout !== "complete" || look.notebook.saw(rolling)) noteReverts(state, marked, rollout === "running", look);
  noteRepairs(state, marked, look);
  const wroteLate = wroteAfterRestart(state, marked, look);
  const startedLate = rollout === "complete" && metLateSecret(state.item, marked, look);
  if (wroteLate || startedLate) look.notebook.markReverted(restart);
  if (rollout !== "complete") return;
  noteWrongStarts(state, marked, look);
  const lagging = marked.filter(isLagging);
  noteOldMounts(state, lagging, look);
  if (lagging.length === 0) forgetIfStartedSince(state, look);
}

/** Its pods' own mounts show another version than the wanted one. */
export function isLagging(use: ObjectUse): boolean {
  return use.mounts && !use.mountsCurrent;
}

/**
 * A poll between our marker and the end of its rollout found other bytes in the Secret, or our write gone from it: a
 * pod may have started with the old bytes by env or subPath. A write that was gone before the restart (the driver made
 * the Secret anew) cannot be lost in its rollout. Readers start only after the proof, so hardly ever in that window: those
 * that wait for each other's classes in a ring do, and a stranger may write at any time.
 */
function noteReverts(state: WorkloadState, marked: readonly ObjectUse[], running: boolean, look: Look): void {
  const restart = restartKey(state.item.key, state.marker);
  const lost = marked.some((use) =>
    use.keys.some((read) => {
      const found = activeSecret(look, read.secret.name)?.secret.state;
      if (found?.kind === "wrong" && found.differing.includes(read.key)) return true;
      const owned = ownedKey(restart, read.secret.name, read.key, use.wanted.current.version);
      // One that was made anew since lost our entry with that; once all pods are there, it was made from a new mount.
      if (!running && read.secret.createdAt >= (state.item.workload.restartedByUsAt ?? 0)) return false;
      return look.notebook.count(owned) > 0 && ourWriteAt(read) === undefined;
    }),
  );
  if (lost) look.notebook.markReverted(restart);
}

/**
 * This chain has just written a key for the version that the workload was restarted for, and another instance had set that
 * restart after this one had read the workloads. Write first, then restart: what was written later had been reverted, maybe
 * before the pods started. To the other instance the Secret looks right again. Whether restarts that the look before knew
 * met other bytes, that look has told.
 */
function wroteAfterRestart({ item, marker }: WorkloadState, marked: readonly ObjectUse[], look: Look): boolean {
  const setAt = item.workload.restartedByUsAt ?? 0;
  const restart = restartKey(item.key, marker);
  const known = look.notebook.saw(seenKey(restart)) || look.notebook.saw(rollingKey(restart));
  if (look.now - setAt <= 2 * lookMs) look.notebook.since(seenKey(restart));
  if (known) return false;
  return marked.some(({ keys, wanted }) =>
    keys.some((read) => {
      if (!look.notebook.saw(wroteKey(read.secret.name, read.key, wanted.current.version))) return false;
      // Both in whole seconds, by the API server's clock; a restart comes a second after the write that it is for.
      const later = (ourWriteAt(read) ?? 0) - setAt;
      return later >= 0 && later <= lookMs;
    }),
  );
}

/** The driver dates its entry anew when its owner patcher adds the ReplicaSet of new pods, up to 5 s after they came. */
const redatedMs = 10_000;

/** A class may be changed while a look is under way, and be read before and the workload restarted after that. */
const lookMs = 30_000;

/**
 * The rollout is complete, and the Secret holds other bytes: whoever started after these were written got them. That is
 * sure of containers younger than the entry of whoever owns the key now (which may be dated anew soon after they came), and
 * of those that a Secret younger than our
 * restart has met (the driver made it anew from a mount that was still old). It needs no memory of the rollout.
 */
function noteWrongStarts(state: WorkloadState, marked: readonly ObjectUse[], look: Look): void {
  const { workload, pods, key: name } = state.item;
  const met = marked.some((use) =>
    use.keys.some((read) => {
      const found = activeSecret(look, read.secret.name)?.secret.state;
      if (found?.kind !== "wrong" || !found.differing.includes(read.key)) return false;
      // Ours, of the marked version, and wrong: the class feeds the key with another object since.
      if (ourWriteAt(read) !== undefined)
        return read.classChangedAt + lookMs >= (workload.restartedByUsAt ?? 0) && pods.some((pod) => pod.started);
      return startedWithPresent(read, state.item);
    }),
  );
  if (met) look.notebook.markReverted(restartKey(name, state.marker));
}

/** Did a pod of our restart surely start with what the key holds now, and somebody else wrote? */
export function startedWithPresent(
  { secret, key }: Pick<ReadKey, "secret" | "key">,
  { workload, pods }: WorkloadPods,
): boolean {
  const { createdAt, writers } = secret;
  const remade = createdAt >= (workload.restartedByUsAt ?? Number.POSITIVE_INFINITY);
  if (remade && pods.some((pod) => pod.started && pod.createdAt >= createdAt)) return true;
  const writtenAt = Math.max(0, ...writers.filter(({ keys }) => keys.has(key)).map(({ at }) => at));
  return writtenAt > 0 && pods.some((pod) => pod.started && (pod.lastStartedAt ?? 0) > writtenAt - redatedMs);
}

/**
 * Pods of our restart hold an older version mounted: the driver's provider asked a replica of the vault that lagged. From
 * 1.6 on their own mount has written the old bytes a moment before they started; later looks will find everything right.
 */
function noteOldMounts(state: WorkloadState, lagging: readonly ObjectUse[], look: Look): void {
  if (look.driver.generation === "1.5") return;
  if (!startedSinceOurWrites(state, lagging, look))
    look.notebook.markReverted(restartKey(state.item.key, state.marker));
}

/**
 * Everything was written again before any of the pods that live now started (the others have been replaced since): none
 * of them met the old bytes. A write at second W is over by W + 1, and kubelets may see it a second later. What cannot be
 * looked at now (a Secret that is gone or refused, a class that is left alone) forgives nothing.
 */
function forgetIfStartedSince(state: WorkloadState, look: Look): void {
  const seen = state.item.reads.every(
    ({ secret, by }) =>
      by === "volume" ||
      look.found.claimants(secret).length === 0 ||
      activeSecret(look, secret)?.secret.state.kind === "right",
  );
  if (seen && startedSinceOurWrites(state, state.uses, look))
    look.notebook.clearReverted(restartKey(state.item.key, state.marker));
}

function startedSinceOurWrites({ item }: WorkloadState, uses: readonly ObjectUse[], look: Look): boolean {
  const wroteAt = uses
    .flatMap((use) => use.keys)
    .map((read) =>
      activeSecret(look, read.secret.name)?.secret.state.kind === "right" ? ourWriteAt(read) : undefined,
    );
  const known = !uses.some((use) => use.gone);
  return item.pods.every(
    (pod) =>
      !pod.started ||
      (known && wroteAt.every((at) => at !== undefined && (pod.lastStartedAt ?? pod.createdAt) >= at + 2000)),
  );
}

/** What to remember with a restart: the keys that our own write owns when it is set. */
export function ownedKeys(state: WorkloadState, marker: Marker): readonly string[] {
  const restart = restartKey(state.item.key, marker);
  return state.uses.flatMap((use) =>
    use.keys
      .filter((read) => ourWriteAt(read) !== undefined)
      .map((read) => ownedKey(restart, read.secret.name, read.key, use.wanted.current.version)),
  );
}
