/** Was this pod started with a pin's bytes? A pin may go back, so the age of the pinned version says nothing of that. */

import {
  freshnessMargin,
  lastStartOf,
  lastWriteAt,
  ourWriteAt,
  startedAfterWrite,
  startedWithOwnMount,
} from "../freshness.ts";
import type { Driver, Pod } from "../observed.ts";
import { madeByNewMount } from "./late-secret.ts";
import type { ActiveClass, ActiveSecret, Look, MountersAt } from "./look.ts";
import { mountersAt, showsCurrent } from "./look.ts";
import type { Wanted } from "./wanted.ts";

/** A key of a synced Secret, and the object that its class feeds it with. */
export interface FedKey {
  readonly owner: ActiveClass;
  readonly secret: ActiveSecret;
  readonly key: string;
  readonly wanted: Wanted;
}

/**
 * Some pod of the workload may have started before the Secret held the pin's bytes. No restart can be asked for: the
 * marker has one entry an object, and that one is for the version that follows the vault.
 */
export function startedBeforePin(pinned: FedKey, pods: readonly Pod[], look: Look): boolean {
  const { state } = pinned.secret;
  const wroteAt = state.kind === "right" ? ourWriteAt({ secret: state.secret, key: pinned.key }) : undefined;
  const beforeWrite = wroteAt !== undefined && pods.some((pod) => pod.started && pod.createdAt <= wroteAt);
  return beforeWrite || pinMayHaveMoved(pinned, pods, look);
}

/** A pin that was moved counts once we wrote its bytes: who started before that got the old pin's by env. */
export function wroteKeyOf(secret: ActiveSecret, key: string): boolean {
  return secret.state.kind === "right" && ourWriteAt({ secret: secret.state.secret, key }) !== undefined;
}

/**
 * The driver may have written a moved pin's bytes itself, after one of these pods started: from the mounts of pods that
 * came since the class was changed, by refreshing mounts, or (the pin went back to what is mounted) at the next tick of
 * mounts that were there all the time. Until then the Secret held what it had before, whoever wrote that.
 */
export function pinMayHaveMoved(pinned: FedKey, pods: readonly Pod[], look: Look): boolean {
  const { owner, wanted } = pinned;
  const { changedAt } = owner.item;
  const wroteAt = writtenAt(pinned, look);
  const moved =
    (wroteAt ?? 0) >= changedAt ||
    owner.mounters.some((pod) => look.driver.rotation !== "off" || pod.createdAt >= changedAt) ||
    pods.some((pod) => pod.started && pod.createdAt < wanted.createdOn);
  return pods.some(
    (pod) =>
      pod.started &&
      !startedWithClass(pod, pinned, wroteAt, look) &&
      (moved || mayHaveMovedBefore(pod, pinned, wroteAt, look)),
  );
}

/** The driver dates its entry anew when its owner patcher adds the ReplicaSet of new pods, up to 5 s after they came. */
const redatedMs = 10_000;

/**
 * The class was changed again after the key was written: somebody pinned what it had followed until then, or moved the pin
 * and edited the class once more. What it named when the pod started nobody knows, and the key was written since. That says
 * nothing if it was when the Secret was made, or of a pod whose own mount wrote it, or that came a minute after the oldest
 * mount there is (as of objects that follow the vault, `judgeFreshness`).
 */
function mayHaveMovedBefore(
  pod: Pod,
  { owner, secret, wanted }: FedKey,
  wroteAt: number | undefined,
  look: Look,
): boolean {
  if (secret.state.kind !== "right" || wroteAt === undefined) return false;
  const { createdAt } = secret.state.secret;
  if (lastStartOf(pod) >= createdAt && wroteAt <= createdAt + redatedMs) return false;
  const { driver, found } = look;
  if (driver.generation !== "1.6" || driver.rotation !== "off") return true;
  const mounters = mountersAt(owner, wanted, look);
  if (mounters.oldestMounterAt !== undefined && pod.createdAt >= mounters.oldestMounterAt + 60_000) return false;
  const mountedAt = found.statusOf(pod, owner.item.name)?.createdAt;
  const objects = owner.objects.filter((object) => object.wanted.key === wanted.key);
  const mountedIt = mountedAt !== undefined && showsCurrent(look, pod, owner, objects);
  const present = secret.state.secret;
  const read = { ...mounters, madeByNewMount: madeByNewMount(present, owner, look), secret: present };
  return !mountedIt || !startedWithOwnMount(pod, mountedAt, read, driver);
}

/** It started with what the class is now: after the key was last written, or so late that it was written by then. */
export function startedWithClass(pod: Pod, fed: FedKey, wroteAt: number | undefined, look: Look): boolean {
  if (wroteAt !== undefined && startedAfterWrite(pod, wroteAt)) return true;
  const { owner, secret, wanted } = fed;
  const { changedAt } = owner.item;
  const mounters = mountersAt(owner, wanted, look);
  const mountedAt = look.found.statusOf(pod, owner.item.name)?.createdAt;
  const present = "secret" in secret.state ? secret.state.secret : undefined;
  const origin = { madeByNewMount: present !== undefined && madeByNewMount(present, owner, look) };
  const ownMount =
    look.driver.generation === "1.6" &&
    mountedAt !== undefined &&
    startedWithOwnMount(pod, mountedAt, { ...mounters, ...origin, secret: present }, look.driver);
  const made = present?.createdAt ?? 0;
  // Whatever the class was before, this Secret was made of what it is now; one of that name may have been there before.
  const ofThisClass = made >= changedAt && (pod.lastStartedAt ?? pod.createdAt) >= made;
  return pod.createdAt >= (ownMount || ofThisClass ? changedAt : writtenBy(changedAt, mounters, look.driver));
}

/** The latest time at which the driver may have written the key's bytes; undefined where it does not hold them. */
export function writtenAt({ secret, key }: FedKey, { driver }: Look): number | undefined {
  if (secret.state.kind !== "right") return undefined;
  const present = secret.state.secret;
  // Such a driver never writes over a Secret that is there, though its owner patches date its entry anew.
  if (driver.generation === "1.5" && driver.rotation === "off") return present.createdAt;
  return lastWriteAt({ secret: present, key });
}

/**
 * When the driver has surely written them after the class was changed: a tick or a refresh comes minutes later, unless
 * pods that came since have mounted it before.
 */
function writtenBy(changedAt: number, { oldestMounterAt }: MountersAt, driver: Driver): number {
  const late = changedAt + freshnessMargin(driver);
  if (driver.rotation !== "off" || oldestMounterAt === undefined || oldestMounterAt < changedAt) return late;
  return Math.min(late, oldestMounterAt + 60_000);
}
