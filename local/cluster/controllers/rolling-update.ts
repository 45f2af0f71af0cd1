/** The arithmetic of a Deployment's rolling update, as kube-controller-manager does it. */

import { objectAt } from "../json.ts";
import type { JsonObject } from "../json.ts";
import { scaled } from "../pods.ts";

export interface Slack {
  readonly maxSurge: number;
  readonly maxUnavailable: number;
}

/** One ReplicaSet: pods asked for, and pods available. */
export interface SetSize {
  readonly wanted: number;
  readonly available: number;
}

/** What is allowed above and below the asked number while pods are replaced; never both zero. */
export function rollingLimits(deployment: JsonObject, replicas: number): Slack {
  const rolling = objectAt(deployment, "spec", "strategy", "rollingUpdate");
  const maxSurge = scaled(rolling, "maxSurge", "25%", replicas, "up");
  const maxUnavailable = scaled(rolling, "maxUnavailable", "25%", replicas, "down");
  return { maxSurge, maxUnavailable: maxSurge === 0 && maxUnavailable === 0 ? 1 : maxUnavailable };
}

/** The next size of the new ReplicaSet: as much as the surge leaves room for. */
export function grownSize(current: SetSize, old: readonly SetSize[], replicas: number, slack: Slack): number {
  if (current.wanted > replicas) return replicas;
  const room = replicas + slack.maxSurge - current.wanted - sum(old, "wanted");
  return current.wanted + Math.max(0, Math.min(room, replicas - current.wanted));
}

/** The next sizes of the old ReplicaSets, oldest first: pods that are not available go first. */
export function shrunkSizes(
  current: SetSize,
  old: readonly SetSize[],
  replicas: number,
  slack: Slack,
): readonly number[] {
  const minAvailable = replicas - slack.maxUnavailable;
  const newUnavailable = current.wanted - current.available;
  let spare = current.wanted + sum(old, "wanted") - minAvailable - newUnavailable;
  const without = old.map(({ wanted, available }) => {
    const cut = Math.max(0, Math.min(spare, wanted - available));
    spare -= cut;
    return wanted - cut;
  });
  let healthy = Math.min(spare, current.available + sum(old, "available") - minAvailable);
  return without.map((size) => {
    const cut = Math.max(0, Math.min(healthy, size));
    healthy -= cut;
    return size - cut;
  });
}

function sum(sizes: readonly SetSize[], key: keyof SetSize): number {
  return sizes.reduce((total, size) => total + size[key], 0);
}
