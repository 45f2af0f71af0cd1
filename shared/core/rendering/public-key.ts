/** The file of an object of type `key`: its public half as PKIX PEM. */

import { createPublicKey } from "node:crypto";
import { z } from "zod";
import { decodeRawUrlBase64 } from "../go/binary-text.ts";
import { derBitString, derInteger, derNull, derOid, derSequence } from "../go/der-write.ts";
import { pemOf } from "../go/pem.ts";
import { quote } from "../go/text.ts";
import type { RenderError } from "../provider-class.ts";
import { SecretValue } from "../secret-value.ts";

export type PublicKeyAnswer =
  | { readonly ok: true; readonly content: SecretValue }
  | { readonly ok: false; readonly error: RenderError };

/**
 * The `jwk` is the vault's answer, as JSON. Kinds and curves are those of the provider's getKey (pkg/provider/provider.go
 * v1.8.2): symmetric keys and P-256K cannot be mounted. `id` names the object in messages.
 */
export function publicKeyPem(jwk: SecretValue, id: string): PublicKeyAnswer {
  const key = readJwk(jwk);
  if (key === undefined) return refuse(id, "is no JSON Web Key.");
  if (key.kty === "RSA" || key.kty === "RSA-HSM") {
    const spki = rsaSpki(key.n, key.e);
    return spki === undefined ? refuse(id, "has a modulus or an exponent that cannot be read.") : written(spki);
  }
  if (key.kty !== "EC" && key.kty !== "EC-HSM")
    return refuse(id, `is of type ${quote(key.kty)}, which the provider cannot mount; use RSA or EC.`);
  const size = sizes.get(key.crv);
  if (size === undefined)
    return refuse(id, `is on curve ${quote(key.crv)}, which the provider cannot mount; use P-256, P-384 or P-521.`);
  const spki = ecSpki(key.crv, coordinate(key.x, size), coordinate(key.y, size));
  return spki === undefined ? refuse(id, "has a point that is not on its curve.") : written(spki);
}

const shape = z.object({
  kty: z.string(),
  n: z.string().catch(""),
  e: z.string().catch(""),
  crv: z.string().catch(""),
  x: z.string().catch(""),
  y: z.string().catch(""),
});

function readJwk(jwk: SecretValue): z.infer<typeof shape> | undefined {
  try {
    return shape.safeParse(JSON.parse(new TextDecoder().decode(jwk.reveal()))).data;
  } catch {
    return undefined;
  }
}

/** Bytes of a coordinate. */
const sizes: ReadonlyMap<string, number> = new Map([
  ["P-256", 32],
  ["P-384", 48],
  ["P-521", 66],
]);

/** Go takes the numbers as they are, so that leading zeros do not matter. */
function rsaSpki(modulus: string, exponent: string): Uint8Array | undefined {
  const [n, e] = [numberOf(modulus), numberOf(exponent)];
  // An exponent beyond an int64 is cut by the provider; no such key exists.
  if (n === undefined || e === undefined || n === 0n || e === 0n || e >= 2n ** 63n) return undefined;
  const key = derSequence(derInteger(n), derInteger(e));
  return derSequence(derSequence(derOid("1.2.840.113549.1.1.1"), derNull()), derBitString(key));
}

function numberOf(text: string): bigint | undefined {
  const bytes = decodeRawUrlBase64(text);
  return bytes === undefined || bytes.length === 0 ? undefined : BigInt(`0x${Buffer.from(bytes).toString("hex")}`);
}

/** As long as the curve wants it, in base64url; undefined if it is longer. */
function coordinate(text: string, size: number): string | undefined {
  const number = numberOf(text);
  const hex = number?.toString(16).padStart(2 * size, "0");
  return hex === undefined || hex.length > 2 * size ? undefined : Buffer.from(hex, "hex").toString("base64url");
}

function ecSpki(crv: string, x: string | undefined, y: string | undefined): Uint8Array | undefined {
  if (x === undefined || y === undefined) return undefined;
  try {
    const key = createPublicKey({ key: { kty: "EC", crv, x, y }, format: "jwk" });
    return Uint8Array.from(key.export({ type: "spki", format: "der" }));
  } catch {
    return undefined;
  }
}

function written(spki: Uint8Array): PublicKeyAnswer {
  return { ok: true, content: SecretValue.fromBytes(pemOf("PUBLIC KEY", spki)) };
}

function refuse(id: string, problem: string): PublicKeyAnswer {
  return { ok: false, error: { kind: "invalid", message: `The key ${quote(id)} ${problem}` } };
}
