/**
 * Was this pod started with the wanted bytes, whoever started it?
 *
 * A workload that somebody else restarted needs no restart of ours, and installing the bridge restarts nothing that
 * is right. What can be proven is `fresh`, what is surely older is `old`; what lies between is `unknown`: named, and
 * not restarted.
 */

import type { Driver, Pod, SyncedSecret } from "./observed.ts";
import { areOfPresentData } from "./kubernetes/reloader-traces.ts";
import { fieldManager } from "./marker.ts";

export type Freshness = "fresh" | "old" | "unknown";

/** A key of a synced Secret that a container got by env or subPath. The Secret holds the wanted bytes of it. */
export interface ReadKey {
  readonly secret: SyncedSecret;
  readonly key: string;
  /** `ProviderClass.changedAt` of the class that makes the Secret. */
  readonly classChangedAt: number;
  /** The reader mounts that class itself, so on driver 1.6 its own mount wrote the Secret before it started. */
  readonly mounted: boolean;
  /** When the first of the live pods mounted that class; undefined while one of them shows another version. */
  readonly oldestMounterAt: number | undefined;
  /** When the last of them came or mounted it, under the same condition. */
  readonly youngestMounterAt: number | undefined;
  /** A mount of the wanted versions made the Secret, and is still there to tell. */
  readonly madeByNewMount: boolean;
  /** The bridge had restarted the reader, or a mounter, for the object when the Secret was made: there were mounts of another version. */
  readonly restartedBefore: boolean;
}

export interface FreshnessInput {
  /** The workload's live pods. */
  readonly pods: readonly Pod[];
  readonly keys: readonly ReadKey[];
  /** When the wanted bytes were created in the vault, in milliseconds. */
  readonly bornAt: number;
  /** All its mounts of the object are current (true for a pure reader once the mounters are proven). */
  readonly mountsCurrent: boolean;
  /** It mounts the object itself. */
  readonly mounts: boolean;
  /** It reads its files again by itself (`restart: never`). */
  readonly reloads: boolean;
  /** Its marker names the object of another vault, which none of its classes does any more. */
  readonly movedVault: boolean;
  readonly driver: Driver;
  /** When a pod mounted the class (creation of its pod status); undefined where it mounts none. */
  readonly mountedAt: (pod: Pod) => number | undefined;
  /** Time of Stakater Reloader's newest trace on the pod template, whatever it is of. */
  readonly reloaderTraceAt: number | undefined;
  readonly now: number;
}

/** A poll and a kubelet's cache are well past after this: 10 minutes, at least the poll interval and 2 minutes. */
export function freshnessMargin(driver: Driver): number {
  return Math.max(10 * 60_000, driver.pollIntervalMs + 2 * 60_000);
}

/** Judges all pods of a workload for one object: the worst of them decides. */
export function judgeFreshness(input: FreshnessInput): Freshness {
  if (!input.mountsCurrent) return "old";
  // A container that has never started resolves its env when it does, from the Secret as it is now.
  const started = input.pods.filter((pod) => pod.started);
  const verdicts = started.flatMap((pod) =>
    input.keys.length === 0 ? [judgeFiles(pod, input)] : input.keys.map((key) => judgeKey(pod, key, input)),
  );
  if (verdicts.includes("old")) return "old";
  return verdicts.includes("unknown") ? "unknown" : "fresh";
}

/** Mounts files only: right since the mount is, unless an older start read the old file and does not read it again. */
function judgeFiles(pod: Pod, input: FreshnessInput): Freshness {
  if (!input.mounts || input.reloads) return "fresh";
  return pod.createdAt > input.bornAt || input.now - input.bornAt > freshnessMargin(input.driver) ? "fresh" : "old";
}

function judgeKey(pod: Pod, read: ReadKey, input: FreshnessInput): Freshness {
  const ours = ourWriteAt(read);
  if (ours !== undefined) return startedAfterOurs(pod, read, ours, input.reloaderTraceAt) ? "fresh" : "old";
  return judgeForeignKey(pod, read, input);
}

