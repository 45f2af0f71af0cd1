/** DER as Go's `asn1.Marshal` writes it: shortest lengths, smallest integers. */

export function derSequence(...fields: readonly Uint8Array[]): Uint8Array {
  return derValue(0x30, ...fields);
}

/** `[tag]` around fields; for an explicit tag of a field. */
export function derExplicit(tag: number, ...fields: readonly Uint8Array[]): Uint8Array {
  return derValue(0xa0 | tag, ...fields);
}

export function derOctetString(content: Uint8Array): Uint8Array {
  return derValue(4, content);
}

/** A BIT STRING of whole bytes. */
export function derBitString(content: Uint8Array): Uint8Array {
  return derValue(3, Uint8Array.of(0), content);
}

export function derNull(): Uint8Array {
  return derValue(5);
}

/** A non-negative INTEGER. */
export function derInteger(value: bigint): Uint8Array {
  const digits = value.toString(16);
  const even = digits.length % 2 === 0 ? digits : `0${digits}`;
  // A set top bit would read as a sign.
  const hex = Number.parseInt(even.slice(0, 2), 16) < 0x80 ? even : `00${even}`;
  return derValue(
    2,
    Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16)),
  );
}

/** An OBJECT IDENTIFIER given dotted. */
export function derOid(dotted: string): Uint8Array {
  const [first = 0, second = 0, ...rest] = dotted.split(".").map(Number);
  return derValue(6, Uint8Array.from([first * 40 + second, ...rest].flatMap(base128)));
}

/** A value by its tag byte. */
export function derValue(tag: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const size = lengthBytes(length);
  const all = new Uint8Array(1 + size.length + length);
  all[0] = tag;
  all.set(size, 1);
  let at = 1 + size.length;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

function lengthBytes(length: number): readonly number[] {
  if (length < 0x80) return [length];
  const bytes: number[] = [];
  for (let left = length; left > 0; left = Math.trunc(left / 256)) bytes.unshift(left % 256);
  return [0x80 | bytes.length, ...bytes];
}

function base128(value: number): readonly number[] {
  const bytes = [value % 128];
  for (let left = Math.trunc(value / 128); left > 0; left = Math.trunc(left / 128)) bytes.unshift(0x80 | (left % 128));
  return bytes;
}
