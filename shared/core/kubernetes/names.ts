/** Names of the Secrets Store CSI driver that the bridge reads by. Its own names are in marker.ts. */

/** Name of the CSI driver in volumes, and of its CSIDriver object. */
export const csiDriverName = "secrets-store.csi.k8s.io";

/** Where its DaemonSet may be: the AKS add-on's, that of the driver's plain YAML and of its Helm chart (docs/facts.md). */
export const driverNamespace = "kube-system";
export const driverDaemonSets = ["aks-secrets-store-csi-driver", "csi-secrets-store", "secrets-store-csi-driver"];

/** Label, value "true", on every Secret that the driver made. */
export const managedLabel = "secrets-store.csi.k8s.io/managed";