/** `wroteAt`: when we wrote the key. */
export function startedAfterOurs(
  pod: Pod,
  read: Pick<ReadKey, "secret">,
  wroteAt: number,
  traceAt: number | undefined,
): boolean {
  if (startedAfterWrite(pod, wroteAt)) return true;
  // Reloader's restart follows the write, so whoever starts in a later second starts well after it.
  return lastStartOf(pod) >= wroteAt + 1000 && restartedByReloader(pod, read, wroteAt, traceAt);
}

/**
 * Kubernetes' times are whole seconds: a pod of the same second may have started before the write. The write is over by
 * the next one, and the kubelet resolves env from a cache that lags it by up to a second more.
 */
export function startedAfterWrite(pod: Pod, wroteAt: number): boolean {
  return pod.createdAt > wroteAt && lastStartOf(pod) >= wroteAt + 2000;
}

/** When its env was resolved, or no earlier than that while no container runs. */
export function lastStartOf(pod: Pod): number {
  return pod.lastStartedAt ?? pod.createdAt;
}

/**
 * The Secret is right and we never wrote this key: adoption, or the driver was faster. The driver's managedFields
 * entry is no clock, since its owner patches re-date it.
 */
function judgeForeignKey(pod: Pod, read: ReadKey, input: FreshnessInput): Freshness {
  const { driver, bornAt } = input;
  const sure = Math.max(bornAt, read.classChangedAt);
  if (startedByReloader(pod, read, sure, input.reloaderTraceAt)) return "fresh";
  if (pod.createdAt < bornAt) return "old";
  if (newerThanTheVersion(pod, read, input)) return "fresh";
  if (sourceMayHaveMoved(pod, read, input)) return "old";
  if (read.secret.createdAt > bornAt && pod.createdAt > read.secret.createdAt && wasMadeRight(pod, read, driver))
    return "fresh";
  if (driver.rotation === "on" && pod.createdAt > bornAt + freshnessMargin(driver)) return "fresh";
  if (driver.generation === "1.6" && driver.rotation === "off") {
    if (read.mounted && startedWithOwnMount(pod, input.mountedAt(pod) ?? pod.createdAt, read, driver)) return "fresh";
    const since = input.mountedAt(pod);
    const waited = waitedForSecret(pod, since === undefined ? pod.createdAt : since + soonMs, read.secret);
    const late = read.oldestMounterAt !== undefined && pod.createdAt >= read.oldestMounterAt + 60_000;
    if (late && (read.madeByNewMount || !waited)) return "fresh";
  }
  return "unknown";
}

/**
 * The driver makes a Secret anew of what is mounted, which may be older. Where it may rotate, or a new mount writes it again
 * (1.6), it puts that right later. On 1.6 that doubt would name every reader whose mounters have come and gone since, so it
 * takes a restart of ours to tell that older mounts have been there.
 */
function wasMadeRight(pod: Pod, read: ReadKey, { generation, rotation }: Driver): boolean {
  if (rotation !== "off") return false;
  if (generation === "1.5" || read.madeByNewMount || !read.restartedBefore) return true;
  const wroteAt = lastWriteAt(read);
  return wroteAt !== undefined && startedAfterWrite(pod, wroteAt);
}

/** The driver wrote the key. When it did nobody knows, but it was before Reloader's restart. */
export function startedByReloader(
  pod: Pod,
  read: Pick<ReadKey, "secret">,
  since: number,
  traceAt: number | undefined,
): boolean {
  return (
    lastStartOf(pod) >= (traceAt ?? Number.POSITIVE_INFINITY) + 1000 && restartedByReloader(pod, read, since, traceAt)
  );
}

/**
 * Reloader restarted the workload for this Secret with the bytes that it holds now, not before `since`, and the pod came
 * with that. Anything may set Reloader going: another key, another Secret, bytes that have been replaced since. Nor does
 * it react to a Secret that is made anew, so its trace is of this one only if it is younger.
 */
function restartedByReloader(
  pod: Pod,
  { secret }: Pick<ReadKey, "secret">,
  since: number,
  traceAt: number | undefined,
): boolean {
  if (traceAt === undefined || traceAt < since || traceAt <= secret.createdAt) return false;
  return pod.createdAt >= traceAt && areOfPresentData(pod.reloaderTraces, secret);
}

