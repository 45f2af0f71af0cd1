/** A Secret that was gone while our restart's pods waited for it, and that was made anew of whatever was mounted. */

import type { WorkloadPods } from "../dependents.ts";
import { soonMs, waitedForLostSecret, waitedForSecret } from "../freshness.ts";
import type { ReadKey } from "../freshness.ts";
import { ownMarker } from "../marker.ts";
import type { Pod, SyncedSecret } from "../observed.ts";
import type { ActiveClass, Look } from "./look.ts";
import { activeSecret, showsCurrent } from "./look.ts";
import type { Wanted } from "./wanted.ts";
import type { ObjectUse } from "./workload-state.ts";

/**
 * A pod of our restart started with a Secret that is much younger than the pod's own mount, which could not make it (the
 * driver was not allowed to, or it was deleted in between). Who made it then? A mount of the new versions that came or was
 * touched at that time; or an old one, at its tick or when the driver tried again. Nothing tells it afterwards: the next
 * new mount (1.6) or the next poll (1.5) puts the Secret right; where neither does (1.5, rotation off) it shows what it was
 * made of. A workload that mounts nothing itself is restarted when no old mount is left.
 *
 * Where the Secret that it had waited for has been deleted since, nothing at all tells what that was made of.
 */
export function metLateSecret(item: WorkloadPods, marked: readonly ObjectUse[], look: Look): boolean {
  const staysAsMade = look.driver.generation === "1.5" && look.driver.rotation === "off";
  const secrets = new Map(marked.flatMap((use) => use.keys.map(({ secret }) => [secret.name, secret])));
  return [...secrets.values()].some((secret) => {
    const owner = activeSecret(look, secret.name)?.owner;
    if (owner === undefined || !item.mounts.has(owner.item.name)) return false;
    if (item.pods.some((pod) => waitedForAnother(secret, pod, owner, look))) return true;
    if (staysAsMade) return false;
    return item.pods.some((pod) => waitedFor(secret, pod, owner, look)) && !madeByNewMount(secret, owner, look);
  });
}

/** Its first start met a Secret that its own mount had not made. */
function waitedFor(secret: SyncedSecret, pod: Pod, owner: ActiveClass, look: Look): boolean {
  const mountedAt = firstMountAt(pod, owner, look);
  return mountedAt !== undefined && waitedForSecret(pod, mountedAt + soonMs, secret);
}

/** Its first start came long after its own mount, and met a Secret that is not there any more. */
function waitedForAnother(secret: SyncedSecret, pod: Pod, owner: ActiveClass, look: Look): boolean {
  const mountedAt = firstMountAt(pod, owner, look);
  return mountedAt !== undefined && waitedForLostSecret(pod, mountedAt + soonMs, secret);
}

/** Of a pod that has started once. */
function firstMountAt(pod: Pod, owner: ActiveClass, look: Look): number | undefined {
  return pod.started && pod.restarts === 0 ? look.found.statusOf(pod, owner.item.name)?.createdAt : undefined;
}

/**
 * What tells whether a Secret that is younger than the version was made of it. `reader`: undefined for a pod without a
 * workload.
 */
export function originOf(
  secret: SyncedSecret,
  owner: ActiveClass,
  wanted: Wanted,
  reader: WorkloadPods | undefined,
  look: Look,
): Pick<ReadKey, "madeByNewMount" | "restartedBefore"> {
  // Nobody asks it of an older one.
  if (secret.createdAt <= wanted.createdOn) return { madeByNewMount: false, restartedBefore: false };
  const mounters = look.found.workloads.filter(
    (item) => item === reader || item.pods.some((pod) => owner.mounters.includes(pod)),
  );
  return {
    madeByNewMount: madeByNewMount(secret, owner, look),
    // A later restart may have been for another object of its class.
    restartedBefore: mounters.some(
      ({ workload }) =>
        (workload.restartedByUsAt ?? Infinity) <= secret.createdAt && ownMarker(workload).entries.has(wanted.key),
    ),
  };
}

export function madeByNewMount({ createdAt }: SyncedSecret, owner: ActiveClass, look: Look): boolean {
  return owner.mounters.some((pod) => {
    const status = look.found.statusOf(pod, owner.item.name);
    if (status === undefined || !showsCurrent(look, pod, owner, owner.objects)) return false;
    const causes = [status.createdAt, ...(status.touchedAt === undefined ? [] : [status.touchedAt])];
    return causes.some((at) => at - 1000 <= createdAt && createdAt <= at + soonMs);
  });
}
