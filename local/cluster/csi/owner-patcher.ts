/**
 * The driver's owner patcher: gives synced Secrets the owner references of the pods that mount their class, so that
 * they go when the last of these owners goes. References are told apart by name only, as in the driver.
 */

import { isApiError } from "../api-error.ts";
import { listAt, textAt, without } from "../json.ts";
import type { Json, JsonObject } from "../json.ts";
import { nameOf, namespaceOf, ownersOf, uidOf } from "../objects.ts";
import type { Store } from "../store.ts";
import { statusOf } from "./mounts.ts";
import { driverManager } from "./pod-status-writer.ts";
import { secretEntries } from "./reconcile.ts";
import { managedSecret } from "./sync-secret.ts";

/** One pass over a node's pod statuses; false if a lookup failed, which ends the pass. */
export function patchOwners(store: Store, podStatuses: readonly JsonObject[]): boolean {
  const owners = new Map<string, { readonly namespace: string; readonly name: string; references: Json[] }>();
  for (const podStatus of podStatuses) {
    const namespace = namespaceOf(podStatus);
    const { pod: podName, providerClass: className } = statusOf(podStatus);
    const providerClass = store.find("SecretProviderClass", namespace, className);
    const pod = store.find("Pod", namespace, podName);
    if (providerClass === undefined || pod === undefined) return false;
    for (const { entry } of secretEntries(providerClass)) {
      const key = `${namespace}/${entry.secretName}`;
      const known = owners.get(key) ?? { namespace, name: entry.secretName, references: [] };
      owners.set(key, known);
      known.references.push(...referencesOf(pod, podStatus));
    }
  }
  let clean = true;
  for (const { namespace, name, references } of owners.values()) {
    clean = addOwners(store, managedSecret(store, namespace, name), references) && clean;
  }
  return clean;
}

/** The pod's owners without `controller` and `blockOwnerDeletion`; the pod status itself for a bare pod. */
function referencesOf(pod: JsonObject, podStatus: JsonObject): readonly JsonObject[] {
  const owners = ownersOf(pod).map((owner) => without(owner, "controller", "blockOwnerDeletion"));
  if (owners.length > 0) return owners;
  const { apiVersion, kind } = podStatus;
  return [{ apiVersion: apiVersion ?? "", kind: kind ?? "", name: nameOf(podStatus), uid: uidOf(podStatus) }];
}

function addOwners(store: Store, secret: JsonObject | undefined, references: readonly Json[]): boolean {
  if (secret === undefined) return true;
  const held = [...listAt(secret, "metadata", "ownerReferences")];
  const names = new Set(held.map((owner) => textAt(owner, "name")));
  for (const reference of references) {
    if (names.has(textAt(reference, "name"))) continue;
    names.add(textAt(reference, "name"));
    held.push(reference);
  }
  if (held.length === listAt(secret, "metadata", "ownerReferences").length) return true;
  const resourceVersion = textAt(secret, "metadata", "resourceVersion");
  const patch = { metadata: { resourceVersion, ownerReferences: held } };
  try {
    store.mergePatch("Secret", namespaceOf(secret), nameOf(secret), patch, driverManager);
    return true;
  } catch (error) {
    if (isApiError(error)) return false;
    throw error;
  }
}
