/**
 * One `secretObjects` entry -> the synced Secret, as each driver line writes it
 * (controllers/secretproviderclasspodstatus_controller.go; docs/facts.md).
 */

import type { SecretValue } from "../../../shared/core/secret-value.ts";
import { isApiError } from "../api-error.ts";
import { equal, objectAt, textAt } from "../json.ts";
import type { JsonObject } from "../json.ts";
import { diff } from "../merge-patch.ts";
import { newObject } from "../objects.ts";
import type { Store } from "../store.ts";
import { driverManager } from "./pod-status-writer.ts";

export type Generation = "1.5" | "1.6";

export const managedLabel = "secrets-store.csi.k8s.io/managed";

export interface WantedSecret {
  readonly namespace: string;
  readonly name: string;
  readonly type: string;
  readonly labels: JsonObject;
  readonly annotations: JsonObject;
  /** The data, rendered only when it is needed; throws an ApiError where it can't be. */
  readonly data: () => ReadonlyMap<string, SecretValue>;
}

/** 1.5 only creates; 1.6 creates, or patches `data` where it differs. Throws an ApiError where the API refuses. */
export function syncSecret(store: Store, generation: Generation, wanted: WantedSecret): void {
  const held = managedSecret(store, wanted.namespace, wanted.name);
  if (held !== undefined && generation === "1.5") return;
  const data = encoded(wanted.data());
  if (held === undefined) {
    create(store, generation, wanted, data);
    return;
  }
  patchData(store, held, data);
}

/** The Secret as the driver's cache has it: only with the managed label. */
export function managedSecret(store: Store, namespace: string, name: string): JsonObject | undefined {
  const secret = store.find("Secret", namespace, name);
  return textAt(secret, "metadata", "labels", managedLabel) === "true" ? secret : undefined;
}

export function encoded(data: ReadonlyMap<string, SecretValue>): JsonObject {
  return Object.fromEntries([...data].map(([key, value]) => [key, Buffer.from(value.reveal()).toString("base64")]));
}

/** Merge patch of the whole `data`: keys that are not wanted become null. No lock. True if something was written. */
export function patchData(store: Store, held: JsonObject, data: JsonObject): boolean {
  const before = objectAt(held, "data");
  if (equal(before, data)) return false;
  const place = objectAt(held, "metadata");
  const patch = { data: diff(before, data) };
  store.mergePatch("Secret", textAt(place, "namespace"), textAt(place, "name"), patch, driverManager);
  return true;
}

function create(store: Store, generation: Generation, wanted: WantedSecret, data: JsonObject): void {
  const secret = newObject("Secret", wanted.namespace, wanted.name, {
    metadata: {
      labels: { ...wanted.labels, [managedLabel]: "true" },
      ...(Object.keys(wanted.annotations).length > 0 ? { annotations: wanted.annotations } : {}),
    },
    type: wanted.type,
    data,
  });
  try {
    store.create("Secret", secret, driverManager);
  } catch (error) {
    if (generation === "1.5" && isApiError(error, "AlreadyExists")) return;
    throw error;
  }
}
