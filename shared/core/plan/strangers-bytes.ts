/**
 * Pods that start with what somebody wrote into a Secret by hand, for an object that no marker of ours names. The bridge or
 * the driver writes it right (or the Secret is deleted before), and then they would count by their age: what a look saw of
 * it is kept until they are restarted.
 */

import type { WorkloadPods } from "../dependents.ts";
import { lastStartOf, lastWriteAt } from "../freshness.ts";
import type { ReadKey } from "../freshness.ts";
import { driverManager, fieldManager } from "../marker.ts";
import type { Marker } from "../marker.ts";
import type { Look } from "./look.ts";
import { activeSecret } from "./look.ts";
import { metKey, restartKey } from "./memory-keys.ts";
import type { WorkloadState } from "./workload-state.ts";

type Key = Pick<ReadKey, "secret" | "key">;

/** Notes it of classes that are worked on; of others see `noteLeftAlone`. */
export function noteStrangersBytes({ item, marker, uses }: WorkloadState, look: Look): void {
  const restart = restartKey(item.key, marker);
  for (const { wanted, classes, keys } of uses.filter(({ standing }) => standing === "fresh")) {
    if (!keys.some((read) => isWrong(read, look) && startedWithStrangers(read, item))) continue;
    for (const name of classes) look.notebook.markReverted(metKey(restart, name, wanted.key));
  }
}

/** Was it seen of these pods, which are young enough for this object, and have they not started since it was written right? */
export function metStrangersBytes(
  use: { readonly object: string; readonly classes: ReadonlySet<string>; readonly keys: readonly ReadKey[] },
  item: WorkloadPods,
  marker: Marker,
  look: Look,
): boolean {
  const restart = restartKey(item.key, marker);
  if (![...use.classes].some((name) => look.notebook.reverted(metKey(restart, name, use.object)))) return false;
  // What may not be worked on says nothing; a restart would meet the same bytes again.
  if (use.keys.some(({ secret }) => activeSecret(look, secret.name)?.secret.state.kind === "refused")) return false;
  return !allGotRight(use.classes, use.object, item, look);
}

/**
 * The keys that these classes feed with the object are right now, and were last written, by whoever it was, before any of
 * the pods that live started: so they have held these bytes since. (What was noted may have been right: nobody could tell
 * then.) A Secret that is gone tells nothing.
 */
export function allGotRight(classes: ReadonlySet<string>, object: string, item: WorkloadPods, look: Look): boolean {
  const owners = [...classes].flatMap((name) => look.active.get(name) ?? []);
  const keys = owners
    .flatMap(({ secrets }) => secrets)
    .flatMap(({ name, sources, state }) =>
      [...sources].flatMap(([key, wanted]) => {
        const isRead = item.reads.some((read) => read.secret === name && (read.key === undefined || read.key === key));
        return wanted.key === object && isRead ? [{ state, key }] : [];
      }),
    );
  return (
    keys.length > 0 &&
    keys.every(({ state, key }) => state.kind === "right" && startedSince({ secret: state.secret, key }, item))
  );
}

/**
 * Somebody wrote the key who is neither the driver nor the bridge, and nobody has since; and a pod that lives started after
 * that, or is about to.
 */
export function startedWithStrangers(read: Key, item: WorkloadPods): boolean {
  const owners = read.secret.writers.filter(({ keys }) => keys.has(read.key));
  if (owners.some(({ manager }) => manager === driverManager || manager === fieldManager)) return false;
  return owners.some(({ at }) => item.pods.some((pod) => !pod.started || lastStartOf(pod) >= at));
}

/** A write at second W is over by W + 1, and kubelets may see it a second later. */
function startedSince(read: Key, item: WorkloadPods): boolean {
  const at = Math.max(read.secret.createdAt, lastWriteAt(read) ?? Infinity);
  return item.pods.every((pod) => !pod.started || lastStartOf(pod) >= at + 2000);
}

function isWrong({ secret, key }: Key, look: Look): boolean {
  const state = activeSecret(look, secret.name)?.secret.state;
  return state?.kind === "wrong" && state.differing.includes(key);
}
