/** What every cell rotates: a class of three objects, synced into one Secret, and a Deployment that mounts it and reads it by env. */

import { newVersionEvent } from "../../../local/key-vault/events.ts";
import type { StoredVersion } from "../../../local/key-vault/stored-version.ts";
import type { VaultStore } from "../../../local/key-vault/vault-store.ts";
import { providerClass, workload } from "../../scenarios/manifests.ts";
import { mergePatch } from "../api.ts";
import { collection } from "../holdings.ts";
import type { Rig } from "../rig.ts";

export const [className, workloadName, secretName, key, variable] = [
  "kv",
  "app",
  "app",
  "password",
  "PASSWORD",
] as const;
export const replicas = 3;
/** The first one is rotated. */
export const objects = ["db", "mail", "cache"] as const;

export function vaultOf(namespace: string): string {
  return `kv-${namespace}`;
}

/** Objects of yesterday, then class and Deployment. */
export async function install(rig: Rig, vault: VaultStore, namespace: string): Promise<void> {
  for (const object of objects)
    vault.setSecret(vaultOf(namespace), object, `${object}-0`, { createdOn: Date.now() - 86_400_000 });
  await rig.admin.apply({ apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } });
  const [db, mail, cache] = objects;
  const secrets = { [secretName]: { [key]: db, mail, cache } };
  await rig.admin.apply(providerClass({ name: className, namespace, vault: vaultOf(namespace), objects, secrets }));
  await rig.admin.apply(
    workload({
      name: workloadName,
      namespace,
      replicas,
      mounts: [className],
      env: { [variable]: [secretName, key] },
    }),
  );
}

export function newVersion(vault: VaultStore, namespace: string, value: string): StoredVersion {
  return vault.setSecret(vaultOf(namespace), objects[0], value);
}

export function eventOf(namespace: string, version: StoredVersion): object {
  return newVersionEvent(vaultOf(namespace), objects[0], version, "event-grid");
}

/** As `kubectl rollout restart` does. */
export async function restart(rig: Rig, namespace: string): Promise<void> {
  const annotations = { "kubectl.kubernetes.io/restartedAt": new Date().toISOString() };
  const patch = { spec: { template: { metadata: { annotations } } } };
  await rig.admin.must("PATCH", `${collection("Deployment", namespace)}/${workloadName}`, patch, mergePatch);
}
