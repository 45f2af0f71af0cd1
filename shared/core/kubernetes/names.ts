/** Names of the Secrets Store CSI driver that the bridge reads by. Its own names are in marker.ts. */

/** Name of the CSI driver in volumes, and of its CSIDriver object. */
export const csiDriverName = "secrets-store.csi.k8s.io";

/** Label, value "true", on every Secret that the driver made. */
export const managedLabel = "secrets-store.csi.k8s.io/managed";
