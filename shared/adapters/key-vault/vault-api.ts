/**
 * One vault as its REST API shows it, in our words: one request, one reply, no second try. The Azure SDKs are behind it
 * in *-client.ts, the store of the stand-in in local/. Every reply comes within the time-out of who implements it.
 */

import type { ListedAnswer, ObjectType, ObjectVersion, VersionEntry } from "../../core/vault-object.ts";
import type { Refusal } from "./refusal.ts";

/** A collection for each type of object: `/secrets`, `/certificates`, `/keys`. */
export type VaultApi = Readonly<Record<ObjectType, ObjectsApi>>;

export interface ObjectsApi {
  /** One version with its value; the current one where `version` is undefined. */
  get(name: string, version: string | undefined): Promise<Reply<ObjectVersion>>;
  /** All versions, disabled ones too, as the vault lists them. Empty or `not-found` where it does not know the name. */
  list(name: string): Promise<Reply<readonly VersionEntry[]>>;
  /** The collection in pages of 25, until all names were found, its end, or the bound. This one is several requests. */
  listed(names: ReadonlySet<string>, atMostRequests: number): Promise<Reply<Listed>>;
}

export type Listed = Omit<Extract<ListedAnswer, { ok: true }>, "ok">;

export type Reply<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly refusal: Refusal };
