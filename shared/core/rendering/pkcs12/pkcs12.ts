/**
 * PKCS #12 as golang.org/x/crypto/pkcs12 reads it for provider and driver: version 3, a SHA-1 MAC of the empty password,
 * exactly two safes, 3DES or 40-bit RC2, certificates and shrouded keys. Everything else is refused, as it is there.
 */

import type { PemBlock } from "../../go/pem.ts";
import { Refusal } from "../../go/refusal.ts";
import type { Refused } from "../../go/refusal.ts";
import { convertBag } from "./bags.ts";
import { HashBudget } from "./derive.ts";
import { readSafeContents } from "./safe-contents.ts";

export type PfxAnswer =
  | { readonly ok: true; readonly blocks: readonly PemBlock[] }
  /** The message is the rest of a sentence about the PFX, and holds none of its bytes. */
  | { readonly ok: false; readonly error: Refused };

/**
 * `pkcs12.ToPEM` with an empty password: blocks in the order of the bags, keys as PKCS #1 or SEC 1. Never throws, ends
 * after a bounded amount of work. More iterations than `iterationsAtMost` are refused.
 */
export function pfxToPem(pfx: Uint8Array, iterationsAtMost?: number): PfxAnswer {
  try {
    const { bags, opening } = readSafeContents(pfx, { iterationsAtMost, budget: new HashBudget() });
    return { ok: true, blocks: bags.map((bag) => convertBag(bag, opening)) };
  } catch (error) {
    if (error instanceof Refusal) return { ok: false, error: { kind: error.kind, message: error.message } };
    throw error;
  }
}
