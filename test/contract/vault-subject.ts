/** What the vault's contract runs on, and what its cases share. */

import assert from "node:assert/strict";
import type { VaultStore } from "../../local/key-vault/vault-store.ts";
import type { VaultAnswer, VaultObject } from "../../shared/core/vault-object.ts";
import type { Vault } from "../../shared/ports.ts";

export interface VaultUnderTest {
  /** With the vaults `shop` and `other`, both empty. */
  readonly store: VaultStore;
  readonly vault: Vault;
  /** Lets time pass until the work is done. */
  readonly run: <T>(work: Promise<T>) => Promise<T>;
  readonly close: () => Promise<void>;
}

export interface VaultCase {
  readonly behaviour: string;
  readonly check: (under: VaultUnderTest) => Promise<void>;
}

export const db: VaultObject = { vault: "shop", type: "secret", name: "db-password" };
/** Of no version. */
export const unknownId = "0123456789abcdef0123456789abcdef";
const start = Date.UTC(2026, 0, 1);
export const second = (count: number) => start + count * 1000;

export /** The store does not look inside, so short texts will do. */
const certificate = {
  value: "MIIB",
  contentType: "application/x-pkcs12",
  cer: "MAoCAQEwBQYDKwMDAA==",
  jwk: '{"kty":"RSA","n":"AKdx","e":"AQAB"}',
} as const;

export function bytesOf(answer: VaultAnswer): Uint8Array {
  assert.ok(answer.ok, answer.ok ? "" : answer.problem);
  return answer.current.value.reveal();
}

export function textOf(answer: VaultAnswer): string {
  return new TextDecoder().decode(bytesOf(answer));
}
