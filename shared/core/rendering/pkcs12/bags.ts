/** One bag of a PFX -> the certificate or key in it, as golang.org/x/crypto/pkcs12 converts it. */

import { bytesToText } from "../../go/binary-text.ts";
import type { PemBlock } from "../../go/pem.ts";
import { marshalSec1 } from "../../go/ec-key.ts";
import { parsePkcs8 } from "../../go/private-key.ts";
import { Refusal } from "../../go/refusal.ts";
import { decrypt } from "./decrypt.ts";
import { readAlgorithm, readWhole } from "./opening.ts";
import type { Opening } from "./opening.ts";
import type { BagAttribute, SafeBag } from "./safe-contents.ts";

/** `convertBag`. Throws Refusal where Go gives an error. */
export function convertBag(bag: SafeBag, opening: Opening): PemBlock {
  const headers = headersOf(bag.attributes);
  if (bag.id === certificateBag) return { type: "CERTIFICATE", headers, bytes: certificateIn(bag.value) };
  if (bag.id === shroudedKeyBag) return { type: "PRIVATE KEY", headers, bytes: keyIn(bag.value, opening) };
  throw new Refusal("invalid", `it has a bag that the provider does not read (${bag.id})`);
}

const shroudedKeyBag = "1.2.840.113549.1.12.10.1.2";
const certificateBag = "1.2.840.113549.1.12.10.1.3";
const x509Certificate = "1.2.840.113549.1.9.22.1";

function certificateIn(value: Uint8Array): Uint8Array {
  return readWhole(value, (reader) => {
    const fields = reader.sequence();
    const id = fields.oid();
    const data = fields.octetString({ explicit: 0 });
    if (id !== x509Certificate) throw new Refusal("invalid", "a certificate of it is not of X.509");
    return data;
  });
}

/** The key as PKCS #1 or SEC 1, in Go's own form. */
function keyIn(value: Uint8Array, opening: Opening): Uint8Array {
  const pkcs8 = readWhole(value, (reader) => {
    const fields = reader.sequence();
    return decrypt(readAlgorithm(fields), fields.octetString(), opening);
  });
  readWhole(pkcs8, (reader) => reader.raw());
  const key = parsePkcs8(pkcs8);
  if (key?.kind === "rsa") return key.pkcs1;
  if (key?.kind === "ec") return marshalSec1(key);
  if (key?.kind === "too-large") throw new Refusal("unsupported", "a key of it is too large");
  throw new Refusal("invalid", "a key of it is neither RSA nor on a NIST curve, or is damaged");
}

const friendlyName = "1.2.840.113549.1.9.20";
const localKeyId = "1.2.840.113549.1.9.21";
const microsoftCspName = "1.3.6.1.4.1.311.17.1";

/** Of attributes with one name the last stays; unknown ones are passed over. */
function headersOf(attributes: readonly BagAttribute[]): ReadonlyMap<string, string> {
  const headers = new Map<string, string>();
  for (const { id, values } of attributes) {
    if (id === friendlyName) headers.set("friendlyName", bmpText(values));
    else if (id === microsoftCspName) headers.set("Microsoft CSP Name", bmpText(values));
    else if (id === localKeyId)
      headers.set("localKeyId", Buffer.from(readWhole(values, (reader) => reader.octetString())).toString("hex"));
  }
  return headers;
}

/** The text of a BMPString, or of whatever value is there, as the bytes of its UTF-8 (see {@link PemBlock}). */
function bmpText(values: Uint8Array): string {
  const bytes = readWhole(values, (reader) => reader.raw().content);
  if (bytes.length % 2 !== 0) throw new Refusal("invalid", "a name in it has an odd number of bytes");
  const end = bytes.at(-1) === 0 && bytes.at(-2) === 0 ? bytes.length - 2 : bytes.length;
  const text = Buffer.from(bytes.subarray(0, end)).swap16().toString("utf16le");
  return bytesToText(new TextEncoder().encode(text));
}
