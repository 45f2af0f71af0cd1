/** What a pod got wrong that nothing in the cluster tells any more: docs/simulation.md, *Beyond proof*. */

import { listAt, textAt } from "../../local/cluster/json.ts";
import type { JsonObject } from "../../local/cluster/json.ts";
import { nameOf, namespaceOf, uidOf } from "../../local/cluster/objects.ts";
import { fedThen, markerAnnotation, parseMarker } from "../../shared/core/marker.ts";
import { objectBehind, turningKey, vaultName } from "./names.ts";
import { bornAt, livePods, mountsOf } from "./pods.ts";
import type { Sim } from "./sim.ts";

/** A key that a pod started with in other bytes than its class renders now. */
export interface WrongEnv {
  readonly className: string;
  readonly secret: string;
  /** Undefined: the pod takes all keys. */
  readonly key: string | undefined;
  readonly name: string;
  readonly got: string | undefined;
  readonly right: string;
  readonly changedAt: number;
}

/** Does nothing tell it? The cases one after the other, each as narrow as can be. */
export function isBeyondProof(sim: Sim, pod: JsonObject, wrong: WrongEnv): boolean {
  const { className, secret, key, name, got, right, changedAt } = wrong;
  // A key that the class has gained is its owner's own rollout to bring to who takes all keys.
  if (got === undefined) return key === undefined && changedAt > sim.startedAt;
  if (isStrangers(sim, pod, `${secret}/${name}`, got) || metDisowned(sim, pod, secret)) return true;
  if (metOldVault(sim, pod, name, got, changedAt) || metOtherObject(sim, pod, secret, name, got, changedAt))
    return true;
  if (metRemade(sim, pod, className, `${secret}/${name}`, got)) return true;
  if (!wasReverted(sim, pod, `${secret}/${name}`, right, got)) return false;
  if (metBesideOwnMount(sim, pod, className, name) || metLateReplica(sim, pod, `${secret}/${name}`, got)) return true;
  return isUnseenRevert(sim, pod, `${secret}/${name}`, got);
}

/** What acts put into Secrets by hand. Somebody kept overwriting the Secret while it started; or wrote once, and no look has read that since it came. */
function isStrangers(sim: Sim, pod: JsonObject, place: string, got: string): boolean {
  return got === "by a stranger" || (got === "by hand" && isUnseen(sim, pod, place, got));
}

/** The Secret had the right bytes, and when the pod started somebody else than the bridge had put these back. */
function wasReverted(sim: Sim, pod: JsonObject, place: string, right: string, got: string): boolean {
  const namespace = namespaceOf(pod);
  const startedAt = sim.lastStart(namespace, uidOf(pod))?.at ?? 0;
  const from = startedAt - sim.shape.secretCacheMs - 1000;
  return sim.secrets.wasReverted(`${namespace}/${place}`, inBase64(right), inBase64(got), from, startedAt);
}

/**
 * The bridge restarted it for the version while the Secret was gone. The driver made it anew of an old mount, in the very
 * seconds in which a new one came, and put it right before a look could read it.
 */
function metRemade(sim: Sim, pod: JsonObject, className: string, place: string, got: string): boolean {
  const namespace = namespaceOf(pod);
  const startedAt = sim.lastStart(namespace, uidOf(pod))?.at ?? 0;
  const from = startedAt - sim.shape.secretCacheMs - 1000;
  const madeAt = sim.secrets.remadeAt(`${namespace}/${place}`, inBase64(got), from, startedAt);
  if (madeAt === undefined || !namesCurrent(sim, pod, place.slice(place.lastIndexOf("/") + 1))) return false;
  const mounted = livePods(sim, namespace).map((one) => mountedAt(sim, one, className));
  const atOnce = mounted.some((at) => madeAt - 2000 <= at && at <= madeAt + 5000);
  return atOnce && isUnseen(sim, pod, place, got);
}

/** No look has read these bytes since the pod was created. */
function isUnseen(sim: Sim, pod: JsonObject, place: string, got: string): boolean {
  return lastSeen(sim, pod, place, got) < bornAt(pod);
}

