/**
 * DER as Go's package encoding/asn1 reads it (src/encoding/asn1/asn1.go, Go 1.24 to 1.26): a field is taken by type and
 * tag, an optional one is absent if its tag does not match, and what follows the last field of a sequence is ignored.
 */

import { DerError, bitStringOf, byteAt, intOf, integerOf, oidOf, readBase128 } from "./der-content.ts";
import type { BitString } from "./der-content.ts";

/** What Go's `asn1.RawValue` holds. `full` begins with the tag. */
export interface DerValue {
  readonly class: number;
  readonly tag: number;
  readonly compound: boolean;
  readonly content: Uint8Array;
  readonly full: Uint8Array;
}

export interface DerType {
  readonly tag: number;
  readonly compound: boolean;
}

export const derTypes = {
  integer: { tag: 2, compound: false },
  bitString: { tag: 3, compound: false },
  octetString: { tag: 4, compound: false },
  oid: { tag: 6, compound: false },
  sequence: { tag: 16, compound: true },
  set: { tag: 17, compound: true },
} as const satisfies Readonly<Record<string, DerType>>;

/** The struct tags `asn1:"tag:n"` and `asn1:"tag:n,explicit"` of a field. */
export type DerPlace = { readonly implicit: number } | { readonly explicit: number };

/** Reads fields one after another. Every method throws {@link DerError} where Go gives an error. */
export class DerReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get atEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  /** What is not read yet: the `rest` of Go's `Unmarshal`. */
  get rest(): Uint8Array {
    return this.#bytes.subarray(this.#at);
  }

  /** A field of type `asn1.RawValue`: whatever comes next. */
  raw(): DerValue {
    if (this.atEnd) throw new DerError("sequence truncated");
    const start = this.#at;
    const header = readHeader(this.#bytes, start);
    const content = this.#content(header);
    this.#at = header.end + header.length;
    const { class: kind, tag, compound } = header;
    return { class: kind, tag, compound, content, full: this.#bytes.subarray(start, this.#at) };
  }

  /** `asn1.RawValue` with `tag:n,explicit,optional`: the outer value, because Go does not unwrap a raw one. */
  rawExplicit(tag: number): DerValue | undefined {
    if (this.atEnd) return undefined;
    const header = readHeader(this.#bytes, this.#at);
    if (header.end === this.#bytes.length) throw new DerError("explicit tag has no child");
    if (header.class !== contextSpecific || header.tag !== tag) return undefined;
    return header.length === 0 || header.compound ? this.raw() : undefined;
  }

  /** The content of a field of this type. */
  take(type: DerType, place?: DerPlace): Uint8Array {
    const content = this.takeOptional(type, place);
    if (content === undefined) throw new DerError(this.atEnd ? "sequence truncated" : "tags don't match");
    return content;
  }

  /** As {@link take}; undefined, with nothing read, where an `optional` field is absent. */
  takeOptional(type: DerType, place?: DerPlace): Uint8Array | undefined {
    if (this.atEnd) return undefined;
    let header = readHeader(this.#bytes, this.#at);
    if (place !== undefined && "explicit" in place) {
      if (header.end === this.#bytes.length) throw new DerError("explicit tag has no child");
      if (header.class !== contextSpecific || header.tag !== place.explicit) return undefined;
      if (header.length > 0 && !header.compound) return undefined;
      if (header.length === 0) throw new DerError("zero length explicit tag");
      // As in Go the length of the outer value is not looked at again.
      header = readHeader(this.#bytes, header.end);
    }
    const [kind, tag] =
      place !== undefined && "implicit" in place ? [contextSpecific, place.implicit] : [universal, type.tag];
    if (header.class !== kind || header.tag !== tag || header.compound !== type.compound) return undefined;
    const content = this.#content(header);
    this.#at = header.end + header.length;
    return content;
  }

  /** A struct or a slice. */
  sequence(place?: DerPlace): DerReader {
    return new DerReader(this.take(derTypes.sequence, place));
  }

  /** A `*big.Int`. */
  integer(place?: DerPlace): bigint {
    return integerOf(this.take(derTypes.integer, place));
  }

  /** An `int` of 64 bits, as a number: exact as far as numbers are, which is more than any count needs. */
  int(place?: DerPlace): number {
    return intOf(this.take(derTypes.integer, place));
  }

  octetString(place?: DerPlace): Uint8Array {
    return this.take(derTypes.octetString, place);
  }

  bitString(place?: DerPlace): BitString {
    return bitStringOf(this.take(derTypes.bitString, place));
  }

  /** An OBJECT IDENTIFIER, dotted. */
  oid(place?: DerPlace): string {
    return oidOf(this.take(derTypes.oid, place));
  }

  #content(header: Header): Uint8Array {
    if (header.end + header.length > this.#bytes.length) throw new DerError("data truncated");
    return this.#bytes.subarray(header.end, header.end + header.length);
  }
}

interface Header {
  readonly class: number;
  readonly tag: number;
  readonly compound: boolean;
  readonly length: number;
  /** Where the content begins. */
  readonly end: number;
}

const universal = 0;
const contextSpecific = 2;

/** `parseTagAndLength`. The length is not compared with what there is. */
function readHeader(bytes: Uint8Array, start: number): Header {
  const first = byteAt(bytes, start);
  let tag = first & 0x1f;
  let end = start + 1;
  if (tag === 0x1f) {
    ({ value: tag, end } = readBase128(bytes, end));
    if (tag < 0x1f) throw new DerError("non-minimal tag");
  }
  const short = byteAt(bytes, end);
  end += 1;
  const kind = { class: first >> 6, tag, compound: (first & 0x20) !== 0 };
  if (short < 0x80) return { ...kind, length: short, end };
  if (short === 0x80) throw new DerError("indefinite length found (not DER)");
  let length = 0;
  for (let count = short & 0x7f; count > 0; count -= 1) {
    const byte = byteAt(bytes, end);
    end += 1;
    if (length >= 2 ** 23) throw new DerError("length too large");
    length = length * 256 + byte;
    if (length === 0) throw new DerError("superfluous leading zeros in length");
  }
  if (length < 0x80) throw new DerError("non-minimal length");
  return { ...kind, length, end };
}
