/** A mount that the driver refuses; the kubelet tries it again. */
export class MountError extends Error {
  override readonly name = "MountError";
}