/** When a look last read them there. */
function lastSeen(sim: Sim, pod: JsonObject, place: string, got: string): number {
  return sim.reads.lastRead(`${namespaceOf(pod)}/${place}`, inBase64(got));
}

/**
 * Only a marker of ours tells that the class named another vault when the pod came, or until the driver refreshed the
 * Secret after that.
 */
function metOldVault(sim: Sim, pod: JsonObject, key: string, got: string, changedAt: number): boolean {
  const [, vault = ""] = /^value-of-([a-z]+)-/.exec(got) ?? [];
  const { entries } = parseMarker(textAt(pod, "metadata", "annotations", markerAnnotation));
  const marked = entries.has(`${vault}/secret/${objectBehind(key)}`);
  const refreshedAt = changedAt + (sim.shape.rotation === "on" ? 10 * 60_000 : 0);
  return vault !== "" && vault !== vaultName && !marked && bornAt(pod) < refreshedAt;
}

/**
 * Likewise: which of its objects the class fed the key with when the pod came. No marker of ours says so, or it says that
 * it was the present one, and the key was turned and back in between.
 */
function metOtherObject(
  sim: Sim,
  pod: JsonObject,
  secret: string,
  key: string,
  got: string,
  changedAt: number,
): boolean {
  if (key !== turningKey || got.startsWith(`value-of-${vaultName}-${sim.turning}-`)) return false;
  const marker = parseMarker(textAt(pod, "metadata", "annotations", markerAnnotation));
  const told = fedThen(marker, secret, key, `${vaultName}/secret/${sim.turning}`);
  const refreshedAt = changedAt + (sim.shape.rotation === "on" ? 10 * 60_000 : 0);
  return (marker.entries.size === 0 || told === "same") && bornAt(pod) < refreshedAt;
}

/**
 * On 1.6 its own mount wrote the Secret right before it started, and in between an old mount, which has been replaced
 * since, put old bytes back. The bridge did not restart it for the version.
 */
function metBesideOwnMount(sim: Sim, pod: JsonObject, className: string, key: string): boolean {
  const { generation, rotation } = sim.shape;
  const mounts = (one: JsonObject) => mountsOf(one).some((mount) => mount.className === className);
  if (generation !== "1.6" || rotation !== "off" || !mounts(pod) || namesCurrent(sim, pod, key)) return false;
  const started = sim.lastStart(namespaceOf(pod), uidOf(pod))?.at ?? Number.POSITIVE_INFINITY;
  const soon = started <= mountedAt(sim, pod, className) + 60_000;
  if (!soon) return false;
  return livePods(sim, namespaceOf(pod)).some((one) => mounts(one) && bornAt(one) > bornAt(pod));
}

/** Its marker names the current version of the object behind the key. */
function namesCurrent(sim: Sim, pod: JsonObject, key: string): boolean {
  const marker = parseMarker(textAt(pod, "metadata", "annotations", markerAnnotation));
  const object = key === turningKey ? sim.turning : objectBehind(key);
  const current = sim.vault.versions(vaultName, object).at(-1)?.version;
  return marker.entries.get(`${vaultName}/secret/${object}`)?.version === current;
}

/** When its pod status for the class was made. */
function mountedAt(sim: Sim, pod: JsonObject, className: string): number {
  const statuses = sim.clusterOf(namespaceOf(pod)).store.list("SecretProviderClassPodStatus", namespaceOf(pod)).items;
  const own = statuses.find(
    (one) =>
      textAt(one, "status", "podName") === nameOf(pod) &&
      textAt(one, "status", "secretProviderClassName") === className,
  );
  return Date.parse(textAt(own, "metadata", "creationTimestamp"));
}

