/** The public key of a certificate (`parsePublicKey` of crypto/x509/parser.go). Only whether Go reads it matters here. */

import { createPublicKey } from "node:crypto";
import { ByteString, tags } from "../cryptobyte.ts";
import { derBitString, derOid, derSequence } from "../der-write.ts";
import { DerError, bitStringOf, intOf, integerOf, oidOf } from "../der-content.ts";
import { Refusal } from "../refusal.ts";

/** Takes the whole SubjectPublicKeyInfo. Throws Refusal. */
export function checkPublicKey(spki: Uint8Array): void {
  const fields = new ByteString(spki).inside();
  const algorithm = fields.inside();
  const oid = oidOf(algorithm.read(tags.oid));
  const parameters = algorithm.empty ? new Uint8Array() : algorithm.any().element;
  const { bytes, bitLength } = bitStringOf(fields.read(tags.bitString));
  const check = checks.get(oid);
  // A key of a kind that Go does not know is left alone.
  if (check === undefined) return;
  if (bitLength % 8 !== 0) throw new Refusal("unsupported", "its public key is not of whole bytes");
  check(bytes, parameters);
}

type Check = (key: Uint8Array, parameters: Uint8Array) => void;

const checks: ReadonlyMap<string, Check> = new Map<string, Check>([
  ["1.2.840.113549.1.1.1", checkRsa],
  ["1.2.840.10045.2.1", checkEc],
  ["1.3.101.112", checkEdwards],
  ["1.3.101.110", checkEdwards],
  ["1.2.840.10040.4.1", checkDsa],
]);

function checkRsa(key: Uint8Array, parameters: Uint8Array): void {
  if (parameters.length !== 2 || parameters[0] !== tags.null || parameters[1] !== 0)
    throw new DerError("its RSA key has no NULL parameters");
  const fields = new ByteString(key).inside();
  const modulus = integerOf(fields.read(tags.integer));
  if (modulus <= 0n || intOf(fields.read(tags.integer)) <= 0) throw new DerError("invalid RSA public key");
}

const curves: ReadonlySet<string> = new Set(["1.3.132.0.33", "1.2.840.10045.3.1.7", "1.3.132.0.34", "1.3.132.0.35"]);

function checkEc(key: Uint8Array, parameters: Uint8Array): void {
  const curve = oidOf(new ByteString(parameters).read(tags.oid));
  if (!curves.has(curve)) throw new DerError("unsupported elliptic curve");
  if (key[0] !== 4) throw new DerError("its public key is not an uncompressed point");
  // Written anew: OpenSSL minds what Go passes over around the point.
  const algorithm = derSequence(derOid("1.2.840.10045.2.1"), derOid(curve));
  try {
    createPublicKey({ key: Buffer.from(derSequence(algorithm, derBitString(key))), format: "der", type: "spki" });
  } catch {
    throw new DerError("its public key is not on its curve");
  }
}

function checkEdwards(key: Uint8Array, parameters: Uint8Array): void {
  if (parameters.length > 0 || key.length !== 32) throw new DerError("invalid Ed25519 or X25519 key");
}

function checkDsa(key: Uint8Array, parameters: Uint8Array): void {
  const group = new ByteString(parameters).inside();
  const numbers = [new ByteString(key), group, group, group].map((reader) => integerOf(reader.read(tags.integer)));
  if (numbers.some((number) => number <= 0n)) throw new DerError("zero or negative DSA parameter");
}
