/** One look of the driver at one pod status: makes or mends every Secret of its class from what the pod has mounted. */

import type { SecretObject } from "../../../shared/core/provider-class.ts";
import { defaultSettings } from "../../../shared/core/rendering/provider-settings.ts";
import { ApiError, isApiError } from "../api-error.ts";
import { recordEvent } from "../events.ts";
import { isObject, listAt, objectAt, textAt } from "../json.ts";
import type { JsonObject } from "../json.ts";
import { isDeleting, namespaceOf, uidOf } from "../objects.ts";
import { once } from "../once.ts";
import { hasEnded } from "../pods.ts";
import { providerClassOf } from "../provider-classes.ts";
import type { Store } from "../store.ts";
import { statusOf } from "./mounts.ts";
import type { Mount } from "./mounts.ts";
import { driverSecretAgain } from "./render-again.ts";
import { syncSecret } from "./sync-secret.ts";
import type { Generation } from "./sync-secret.ts";

export interface ReconcileWorld {
  readonly store: Store;
  readonly generation: Generation;
  readonly now: number;
  readonly mountOf: (podUid: string, className: string) => Mount | undefined;
}

/**
 * `done`: look again at the next tick; `skip`: this pod no longer counts; `later`: something is missing, look again
 * in 5 s; `failed`: a Secret could not be made, try again with back-off. A failing entry does not stop the others.
 */
export type ReconcileResult = "done" | "skip" | "later" | "failed";

export function reconcilePodStatus(world: ReconcileWorld, podStatus: JsonObject): ReconcileResult {
  const { store } = world;
  const { pod: podName, providerClass: className, podUid } = statusOf(podStatus);
  const pod = store.find("Pod", namespaceOf(podStatus), podName);
  if (pod === undefined) return "later";
  if (isDeleting(pod) || hasEnded(pod)) return "skip";
  const providerClass = store.find("SecretProviderClass", namespaceOf(podStatus), className);
  if (providerClass === undefined) return "later";
  const mount = world.mountOf(podUid, className);
  if (uidOf(pod) !== podUid || mount === undefined) return "later";
  let failed = false;
  for (const { entry, raw } of secretEntries(providerClass)) {
    try {
      syncSecret(store, world.generation, {
        namespace: namespaceOf(podStatus),
        name: entry.secretName,
        type: entry.type,
        labels: objectAt(raw, "labels"),
        annotations: objectAt(raw, "annotations"),
        data: () => {
          const rendered = driverSecretAgain(entry, mount.files, { ...defaultSettings, driver: world.generation });
          if (rendered.ok) return rendered.data;
          throw new ApiError(422, "Invalid", rendered.error.message);
        },
      });
    } catch (error) {
      if (!isApiError(error)) throw error;
      failed = true;
      const note = {
        type: "Warning",
        reason: "FailedToCreateSecret",
        message: error.message,
        component: "csi-secrets-store-controller",
      } as const;
      recordEvent(store, pod, note, world.now);
    }
  }
  return failed ? "failed" : "done";
}

interface SecretEntry {
  readonly entry: SecretObject;
  readonly raw: JsonObject;
}

/** The entries that pass the driver's own check, each with its raw form; the others are only logged by it. */
export const secretEntries: (providerClass: JsonObject) => readonly SecretEntry[] = once((providerClass) => {
  const raws = listAt(providerClass, "spec", "secretObjects");
  return providerClassOf(providerClass).content.secretObjects.flatMap((entry, index) => {
    const raw = raws[index];
    const usable = isObject(raw) && textAt(raw, "secretName") !== "" && textAt(raw, "type") !== "";
    return usable && listAt(raw, "data").length > 0 ? [{ entry, raw }] : [];
  });
});