/** It started with a Secret that the driver could not keep, for a person's doing (`disowned`), and that is gone since. */
function metDisowned(sim: Sim, pod: JsonObject, secret: string): boolean {
  const namespace = namespaceOf(pod);
  const held = sim.clusterOf(namespace).store.find("Secret", namespace, secret);
  const startedAt = sim.lastStart(namespace, uidOf(pod))?.at ?? 0;
  const isYounger = Date.parse(textAt(held, "metadata", "creationTimestamp")) + 1000 > startedAt;
  const disownedAt = sim.disowned.get(`${namespace}/${secret}`) ?? Number.POSITIVE_INFINITY;
  return isYounger && disownedAt <= startedAt;
}

/**
 * The bridge restarted the pod for the version, and then an old mount put old bytes back for a moment in which the pod
 * started and the bridge did not look, for it was cut off: by its tick (driver 1.6), or because the driver made a deleted
 * Secret anew from it or got an older version from a replica of the vault that lagged, which the next poll put right (1.5
 * with rotation on).
 */
function isUnseenRevert(sim: Sim, pod: JsonObject, place: string, got: string): boolean {
  const { generation, rotation } = sim.shape;
  const key = place.slice(place.lastIndexOf("/") + 1);
  const named = namesCurrent(sim, pod, key);
  if (!named && !(generation === "1.6" && rotation === "off" && outlivedMounter(sim, pod))) return false;
  if (generation === "1.5") {
    if (rotation === "off") return false;
    if (!waitedForSecret(sim, pod, place) && !metOlderPoll(sim, pod, key, got)) return false;
  }
  return isUnseen(sim, pod, place, got);
}

/**
 * Somebody else started it, with rotation on, so long after the version came that every mount was past that. The driver had
 * just been given an older one by a replica of the vault, and until the next poll nobody looked, or could tell what was
 * right: the version was disabled.
 */
function metLateReplica(sim: Sim, pod: JsonObject, place: string, got: string): boolean {
  const key = place.slice(place.lastIndexOf("/") + 1);
  const object = key === turningKey ? sim.turning : objectBehind(key);
  const current = sim.vault.versions(vaultName, object).at(-1);
  const isForeign = textAt(pod, "metadata", "annotations", markerAnnotation) === "";
  if (sim.shape.rotation === "off" || !isForeign || current === undefined) return false;
  if (bornAt(pod) <= current.createdOn + 10 * 60_000 || !metOlderPoll(sim, pod, key, got)) return false;
  const seenAt = lastSeen(sim, pod, place, got);
  return seenAt < bornAt(pod) || sim.vault.wasDisabled(vaultName, object, current.version, seenAt);
}

/** The driver's last poll before it started got the older version for these bytes; the next one comes two minutes later. */
function metOlderPoll(sim: Sim, pod: JsonObject, key: string, got: string): boolean {
  const startedAt = sim.lastStart(namespaceOf(pod), uidOf(pod))?.at ?? 0;
  const object = key === turningKey ? sim.turning : objectBehind(key);
  const polls = sim.vault.olderGivenAt(vaultName, object, got);
  return polls.some((at) => at <= startedAt && startedAt <= at + 2 * 60_000);
}

/** It only reads, and mounters have been replaced since it started: those before them may have held anything. */
function outlivedMounter(sim: Sim, pod: JsonObject): boolean {
  const mounters = livePods(sim, namespaceOf(pod)).filter((one) => mountsOf(one).length > 0);
  return mountsOf(pod).length === 0 && mounters.some((one) => bornAt(one) > bornAt(pod));
}

/** The Secret is younger than the rollout that the pod came with. */
function waitedForSecret(sim: Sim, pod: JsonObject, place: string): boolean {
  const namespace = namespaceOf(pod);
  const held = sim.clusterOf(namespace).store.find("Secret", namespace, place.slice(0, place.indexOf("/")));
  const made = textAt(held, "metadata", "creationTimestamp");
  const owner = (one: JsonObject) => textAt(listAt(one, "metadata", "ownerReferences")[0], "uid");
  const siblings = livePods(sim, namespace).filter((one) => owner(one) === owner(pod));
  return siblings.some((one) => textAt(one, "metadata", "creationTimestamp") <= made);
}

function inBase64(bytes: string): string {
  return Buffer.from(bytes).toString("base64");
}
