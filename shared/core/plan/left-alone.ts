/**
 * What a look sees of our restarts through classes that it must leave alone (an object is disabled, the vault does not
 * answer) and through Secrets that it refuses. Nothing is decided on them, and there may be nothing to render; but when they
 * may be worked on again the driver has refreshed what is to be seen now, and pods that met old bytes would count as right.
 * Nor can it be told yet whether bytes other than the marked ones are older: that waits until they are worked on.
 */

import type { WorkloadPods } from "../dependents.ts";
import { lastStartOf, ourWriteAt } from "../freshness.ts";
import { ownMarker } from "../marker.ts";
import type { Marker } from "../marker.ts";
import type { Pod, SyncedSecret } from "../observed.ts";
import type { ClassObject, ProviderClass } from "../provider-class.ts";
import { objectKey } from "../vault-object.ts";
import type { Look } from "./look.ts";
import { metKey, ownedKey, restartKey, rollingKey } from "./memory-keys.ts";
import { renderOnce } from "./render-once.ts";
import { startedWithPresent } from "./reverts.ts";
import { rolloutOf } from "./rollout.ts";
import { allGotRight, startedWithStrangers } from "./strangers-bytes.ts";
import { renderSettings } from "./survey.ts";
import { firstId, wantedOf } from "./wanted.ts";
import type { WorkloadState } from "./workload-state.ts";

/** `look`: with the classes active that are worked on; those of its scope that are not, and refused Secrets, are asked about. */
export function noteLeftAlone(look: Look): void {
  const classes = [...look.scope].flatMap((name) => {
    const item = look.found.classes.get(name);
    const leftAlone = item?.content.secretObjects.some(({ secretName }) => isLeftAlone(name, secretName, look));
    return item === undefined || leftAlone !== true ? [] : [item];
  });
  if (classes.length === 0) return;
  for (const item of look.found.workloads) {
    if (item.pods.length === 0) continue;
    const keys = classes.flatMap((owner) => keysOf(owner, item, look));
    const marker = ownMarker(item.workload);
    const restart = restartKey(item.key, marker);
    for (const { owner, source } of [...metByRestart(item, marker, keys, look), ...metByHand(item, marker, keys, look)])
      look.notebook.markReverted(metKey(restart, owner.name, objectKey(source.object)));
  }
}

/** Keys that our restart was for, and of which its pods met other bytes. */
function metByRestart(item: WorkloadPods, marker: Marker, keys: readonly GotKey[], look: Look): readonly GotKey[] {
  const came = item.workload.restartedByUsAt;
  const marked = keys.flatMap((read): readonly MarkedKey[] => {
    const version = read.source.pin === undefined ? markedVersion(read, marker) : undefined;
    return version === undefined ? [] : [{ ...read, version }];
  });
  if (came === undefined || marked.length === 0) return [];
  const restart = restartKey(item.key, marker);
  // What was seen on its way may have gone on until its end.
  const rollout = rolloutOf(item, look).kind;
  const rolling = rollingKey(restart);
  if (rollout !== "complete") look.notebook.since(rolling);
  const onItsWay = rollout !== "complete" || look.notebook.saw(rolling);
  const reverted = (read: MarkedKey) =>
    onItsWay &&
    (holdsBytesOf(read, read.version, look) === false || lostWrite(read, restart, rollout === "running", came, look));
  const wrongAtStart = (read: MarkedKey) => rollout === "complete" && startedWithOther(read, item, look);
  return marked.filter((read) => metOtherMount(read, item, came, look) || reverted(read) || wrongAtStart(read));
}

/** Keys that hold what somebody wrote by hand, and not surely what they should, since before a pod started. */
function metByHand(item: WorkloadPods, marker: Marker, keys: readonly GotKey[], look: Look): readonly GotKey[] {
  return keys.filter((read) => {
    const { secret, key } = read;
    if (secret === undefined || !startedWithStrangers({ secret, key }, item)) return false;
    return holdsBytesOf(read, markedVersion(read, marker), look) !== true;
  });
}

/**
 * Classes that were left alone are worked on again: where the marked version is the wanted one, what their pods met was
 * another, and so not the newest. Where a newer one of the same bytes is wanted they may have met that, or an older one:
 * rather a restart too many. Where other bytes are wanted, a restart for these ends what was noted. What turns out right is
 * not kept: later the same bytes may be written again, which says nothing of these pods.
 */
