/**
 * DER as golang.org/x/crypto/cryptobyte reads it, which Go's certificate parser is built on: tags of one byte, lengths of
 * up to four, and nothing is skipped unasked. Not the same rules as encoding/asn1 (der.ts).
 */

import { DerError } from "./der-content.ts";

/** Tag bytes, class and form included. */
export const tags = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  oid: 0x06,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const;

/** `[number]` of the context-specific class. */
export function contextTag(number: number, constructed = false): number {
  return 0x80 | (constructed ? 0x20 : 0) | number;
}

/** Reads elements one after another. Every method throws {@link DerError} where the Go method reports failure. */
export class ByteString {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get empty(): boolean {
    return this.#at >= this.#bytes.length;
  }

  /** `PeekASN1Tag`. */
  next(tag: number): boolean {
    return this.#bytes[this.#at] === tag;
  }

  /** `ReadAnyASN1Element`. */
  any(): { readonly tag: number; readonly content: Uint8Array; readonly element: Uint8Array } {
    const start = this.#at;
    const [tag, lengthByte] = this.#bytes.subarray(start);
    if (tag === undefined || lengthByte === undefined) throw new DerError("truncated element");
    if ((tag & 0x1f) === 0x1f) throw new DerError("tag of more than one byte");
    const from = start + 2 + (lengthByte < 0x80 ? 0 : lengthByte & 0x7f);
    const end = from + (lengthByte < 0x80 ? lengthByte : longLength(this.#bytes.subarray(start + 2, from), lengthByte));
    if (end > this.#bytes.length) throw new DerError("truncated element");
    this.#at = end;
    return { tag, content: this.#bytes.subarray(from, end), element: this.#bytes.subarray(start, end) };
  }

  /** `ReadASN1`: the content. */
  read(tag: number): Uint8Array {
    const found = this.any();
    if (found.tag !== tag) throw new DerError("another tag than expected");
    return found.content;
  }

  /** `ReadASN1` into a string to read on in. */
  inside(tag: number = tags.sequence): ByteString {
    return new ByteString(this.read(tag));
  }

  /** `ReadASN1Element`: with tag and length. */
  element(tag: number): Uint8Array {
    const found = this.any();
    if (found.tag !== tag) throw new DerError("another tag than expected");
    return found.element;
  }

  /** `ReadOptionalASN1`: undefined, with nothing read, where another tag comes next. */
  optional(tag: number): Uint8Array | undefined {
    return this.next(tag) ? this.read(tag) : undefined;
  }

  boolean(): boolean {
    const content = this.read(tags.boolean);
    if (content.length !== 1 || (content[0] !== 0 && content[0] !== 0xff)) throw new DerError("invalid boolean");
    return content[0] === 0xff;
  }
}

function longLength(bytes: Uint8Array, lengthByte: number): number {
  const count = lengthByte & 0x7f;
  if (count === 0 || count > 4 || bytes.length < count) throw new DerError("invalid length");
  const length = bytes.reduce((sum, byte) => sum * 256 + byte, 0);
  if (length < 0x80 || bytes[0] === 0) throw new DerError("length is not minimally encoded");
  return length;
}
