/** PFX files put together for tests, with each layer open to changes before the next one is laid around it. */

import { createCipheriv, createHmac } from "node:crypto";
import {
  derExplicit,
  derInteger,
  derNull,
  derOctetString,
  derOid,
  derSequence,
  derValue,
} from "../../../shared/core/go/der-write.ts";
import { HashBudget, deriveKeys } from "../../../shared/core/rendering/pkcs12/derive.ts";

export type Change = (bytes: Uint8Array) => Uint8Array;

export interface Layers {
  readonly certificates: readonly Uint8Array[];
  /** PKCS #8. */
  readonly keys: readonly Uint8Array[];
  readonly iterations?: number;
  readonly macIterations?: number;
  readonly attributes?: Uint8Array;
  readonly changes?: Partial<Record<Layer, Change>>;
}

/** From the inside to the outside. The MAC is made after `authSafe` has been changed. */
export const layerNames = ["pkcs8", "keyBag", "certificateBag", "safe", "encryptedSafe", "authSafe", "whole"] as const;
type Layer = (typeof layerNames)[number];

/** Certificates in an encrypted safe and shrouded keys in one of data, all with 3DES, as tools write it. */
export function pfxOf({
  certificates,
  keys,
  iterations = 1,
  macIterations = 1,
  attributes,
  changes = {},
}: Layers): Uint8Array {
  const change = (layer: Layer, bytes: Uint8Array): Uint8Array => changes[layer]?.(bytes) ?? bytes;
  const bag = (id: string, value: Uint8Array): Uint8Array =>
    derSequence(derOid(id), derExplicit(0, value), attributes ?? new Uint8Array());
  const certificateBags = certificates.map((der) => {
    const inner = derSequence(derOid("1.2.840.113549.1.9.22.1"), derExplicit(0, derOctetString(der)));
    return bag("1.2.840.113549.1.12.10.1.3", change("certificateBag", inner));
  });
  const keyBags = keys.map((pkcs8) => {
    const { algorithm, data } = encrypted(change("pkcs8", pkcs8), iterations);
    const inner = derSequence(algorithm, derOctetString(data));
    return bag("1.2.840.113549.1.12.10.1.2", change("keyBag", inner));
  });
  const { algorithm, data } = encrypted(change("safe", derSequence(...certificateBags)), iterations);
  const info = derSequence(derOid(dataType), algorithm, derValue(0x80, data));
  const first = contentInfo("1.2.840.113549.1.7.6", change("encryptedSafe", derSequence(derInteger(0n), info)));
  const second = contentInfo(dataType, derOctetString(change("safe", derSequence(...keyBags))));
  const authSafe = change("authSafe", derSequence(first, second));
  const whole = derSequence(
    derInteger(3n),
    contentInfo(dataType, derOctetString(authSafe)),
    mac(authSafe, macIterations),
  );
  return change("whole", whole);
}

/** One attribute of a bag: its values are inside of a SET. */
export function attribute(id: string, ...values: readonly Uint8Array[]): Uint8Array {
  return derSequence(derOid(id), derValue(0x31, ...values));
}

export function attributeSet(...attributes: readonly Uint8Array[]): Uint8Array {
  return derValue(0x31, ...attributes);
}

const dataType = "1.2.840.113549.1.7.1";
const salt = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);
const password = Uint8Array.of(0, 0);

function contentInfo(type: string, content: Uint8Array): Uint8Array {
  return derSequence(derOid(type), derExplicit(0, content));
}

/** Counts beyond what a test may cost are written down, and one iteration is done. */
function derived(use: 1 | 2 | 3, size: number, iterations: number): Uint8Array {
  const affordable = iterations > 100_000 ? 1 : iterations;
  const [key = new Uint8Array()] = deriveKeys(
    { salt, password, iterations: affordable },
    [{ use, size }],
    new HashBudget(),
  );
  return key;
}

function encrypted(
  content: Uint8Array,
  iterations: number,
): { readonly algorithm: Uint8Array; readonly data: Uint8Array } {
  const cipher = createCipheriv("des-ede3-cbc", derived(1, 24, iterations), derived(2, 8, iterations));
  const parameters = derSequence(derOctetString(salt), derInteger(BigInt(iterations)));
  const data = Buffer.concat([cipher.update(content), cipher.final()]);
  return { algorithm: derSequence(derOid("1.2.840.113549.1.12.1.3"), parameters), data };
}

function mac(message: Uint8Array, iterations: number): Uint8Array {
  const digest = createHmac("sha1", derived(3, 20, iterations))
    .update(message)
    .digest();
  const algorithm = derSequence(derOid("1.3.14.3.2.26"), derNull());
  const info = derSequence(algorithm, derOctetString(digest));
  return derSequence(info, derOctetString(salt), derInteger(BigInt(iterations)));
}
