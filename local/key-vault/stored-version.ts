/** What a stand-in vault keeps, what is put into it, and what is asked of it. */

import type { ObjectType } from "../../shared/core/vault-object.ts";

/** One version of an object. Times are milliseconds since 1970 in whole seconds. */
export interface StoredVersion {
  readonly version: string;
  /** A secret's text; a certificate's DER in base64; a key's public JWK as JSON. */
  readonly value: string;
  readonly enabled: boolean;
  readonly createdOn: number;
  readonly contentType: string | undefined;
  /** Set for a secret that backs a certificate. */
  readonly keyId: string | undefined;
  readonly notBefore: number | undefined;
  readonly expiresOn: number | undefined;
}

export interface SetOptions {
  /** The version id; 32 hexadecimal digits from a counter where it is not given. */
  readonly version?: string;
  readonly contentType?: string;
  readonly enabled?: boolean;
  readonly notBefore?: number;
  readonly expiresOn?: number;
  /** Key id of the certificate that the secret backs. */
  readonly kid?: string;
  readonly createdOn?: number;
}

/** A certificate as Key Vault keeps it: three objects of one name and one version. */
export interface CertificateParts {
  /** The secret: PEM text, or base64 of a PFX, as `contentType` says. */
  readonly value: string;
  readonly contentType: "application/x-pem-file" | "application/x-pkcs12";
  /** The certificate alone: DER in base64. */
  readonly cer: string;
  /** The public key: a JWK as JSON. */
  readonly jwk: string;
}

export interface NewVersion {
  readonly vault: string;
  readonly type: ObjectType;
  readonly name: string;
  readonly version: StoredVersion;
}

/** Of a secret where no type is said. */
export type StoreRequest = { readonly type?: ObjectType } & (
  | { readonly call: "get"; readonly version: string | undefined }
  | { readonly call: "list" }
  /** All objects of the type; the name is empty. */
  | { readonly call: "objects" }
);
