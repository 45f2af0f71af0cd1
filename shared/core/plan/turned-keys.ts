/**
 * Did a class feed this key with another object, or with another version that it pinned, when these pods started? The
 * versions of a marker do not tell: it may name both objects, or the version for another class. What it says of keys does,
 * for as long as the class is as it was then.
 */

import type { WorkloadPods } from "../dependents.ts";
import { lastStartOf, ourWriteAt, startedAfterOurs, startedByReloader } from "../freshness.ts";
import { fedThen, ownMarker } from "../marker.ts";
import type { Pod } from "../observed.ts";
import type { Look } from "./look.ts";
import { startedWithClass, writtenAt } from "./pins.ts";
import type { FedKey } from "./pins.ts";

/** `old`: another object fed it when the bridge restarted them. `unknown`: nothing in the cluster tells. */
export type Turned = "old" | "unknown";

/**
 * Asked of keys that hold the wanted bytes. `named`: the workload reads this key by name and needs it, so it was there
 * at the start of each container; who takes what keys there are has started without one that the class has gained since.
 */
export function turnedKey(fed: FedKey, named: boolean, item: WorkloadPods, look: Look): Turned | undefined {
  const { restartedByUsAt, reloaderTraceAt } = item.workload;
  const { state, name } = fed.secret;
  if (state.kind !== "right" || restartedByUsAt === undefined) return undefined;
  const { key: object, current, pinned } = fed.wanted;
  const then = fedThen(ownMarker(item.workload), name, fed.key, object, current.version);
  if (then === "same") return undefined;
  const { changedAt } = fed.owner.item;
  const read = { secret: state.secret, key: fed.key };
  const ours = ourWriteAt(read);
  const wroteAt = ours ?? writtenAt(fed, look);
  // Kubernetes' times are whole seconds: a pod of the class's own second may have mounted it as it was before.
  const startedSince = (pod: Pod) =>
    ours === undefined
      ? (pod.createdAt > changedAt && startedWithClass(pod, fed, wroteAt, look)) ||
        startedByReloader(pod, read, changedAt, reloaderTraceAt)
      : startedAfterOurs(pod, read, ours, reloaderTraceAt);
  const doubtful = item.pods.filter((pod) => pod.started && !startedSince(pod));
  if (then === "other") return doubtful.length > 0 ? "old" : undefined;
  // The marker's version may be another class's alone, and what the pods got the one that was pinned before.
  if (pinned && doubtful.length > 0) return ours === undefined ? "unknown" : "old";
  // Not read then, or not there. A rollout that came with a new key had to wait for it.
  const before = named && doubtful.some((pod) => lastStartOf(pod) < changedAt);
  const writtenSince = wroteAt !== undefined && wroteAt >= changedAt;
  return before && writtenSince && changedAt >= restartedByUsAt ? "unknown" : undefined;
}
