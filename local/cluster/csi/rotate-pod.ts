/**
 * One turn of driver 1.5's own rotation for one pod status (pkg/rotation/reconciler.go of 1.5.6): mounts anew, brings
 * the status up to date, then compares every Secret of the class with what is mounted.
 */

import type { ProviderSettings } from "../../../shared/core/rendering/provider-settings.ts";
import { isApiError } from "../api-error.ts";
import { recordEvent } from "../events.ts";
import { listAt, objectAt, textAt } from "../json.ts";
import type { JsonObject } from "../json.ts";
import type { Node } from "../node/node.ts";
import { isDeleting, namespaceOf, splitKey, uidOf } from "../objects.ts";
import { hasEnded } from "../pods.ts";
import type { Store } from "../store.ts";
import type { Timers } from "../timers.ts";
import { MountError } from "./mount-error.ts";
import { fetchFiles, refill, statusOf } from "./mounts.ts";
import type { Mount, VaultRead } from "./mounts.ts";
import { driverManager, statusObjects } from "./pod-status-writer.ts";
import { driverSecretAgain } from "./render-again.ts";
import { secretEntries } from "./reconcile.ts";
import { encoded, managedSecret, patchData } from "./sync-secret.ts";

export interface RotationWorld {
  readonly store: Store;
  readonly timers: Timers;
  readonly node: Node;
  readonly vault: VaultRead;
  readonly settings: ProviderSettings;
  readonly mountMs: number;
  readonly mountOf: (podUid: string, className: string) => Mount | undefined;
}

/** `failed`: try again in 10 s. */
export async function rotatePod(world: RotationWorld, key: string): Promise<"done" | "failed"> {
  const { store, timers, node, vault, settings } = world;
  const podStatus = store.find("SecretProviderClassPodStatus", ...splitKey(key));
  if (podStatus === undefined) return "done";
  const { pod: podName, providerClass: className, podUid } = statusOf(podStatus);
  const pod = store.find("Pod", namespaceOf(podStatus), podName);
  if (pod === undefined) return "failed";
  if (isDeleting(pod) || hasEnded(pod)) return "done";
  const providerClass = store.find("SecretProviderClass", namespaceOf(podStatus), className);
  const mount = world.mountOf(podUid, className);
  if (providerClass === undefined || uidOf(pod) !== podUid || mount === undefined) return "failed";
  const say = speaker(world, pod);
  try {
    await node.pause(world.mountMs);
    // The volume's attributes are not laid over the class's parameters here, as they are at a mount.
    const fetched = await fetchFiles(providerClass, {}, vault, settings);
    if (timers.stopped || world.mountOf(podUid, className) !== mount) return "done";
    refill(mount, fetched, timers.now());
  } catch (error) {
    if (!(error instanceof MountError)) throw error;
    say("Warning", "MountRotationFailed", `provider mount err: ${error.message}`);
    return "failed";
  }
  if (!bringStatusUpToDate(store, podStatus, mount, say)) return "failed";
  return patchSecrets(world, providerClass, mount, say);
}

type Say = (type: "Normal" | "Warning", reason: string, message: string) => void;

function speaker({ store, timers }: RotationWorld, pod: JsonObject): Say {
  const component = "csi-secrets-store-rotation";
  return (type, reason, message) => recordEvent(store, pod, { type, reason, message, component }, timers.now());
}

/** Writes the versions that are mounted now; false where somebody changed the status meanwhile. */
function bringStatusUpToDate(store: Store, podStatus: JsonObject, mount: Mount, say: Say): boolean {
  const shown = new Map(
    listAt(podStatus, "status", "objects").map((entry) => [textAt(entry, "id"), textAt(entry, "version")]),
  );
  const same = shown.size === mount.versions.size;
  if (same && [...mount.versions].every(([id, version]) => shown.get(id) === version)) return true;
  say("Normal", "MountRotationComplete", `successfully rotated mounted contents for spc ${mount.className}`);
  const status = { ...objectAt(podStatus, "status"), objects: statusObjects(mount) };
  try {
    store.update("SecretProviderClassPodStatus", { ...podStatus, status }, driverManager);
    return true;
  } catch (error) {
    if (!isApiError(error)) throw error;
    say("Warning", "MountRotationFailed", `failed to update versions in spc pod status, err: ${error.message}`);
    return false;
  }
}

/**
 * A Secret that is missing is not made here (that is for the look at a changed status), and neither that nor a refused
 * patch counts as a failure; an entry that can't be rendered does.
 */
function patchSecrets(
  { store, settings }: RotationWorld,
  providerClass: JsonObject,
  mount: Mount,
  say: Say,
): "done" | "failed" {
  const entries = secretEntries(providerClass);
  let failed = entries.length < listAt(providerClass, "spec", "secretObjects").length;
  for (const { entry } of entries) {
    const rendered = driverSecretAgain(entry, mount.files, settings);
    if (!rendered.ok) {
      failed = true;
      const where = `spc ${mount.className} for secret ${entry.secretName}`;
      say("Warning", "SecretRotationFailed", `failed to get data in ${where}, err: ${rendered.error.message}`);
      continue;
    }
    const problem = patchSecret(store, mount.namespace, entry.secretName, encoded(rendered.data));
    // Said at every poll, also where nothing differed.
    if (problem === undefined)
      say("Normal", "SecretRotationComplete", `successfully rotated K8s secret ${entry.secretName}`);
    else say("Warning", "SecretRotationFailed", `failed to patch secret ${entry.secretName}, err: ${problem}`);
  }
  return failed ? "failed" : "done";
}

function patchSecret(store: Store, namespace: string, name: string, data: JsonObject): string | undefined {
  const held = managedSecret(store, namespace, name);
  if (held === undefined) return "not found";
  try {
    patchData(store, held, data);
    return undefined;
  } catch (error) {
    if (isApiError(error)) return error.message;
    throw error;
  }
}
