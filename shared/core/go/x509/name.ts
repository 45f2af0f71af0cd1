/** Names in certificates (`parseName` of crypto/x509/parser.go). Only whether Go reads them matters here. */

import { tags } from "../cryptobyte.ts";
import type { ByteString } from "../cryptobyte.ts";
import { DerError, oidOf } from "../der-content.ts";

/** `name` is inside of the sequence. Throws DerError. */
export function checkName(name: ByteString): void {
  while (!name.empty) {
    const set = name.inside(tags.set);
    while (!set.empty) {
      const attribute = set.inside();
      oidOf(attribute.read(tags.oid));
      const { tag, content } = attribute.any();
      if (!isString(tag, content)) throw new DerError("a name has a value that is no string");
    }
  }
}

/** `parseASN1String`. */
function isString(tag: number, content: Uint8Array): boolean {
  if (tag === 0x14) return true;
  if (tag === 0x0c) return isUtf8(content);
  if (tag === 0x1e) return isBmp(content);
  const characters = alphabets.get(tag);
  return characters !== undefined && content.every((byte) => characters.test(String.fromCharCode(byte)));
}

/** NumericString, PrintableString (with the two signs that Go lets pass) and IA5String. */
const alphabets: ReadonlyMap<number, RegExp> = new Map([
  [0x12, /^[0-9 ]$/],
  [0x13, /^[A-Za-z0-9'()+,\-./ :=?*&]$/],
  [0x16, /^[^\u0080-\u00ff]$/],
]);

function isUtf8(content: Uint8Array): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(content);
    return true;
  } catch {
    return false;
  }
}

/** UCS-2 without surrogates and without what is never a character. */
function isBmp(content: Uint8Array): boolean {
  if (content.length % 2 !== 0) return false;
  // A terminator passes as a character here, and is cut off in Go.
  return content.every((high, index) => {
    const point = high * 256 + (content[index + 1] ?? 0);
    return (
      index % 2 === 1 ||
      !(point >= 0xfffe || (point >= 0xfdd0 && point <= 0xfdef) || (point >= 0xd800 && point <= 0xdfff))
    );
  });
}
