/** What the driver's installation leaves in the API for others to read: its CSIDriver object and its DaemonSet. */

import type { JsonObject } from "./json.ts";
import { newObject } from "./objects.ts";
import type { Generation } from "./csi/sync-secret.ts";
import type { Store } from "./store.ts";

/** As the AKS add-on names them; `pollIntervalMs` shows in the arguments where rotation is on. */
export function installDriver(
  store: Store,
  generation: Generation,
  rotation: "on" | "off",
  pollIntervalMs: number,
): void {
  const manager = { fieldManager: "addon-manager" };
  const republish = generation === "1.6" ? { requiresRepublish: rotation === "on" } : {};
  const driver: JsonObject = {
    apiVersion: "storage.k8s.io/v1",
    kind: "CSIDriver",
    metadata: { name: "secrets-store.csi.k8s.io" },
    spec: { podInfoOnMount: true, attachRequired: false, volumeLifecycleModes: ["Ephemeral"], ...republish },
  };
  store.create("CSIDriver", driver, manager);
  const labels = { app: "secrets-store-csi-driver" };
  const container = {
    name: "secrets-store",
    image: `mcr.microsoft.com/oss/v2/kubernetes-csi/secrets-store/driver:v${generation === "1.5" ? "1.5.6" : "1.6.1"}`,
    args: [`--enable-secret-rotation=${rotation === "on"}`, `--rotation-poll-interval=${pollIntervalMs / 1000}s`],
  };
  const daemonSet = newObject("DaemonSet", "kube-system", "aks-secrets-store-csi-driver", {
    spec: {
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [container] } },
    },
  });
  store.create("DaemonSet", daemonSet, manager);
}
