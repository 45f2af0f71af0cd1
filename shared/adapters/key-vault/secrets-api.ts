/**
 * One vault as its REST API shows it, in our words: one request, one reply, no second try. The Azure SDK is behind it
 * in secret-client.ts, the store of the stand-in in local/. Every reply comes within the time-out of who implements it.
 */

import type { ObjectVersion } from "../../core/vault-object.ts";
import type { Refusal } from "./refusal.ts";

export interface SecretsApi {
  /** One version with its value; the current one where `version` is undefined. */
  get(name: string, version: string | undefined): Promise<Reply<ObjectVersion>>;
  /** All versions, disabled ones too, in any order. Empty or `not-found` where the vault does not know the name. */
  list(name: string): Promise<Reply<readonly VersionDate[]>>;
}

export type Reply<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly refusal: Refusal };

export interface VersionDate {
  readonly version: string;
  /** Milliseconds since 1970; Key Vault gives whole seconds. */
  readonly createdOn: number | undefined;
}