export function takeUpLeftAlone({ item, marker, uses }: WorkloadState, look: Look): void {
  const restart = restartKey(item.key, marker);
  for (const { wanted, standing, classes } of uses) {
    const noted = [...classes].filter(
      (name) =>
        look.notebook.reverted(metKey(restart, name, wanted.key)) &&
        !item.reads.some((read) => read.by !== "volume" && isLeftAlone(name, read.secret, look)),
    );
    if (noted.length === 0) continue;
    const isMarked = standing === "marked" || marker.entries.get(wanted.key)?.version === wanted.current.version;
    if (allGotRight(classes, wanted.key, item, look))
      for (const name of noted) look.notebook.clearMet(metKey(restart, name, wanted.key));
    else if (isMarked) look.notebook.markReverted(restart);
  }
}

/** A Secret of the class, or the whole of it. */
function isLeftAlone(className: string, secret: string, look: Look): boolean {
  const owner = look.active.get(className);
  return owner === undefined || owner.secrets.some(({ name, state }) => name === secret && state.kind === "refused");
}

/** A key that a workload got at its start. */
interface GotKey {
  readonly owner: ProviderClass;
  readonly source: ClassObject;
  readonly key: string;
  readonly secret: SyncedSecret | undefined;
  readonly name: string;
}

/** One whose version it was restarted for. */
interface MarkedKey extends GotKey {
  readonly version: string;
}

function markedVersion({ source }: GotKey, marker: Marker): string | undefined {
  return marker.entries.get(objectKey(source.object))?.version;
}

function keysOf(owner: ProviderClass, item: WorkloadPods, look: Look): readonly GotKey[] {
  const { content } = owner;
  if (!content.ok) return [];
  return content.secretObjects.flatMap(({ secretName: name, data }) => {
    if (!isLeftAlone(owner.name, name, look)) return [];
    const reads = item.reads.filter((read) => read.secret === name && read.by !== "volume");
    const seen = look.input.observed.secrets.get(name);
    const secret = seen?.kind === "present" ? seen.secret : undefined;
    return data.flatMap(({ objectName, key }) => {
      const source = content.objects.find(({ path }) => objectName === path || objectName === `${path}/0`);
      if (source === undefined || !reads.some((read) => read.key === undefined || read.key === key)) return [];
      return [{ owner, source, key, secret, name }];
    });
  });
}

/**
 * A pod that came with our restart has another version mounted: from 1.6 on its own mount wrote that into the Secret a
 * moment before it started, unless our write has stood since before. (Or the mount has been refreshed since, to a newer
 * version: that is told when it is taken up.)
 */
function metOtherMount(read: MarkedKey, item: WorkloadPods, came: number, look: Look): boolean {
  if (look.driver.generation === "1.5") return false;
  const { owner, source, version, key, secret } = read;
  const wroteAt = secret === undefined ? undefined : ourWriteAt({ secret, key });
  const harmed = (pod: Pod) => {
    if (!pod.started || pod.createdAt < came) return false;
    const shown = look.found.statusOf(pod, owner.name)?.versions.get(firstId(source));
    if (shown === undefined || shown === version) return false;
    return wroteAt === undefined || lastStartOf(pod) < wroteAt + 2000;
  };
  return item.pods.some(harmed);
}

/** Our write stood when the restart was set, and is gone before its rollout is complete (as `noteReverts` asks). */
function lostWrite(read: MarkedKey, restart: string, running: boolean, came: number, look: Look): boolean {
  const { version, key, secret, name } = read;
  if (secret === undefined || look.notebook.count(ownedKey(restart, name, key, version)) === 0) return false;
  return ourWriteAt({ secret, key }) === undefined && (running || secret.createdAt < came);
}

/** The rollout is complete, and the Secret holds other bytes (as `noteWrongStarts` asks). */
function startedWithOther(read: MarkedKey, item: WorkloadPods, look: Look): boolean {
  const { key, secret } = read;
  if (secret === undefined || ourWriteAt({ secret, key }) !== undefined) return false;
  return startedWithPresent({ secret, key }, item) && holdsBytesOf(read, read.version, look) === false;
}

/**
 * Does the key hold the bytes of this version (or of the wanted one)? To be told only where the vault names that version, and
 * all else that the class needs to be rendered: another class may be why this one is left alone, or its owner's wish.
 */
function holdsBytesOf(read: GotKey, version: string | undefined, look: Look): boolean | undefined {
  const { owner, source, key, secret, name } = read;
  const { vault, observed } = look.input;
  const current = wantedOf(source, vault)?.current.version;
  if (secret === undefined || current === undefined || (version ?? current) !== current) return undefined;
  const rendering = renderOnce(owner.content, vault, renderSettings(observed, look.policy));
  const made = rendering.ok ? rendering.secrets.get(name) : undefined;
  const value = made?.ok === true ? made.data.get(key) : undefined;
  return value === undefined ? undefined : secret.data.get(key)?.equals(value) === true;
}
