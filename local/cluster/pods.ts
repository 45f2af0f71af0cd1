/** What controllers ask of a pod, and how they make one. */

import { at, numberAt, objectAt, textAt } from "./json.ts";
import type { JsonObject } from "./json.ts";
import { condition, controlledBy, hashOf, isDeleting, namespaceOf, newObject, safeName, timeAt } from "./objects.ts";

/** Counts for its controller: neither ended nor being deleted. */
export function isActive(pod: JsonObject): boolean {
  return !isDeleting(pod) && !hasEnded(pod);
}

export function hasEnded(pod: JsonObject): boolean {
  return ["Succeeded", "Failed"].includes(textAt(pod, "status", "phase"));
}

export function isReady(pod: JsonObject): boolean {
  return textAt(condition(pod, "Ready"), "status") === "True";
}

/** Milliseconds until the pod has been ready for `minReadySeconds`; undefined while it is not ready. */
export function availableIn(pod: JsonObject, minReadySeconds: number, now: number): number | undefined {
  if (!isReady(pod)) return undefined;
  if (minReadySeconds === 0) return 0;
  const since = timeAt(condition(pod, "Ready"), "lastTransitionTime") ?? now;
  return Math.max(0, since + minReadySeconds * 1000 - now);
}

export function isAvailable(pod: JsonObject, minReadySeconds: number, now: number): boolean {
  return availableIn(pod, minReadySeconds, now) === 0;
}

/** Time until the next of these pods becomes available; undefined if none is on its way. */
export function nextAvailable(pods: readonly JsonObject[], minReadySeconds: number, now: number): number | undefined {
  const waits = pods.map((pod) => availableIn(pod, minReadySeconds, now) ?? 0).filter((ms) => ms > 0);
  return waits.length === 0 ? undefined : Math.min(...waits);
}

export interface PodOrder {
  readonly name: string;
  readonly owner: JsonObject;
  readonly template: JsonObject;
  readonly labels?: JsonObject;
  readonly spec?: JsonObject;
}

/** A pod as `owner`'s template asks for it. */
export function podFrom(order: PodOrder): JsonObject {
  const metadata = objectAt(order.template, "metadata");
  const annotations = objectAt(metadata, "annotations");
  return newObject("Pod", namespaceOf(order.owner), order.name, {
    metadata: {
      labels: { ...objectAt(metadata, "labels"), ...order.labels },
      ...(Object.keys(annotations).length > 0 ? { annotations } : {}),
      ownerReferences: [controlledBy(order.owner)],
    },
    spec: defaultedPodSpec({ ...objectAt(order.template, "spec"), ...order.spec }),
    status: { phase: "Pending" },
  });
}

export function defaultedPodSpec(spec: JsonObject): JsonObject {
  return {
    ...spec,
    restartPolicy: textAt(spec, "restartPolicy") || "Always",
    terminationGracePeriodSeconds: numberAt(spec, "terminationGracePeriodSeconds") ?? 30,
  };
}

/** The `serial`-th pod name of an owner; the same in every run. */
export function podName(owner: string, serial: number): string {
  return `${owner}-${safeName(parseSerial(hashOf(`${owner}/${serial}`)), 5)}`;
}

function parseSerial(text: string): number {
  let value = 0;
  for (const unit of text) value = (Math.imul(value, 31) + (unit.codePointAt(0) ?? 0)) >>> 0;
  return value;
}

/** A count or a percentage of `total`, rounded as asked. */
export function scaled(value: JsonObject, key: string, fallback: string, total: number, round: "up" | "down"): number {
  const given = at(value, key) ?? fallback;
  if (typeof given === "number") return given;
  const text = typeof given === "string" ? given : fallback;
  if (!text.endsWith("%")) return Number.parseInt(text, 10) || 0;
  const share = (total * Number.parseFloat(text)) / 100;
  return round === "up" ? Math.ceil(share) : Math.floor(share);
}
