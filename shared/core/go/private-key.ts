/** Private keys in the forms that Go's crypto/x509 reads, and back into the forms that it writes. */

import { derInteger, derOctetString, derOid, derNull, derSequence } from "./der-write.ts";
import { DerError } from "./der-content.ts";
import { DerReader } from "./der.ts";
import { marshalSec1, parseSec1 } from "./ec-key.ts";
import type { EcKey } from "./ec-key.ts";
import { normalPkcs1 } from "./rsa-key.ts";

export type PrivateKey =
  | EcKey
  | { readonly kind: "rsa"; readonly pkcs1: Uint8Array }
  /** A valid key of Ed25519 or X25519: Go reads it, and its callers here refuse it. */
  | { readonly kind: "edwards" }
  /** Go would read it; OpenSSL could not use it, and checking it takes too long. */
  | { readonly kind: "too-large" };

/** PKCS #1, else PKCS #8, else SEC 1, whatever the PEM block was called. Undefined where none of them fits. */
export function parsePrivateKey(der: Uint8Array): PrivateKey | undefined {
  return parsePkcs1(der) ?? parsePkcs8(der) ?? parseSec1(der);
}

/** `x509.ParsePKCS8PrivateKey`: what follows the key is not looked at. */
export function parsePkcs8(der: Uint8Array): PrivateKey | undefined {
  try {
    const key = new DerReader(der).sequence();
    key.int();
    const algorithm = key.sequence();
    const oid = algorithm.oid();
    const parameters = algorithm.atEnd ? undefined : algorithm.raw().full;
    const inner = key.octetString();
    if (oid === rsaEncryption) return parsePkcs1(inner);
    if (oid === ecPublicKey) return parseSec1(inner, parameters === undefined ? undefined : curveOf(parameters));
    if (oid !== ed25519 && oid !== x25519) return undefined;
    const seed = new DerReader(inner).octetString();
    return parameters === undefined && seed.length === 32 ? { kind: "edwards" } : undefined;
  } catch (error) {
    if (error instanceof DerError) return undefined;
    throw error;
  }
}

/** `x509.MarshalPKCS8PrivateKey`, of the kinds that reach a file. */
export function marshalPkcs8(key: Extract<PrivateKey, { kind: "rsa" | "ec" }>): Uint8Array {
  const [algorithm, inner] =
    key.kind === "rsa"
      ? [derSequence(derOid(rsaEncryption), derNull()), key.pkcs1]
      : [derSequence(derOid(ecPublicKey), derOid(key.curve)), marshalSec1(key, false)];
  return derSequence(derInteger(0n), algorithm, derOctetString(inner));
}

function parsePkcs1(der: Uint8Array): PrivateKey | undefined {
  const pkcs1 = normalPkcs1(der);
  if (pkcs1 === undefined) return undefined;
  return pkcs1 === "too-large" ? { kind: "too-large" } : { kind: "rsa", pkcs1 };
}

/** What is no OID (explicit parameters) counts as not given. */
function curveOf(parameters: Uint8Array): string | undefined {
  try {
    return new DerReader(parameters).oid();
  } catch (error) {
    if (error instanceof DerError) return undefined;
    throw error;
  }
}

const rsaEncryption = "1.2.840.113549.1.1.1";
const ecPublicKey = "1.2.840.10045.2.1";
const ed25519 = "1.3.101.112";
const x25519 = "1.3.101.110";