/**
 * Its own mount wrote the Secret a moment before it started. Was it held up in between (another volume, a missing Secret,
 * a crash), an old pod may have written old bytes back, or made the Secret that it waited for; not so long after the
 * youngest mounter came, which is when the old ones are gone.
 */
export function startedWithOwnMount(
  pod: Pod,
  mountedAt: number,
  read: Pick<ReadKey, "youngestMounterAt" | "madeByNewMount"> & { readonly secret: SyncedSecret | undefined },
  driver: Driver,
): boolean {
  const { youngestMounterAt, madeByNewMount, secret } = read;
  const startedAt = lastStartOf(pod);
  const ownWrite = mountedAt + soonMs;
  const waited =
    secret !== undefined &&
    (waitedForLostSecret(pod, ownWrite, secret) || (waitedForSecret(pod, ownWrite, secret) && !madeByNewMount));
  return (
    (startedAt <= mountedAt + 60_000 && !waited) ||
    (youngestMounterAt !== undefined && startedAt >= youngestMounterAt + freshnessMargin(driver))
  );
}

/** A mount makes a missing Secret within a tenth of a second. Kubernetes' times are whole seconds, and an API server may be slow. */
export const soonMs = 5000;

/** It came up later than that, with a Secret that has been deleted since: nothing tells what that was made of. */
export function waitedForLostSecret(pod: Pod, since: number, { createdAt }: SyncedSecret): boolean {
  return since < lastStartOf(pod) && lastStartOf(pod) < createdAt;
}

/** It had to wait for its Secret until somebody made it: not its own mount, if `since` is that long after it. */
export function waitedForSecret(pod: Pod, since: number, { createdAt }: SyncedSecret): boolean {
  return since <= createdAt && createdAt <= lastStartOf(pod);
}

/**
 * The workload was started for another vault's object, and the class was changed since or the driver has written the key
 * anew since: before, it held that vault's bytes, and the version's age says nothing of it. Where mounts are refreshed, the
 * driver writes minutes later, unless the pod's own mount does. Only a marker tells: without one the doubt would name every
 * reader of a class that merely gained an object.
 */
function sourceMayHaveMoved(pod: Pod, read: ReadKey, input: FreshnessInput): boolean {
  const { generation, rotation } = input.driver;
  if (!input.movedVault) return false;
  const own = generation === "1.6" && read.mounted;
  const refreshedLater = rotation !== "off" && !own && read.secret.createdAt < read.classChangedAt;
  const cameAt = input.mountedAt(pod) ?? lastStartOf(pod);
  return cameAt < read.classChangedAt + (refreshedLater ? freshnessMargin(input.driver) : 0);
}

/**
 * Class, Secret and mount are all younger than the version, and the class has not changed since: nothing made through
 * it can ever have held other bytes. This is what a fresh installation looks like (docs/decisions/0013).
 */
function newerThanTheVersion(pod: Pod, { secret, classChangedAt }: ReadKey, input: FreshnessInput): boolean {
  // A vault's replica may lag for a moment after the version was created.
  if (classChangedAt <= input.bornAt + replicaLagMs) return false;
  // What it got at its start was this Secret, and not one of that name which was deleted since.
  if (lastStartOf(pod) < secret.createdAt) return false;
  return secret.createdAt >= classChangedAt && (input.mountedAt(pod) ?? pod.createdAt) >= classChangedAt;
}

const replicaLagMs = 60_000;

/** When we wrote this key, if our managedFields entry still owns it. A revert moves the key to the driver's entry. */
export function ourWriteAt(read: Pick<ReadKey, "secret" | "key">): number | undefined {
  return read.secret.writers.find((writer) => writer.manager === fieldManager && writer.keys.has(read.key))?.at;
}

/**
 * The key holds its bytes since then at the latest, whoever wrote them. It may be far longer: the entry is dated anew
 * with whatever else its manager writes, so a pod that came before it is not surely older.
 */
export function lastWriteAt(read: Pick<ReadKey, "secret" | "key">): number | undefined {
  const times = read.secret.writers.flatMap((writer) => (writer.keys.has(read.key) ? [writer.at] : []));
  return times.length === 0 ? undefined : Math.max(...times);
}
