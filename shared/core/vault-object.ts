/** What Key Vault holds under a name, seen from the outside: names, versions, dates. */

import type { SecretValue } from "./secret-value.ts";

export type ObjectType = "secret" | "cert" | "key";

/** A Key Vault object. Vault and name compare without regard to case (Key Vault does so): see {@link objectKey}. */
export interface VaultObject {
  readonly vault: string;
  readonly type: ObjectType;
  readonly name: string;
}

/** `vault/type/name` in lower case: the one key under which an object is known in maps, markers and logs. */
export function objectKey(object: VaultObject): string {
  return `${object.vault}/${object.type}/${object.name}`.toLowerCase();
}

/** One version of an object, with its value. Times are milliseconds since 1970; Key Vault gives whole seconds. */
export interface ObjectVersion {
  readonly version: string;
  /** Absent where the vault's answer has none; such a version counts as older than every other. */
  readonly createdOn: number | undefined;
  readonly value: SecretValue;
  readonly contentType: string | undefined;
  /** The `kid` of the answer: set for a secret that backs a certificate. */
  readonly keyId: string | undefined;
  readonly notBefore: number | undefined;
  readonly expiresOn: number | undefined;
}

/** Why the vault did not give a version. `throttled` and `unavailable` may pass by themselves, the rest need a person. */
export type VaultProblem = "not-found" | "disabled" | "forbidden" | "throttled" | "unavailable";

/**
 * What the vault says of an object now. Level, not edge: `current` is always asked afresh, because a cached answer
 * could put an older version over a newer one.
 */
export type VaultAnswer =
  | { readonly ok: true; readonly current: ObjectVersion }
  | { readonly ok: false; readonly problem: VaultProblem };

/** What the vault says of one version id. A disabled version has a date but nothing that the vault gives: no `held`. */
export type VersionAnswer =
  | { readonly known: true; readonly createdOn: number | undefined; readonly held: ObjectVersion | undefined }
  | { readonly known: false; readonly problem: "not-found" | "forbidden" | "throttled" | "unavailable" };

/** One line of the vault's list of an object's versions. `createdOn` is milliseconds; absent where the vault gives none. */
export interface VersionEntry {
  readonly version: string;
  readonly createdOn: number | undefined;
  readonly enabled: boolean;
}

/** What a list of a vault's objects says of one: its current version's date, and no version id. */
export interface ListedObject {
  readonly createdOn: number | undefined;
  readonly enabled: boolean;
}

/**
 * Some objects of one type, by name in lower case, as the vault lists them. `complete`: the list was read to its end or
 * until all names were found, so a name that is not here is not in the vault.
 */
export type ListedAnswer =
  | {
      readonly ok: true;
      readonly objects: ReadonlyMap<string, ListedObject>;
      readonly complete: boolean;
      readonly requests: number;
    }
  | { readonly ok: false; readonly problem: VaultProblem };

/** The versions of an object in the order of the vault's pages. Asked only where a class wants `objectVersionHistory`. */
export type VersionListAnswer =
  | { readonly ok: true; readonly versions: readonly VersionEntry[] }
  | { readonly ok: false; readonly problem: VaultProblem };
