/** Keys from an empty password, as RFC 7292 appendix B.2 makes them with SHA-1, and what that may cost. */

import { hash } from "node:crypto";
import { Refusal } from "../../go/refusal.ts";
import { sha1Again } from "./sha1-again.ts";

export interface Derivation {
  readonly salt: Uint8Array;
  readonly password: Uint8Array;
  /** Below 1 counts as 1. */
  readonly iterations: number;
}

/** `use`: 1 for a key, 2 for an initialization vector, 3 for a MAC key. */
export interface Wanted {
  readonly use: 1 | 2 | 3;
  readonly size: number;
}

/**
 * How much hashing one PFX may ask for. The counts are the file's own, so each derivation is paid for before it begins.
 * Go has no such limit, or one for every derivation by itself.
 */
export class HashBudget {
  /** Two keys with their vectors at 2^20 iterations, which driver 1.6 takes; some 3 s. Tools write files of 20,000. */
  static readonly hashes = 7 * 2 ** 20;

  #left = HashBudget.hashes;

  spend(hashes: number): void {
    this.#left -= hashes;
    if (this.#left < 0) throw new Refusal("unsupported", "its iteration counts are too high to be followed");
  }
}

/** All that is made of one salt, after it is paid for together. */
export function deriveKeys(from: Derivation, wanted: readonly Wanted[], budget: HashBudget): readonly Uint8Array[] {
  budget.spend(wanted.reduce((sum, { size }) => sum + blocksFor(size), 0) * Math.max(1, from.iterations));
  return wanted.map((one) => deriveKey(from, one));
}

/** `pbkdf` of golang.org/x/crypto/pkcs12. */
function deriveKey({ salt, password, iterations }: Derivation, { use, size }: Wanted): Uint8Array {
  const blocks = blocksFor(size);
  const input = new Uint8Array([...repeated(salt), ...repeated(password)]);
  const key = new Uint8Array(blocks * digestSize);
  for (let block = 0; block < blocks; block += 1) {
    const first = hash("sha1", new Uint8Array([...diversifier(use), ...input]), "buffer");
    const digest = sha1Again(first, iterations - 1);
    key.set(digest, block * digestSize);
    addToBlocks(input, digest);
  }
  return key.subarray(0, size);
}

function blocksFor(size: number): number {
  return Math.ceil(size / digestSize);
}

const digestSize = 20;
const blockSize = 64;

function diversifier(use: number): Uint8Array {
  return new Uint8Array(blockSize).fill(use);
}

/** `pattern` over and over, up to whole blocks; nothing for an empty one. */
function repeated(pattern: Uint8Array): Uint8Array {
  const size = blockSize * Math.ceil(pattern.length / blockSize);
  return Uint8Array.from({ length: size }, (_, index) => pattern[index % pattern.length] ?? 0);
}

/** Each block of `input` plus the digest, repeated to a block, plus one, without the last carry. */
function addToBlocks(input: Uint8Array, digest: Uint8Array): void {
  for (let start = 0; start < input.length; start += blockSize) {
    let carry = 1;
    for (let at = blockSize - 1; at >= 0; at -= 1) {
      carry += (input[start + at] ?? 0) + (digest[at % digestSize] ?? 0);
      input[start + at] = carry & 0xff;
      carry >>= 8;
    }
  }
}
