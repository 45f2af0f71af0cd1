import { objectAt } from "../json.ts";
import type { JsonObject } from "../json.ts";
import { nameOf, newObject, uidOf } from "../objects.ts";
import type { Store } from "../store.ts";
import { statusName, targetPath } from "./mounts.ts";
import type { Mount } from "./mounts.ts";

export const nodeLabel = "internal.secrets-store.csi.k8s.io/node-name";
export const driverManager = { fieldManager: "csi-secrets-store" };

/** Creates the mount's SecretProviderClassPodStatus, or lays label, owner and status over the one that has its name. */
export function writePodStatus(store: Store, node: string, pod: JsonObject, mount: Mount): void {
  const wanted = newObject("SecretProviderClassPodStatus", mount.namespace, statusName(mount), {
    metadata: {
      labels: { [nodeLabel]: node },
      ownerReferences: [{ apiVersion: "v1", kind: "Pod", name: nameOf(pod), uid: uidOf(pod) }],
    },
    status: {
      podName: mount.podName,
      secretProviderClassName: mount.className,
      mounted: true,
      targetPath: targetPath(mount),
      objects: statusObjects(mount),
    },
  });
  const held = store.find("SecretProviderClassPodStatus", mount.namespace, statusName(mount));
  if (held === undefined) {
    store.create("SecretProviderClassPodStatus", wanted, driverManager);
    return;
  }
  const metadata = { ...objectAt(held, "metadata"), ...objectAt(wanted, "metadata") };
  store.update("SecretProviderClassPodStatus", { ...wanted, metadata }, driverManager);
}

/** What is mounted, as a pod status shows it. */
export function statusObjects(mount: Mount): readonly JsonObject[] {
  return [...mount.versions].map(([id, version]) => ({ id, version })).sort((a, b) => (a.id < b.id ? -1 : 1));
}
