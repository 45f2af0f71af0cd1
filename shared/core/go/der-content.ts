/** What is inside of a DER value, as Go's package encoding/asn1 reads it (src/encoding/asn1/asn1.go). */

import { Refusal } from "./refusal.ts";

/** What Go's reader refuses too. Thrown inside shared/core only; never holds any of the bytes. */
export class DerError extends Refusal {
  override readonly name = "DerError";

  constructor(message: string) {
    super("invalid", message);
  }
}

export interface BitString {
  readonly bytes: Uint8Array;
  readonly bitLength: number;
}

/** The value of an INTEGER's content. */
export function integerOf(content: Uint8Array): bigint {
  const [first, second] = content;
  if (first === undefined) throw new DerError("empty integer");
  if (second !== undefined && ((first === 0 && second < 0x80) || (first === 0xff && second >= 0x80)))
    throw new DerError("integer not minimally-encoded");
  const hex = Array.from(content, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return BigInt.asIntN(8 * content.length, BigInt(`0x${hex}`));
}

/** The value of an INTEGER's content, where Go reads it into an `int` of 64 bits. */
export function intOf(content: Uint8Array): number {
  const value = integerOf(content);
  if (content.length > 8) throw new DerError("integer too large");
  return Number(value);
}

export function bitStringOf(content: Uint8Array): BitString {
  const [padding] = content;
  if (padding === undefined) throw new DerError("zero length BIT STRING");
  const last = content.at(-1) ?? 0;
  if (padding > 7 || (content.length === 1 && padding > 0) || (last & ((1 << padding) - 1)) !== 0)
    throw new DerError("invalid padding bits in BIT STRING");
  return { bytes: content.subarray(1), bitLength: 8 * (content.length - 1) - padding };
}

export function oidOf(content: Uint8Array): string {
  if (content.length === 0) throw new DerError("zero length OBJECT IDENTIFIER");
  let { value, end } = readBase128(content, 0);
  const arcs = value < 80 ? [Math.trunc(value / 40), value % 40] : [2, value - 80];
  while (end < content.length) {
    ({ value, end } = readBase128(content, end));
    arcs.push(value);
  }
  return arcs.join(".");
}

/** `parseBase128Int`. */
export function readBase128(bytes: Uint8Array, start: number): { readonly value: number; readonly end: number } {
  let value = 0;
  for (let count = 0; start + count < bytes.length; count += 1) {
    if (count === 5) throw new DerError("base 128 integer too large");
    const byte = byteAt(bytes, start + count);
    if (count === 0 && byte === 0x80) throw new DerError("integer is not minimally encoded");
    value = value * 128 + (byte & 0x7f);
    if (byte >= 0x80) continue;
    if (value > 0x7fffffff) throw new DerError("base 128 integer too large");
    return { value, end: start + count + 1 };
  }
  throw new DerError("truncated base 128 integer");
}

/** A byte that must be there. */
export function byteAt(bytes: Uint8Array, index: number): number {
  const byte = bytes[index];
  if (byte === undefined) throw new DerError("truncated tag or length");
  return byte;
}
