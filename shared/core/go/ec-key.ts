/** EC private keys as Go reads and writes them (crypto/x509, sec1.go). */

import { createECDH } from "node:crypto";
import { derBitString, derExplicit, derInteger, derOctetString, derOid, derSequence } from "./der-write.ts";
import { DerError, bitStringOf, oidOf } from "./der-content.ts";
import { DerReader, derTypes } from "./der.ts";

/** Only the parser makes one, so scalar and point belong together and to the curve. */
export interface EcKey {
  readonly kind: "ec";
  readonly curve: string;
  /** As long as the curve's order. */
  readonly scalar: Uint8Array;
  /** Uncompressed. */
  readonly point: Uint8Array;
}

/**
 * `x509.ParseECPrivateKey`; undefined where Go gives an error. A `curve` from outside (an OID, dotted) counts before the
 * key's own. The public key that the DER may hold is not looked at: Go makes it anew.
 */
export function parseSec1(der: Uint8Array, curve?: string): EcKey | undefined {
  try {
    const key = new DerReader(der).sequence();
    const version = key.int();
    const given = key.octetString();
    const own = key.takeOptional(derTypes.oid, { explicit: 0 });
    const ownCurve = own === undefined ? undefined : oidOf(own);
    if (version !== 1) return undefined;
    const point = key.takeOptional(derTypes.bitString, { explicit: 1 });
    if (point !== undefined) bitStringOf(point);
    return keyOf(curve ?? ownCurve ?? "", given);
  } catch (error) {
    if (error instanceof DerError) return undefined;
    throw error;
  }
}

/** `x509.MarshalECPrivateKey`; without the curve's name where PKCS #8 around it says it already. */
export function marshalSec1(key: EcKey, named = true): Uint8Array {
  return derSequence(
    derInteger(1n),
    derOctetString(key.scalar),
    ...(named ? [derExplicit(0, derOid(key.curve))] : []),
    derExplicit(1, derBitString(key.point)),
  );
}

interface Curve {
  readonly name: string;
  /** Bytes of a scalar. */
  readonly size: number;
}

/** The curves of Go's crypto/elliptic, by OID, with OpenSSL's names. */
const curves: ReadonlyMap<string, Curve> = new Map([
  ["1.3.132.0.33", { name: "secp224r1", size: 28 }],
  ["1.2.840.10045.3.1.7", { name: "prime256v1", size: 32 }],
  ["1.3.132.0.34", { name: "secp384r1", size: 48 }],
  ["1.3.132.0.35", { name: "secp521r1", size: 66 }],
]);

function keyOf(oid: string, given: Uint8Array): EcKey | undefined {
  const curve = curves.get(oid);
  if (curve === undefined) return undefined;
  // Zeros before the scalar may be too many or too few, as old versions of OpenSSL wrote them.
  const extra = Math.max(0, given.length - curve.size);
  if (given.subarray(0, extra).some((byte) => byte !== 0)) return undefined;
  const scalar = new Uint8Array(curve.size);
  scalar.set(given.subarray(extra), curve.size - (given.length - extra));
  const point = pointOf(curve.name, scalar);
  return point === undefined ? undefined : { kind: "ec", curve: oid, scalar, point };
}

/** Undefined for a scalar that is zero or not below the curve's order. */
function pointOf(curve: string, scalar: Uint8Array): Uint8Array | undefined {
  const pair = createECDH(curve);
  try {
    pair.setPrivateKey(scalar);
  } catch {
    return undefined;
  }
  return Uint8Array.from(pair.getPublicKey());
}
