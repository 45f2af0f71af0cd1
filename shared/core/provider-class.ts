/**
 * A SecretProviderClass as the Azure provider and the driver read it: which objects it mounts, which Secrets it
 * syncs. Contract: facts in docs/architecture.md; the types of the driver's v1 API.
 */

import type { VaultObject } from "./vault-object.ts";

export interface ProviderClass {
  readonly namespace: string;
  readonly name: string;
  readonly deleting: boolean;
  /**
   * When anything of it was last written (creation or managedFields), in milliseconds since 1970: since then every mount
   * has been of the class as it is. 0 where it is not known, which proves nothing.
   */
  readonly changedAt: number;
  /** Annotation `rotation-bridge/ignore: "true"`. */
  readonly ignored: boolean;
  /** `spec.provider` as written; only `azure` is ours. */
  readonly provider: string;
  readonly content: ClassContent;
}

/** `ok: false`: the provider or the driver would fail every mount of this class. */
export type ClassContent =
  | {
      readonly ok: true;
      readonly vault: string;
      /** The Azure cloud that the class names, in capitals, where it is not the public one: its vaults have other hosts. */
      readonly cloud?: string;
      readonly objects: readonly ClassObject[];
      readonly secretObjects: readonly SecretObject[];
    }
  | { readonly ok: false; readonly error: RenderError; readonly secretObjects: readonly SecretObject[] };

/** One item of `parameters.objects`, after the provider's own trimming. */
export interface ClassObject {
  readonly object: VaultObject;
  /** `<type>/<name>` as the class spells it: the id in pod statuses. */
  readonly id: string;
  /** Path of its file in the mount: alias, else name. */
  readonly path: string;
  /** A pinned version: rendered as it is, and no event of this object touches the class for it. */
  readonly pin: string | undefined;
  /** `utf-8`, `base64` or `hex`, as the provider lower-cases it. */
  readonly encoding: "utf-8" | "base64" | "hex";
  /** `objectFormat` in lower case; empty where it is not given. */
  readonly format: "" | "pem" | "pfx";
  /** Versions asked for by objectVersionHistory; 0 and 1 mean the current one only. */
  readonly history: number;
  /** File mode of the mount, decimal; it does not reach the Secret. */
  readonly mode: number;
}

/** One entry of `spec.secretObjects`, names trimmed. */
export interface SecretObject {
  readonly secretName: string;
  readonly type: string;
  readonly data: readonly { readonly objectName: string; readonly key: string }[];
  /** Set where the driver would not make the Secret whatever the files hold. */
  readonly error: RenderError | undefined;
}

/**
 * Why a class can't be mounted or a Secret can't be made. `message` names field and mend, never a value. `harmful`: the
 * driver would make the Secret, and no server could use it (docs/rendering.md).
 */
export interface RenderError {
  readonly kind: "invalid" | "unsupported" | "harmful";
  readonly message: string;
}
