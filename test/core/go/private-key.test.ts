import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import type { KeyObject } from "node:crypto";
import { test } from "node:test";
import * as fc from "fast-check";
import { derInteger, derOctetString, derOid, derSequence } from "../../../shared/core/go/der-write.ts";
import { DerReader } from "../../../shared/core/go/der.ts";
import { marshalSec1 } from "../../../shared/core/go/ec-key.ts";
import { marshalPkcs8, parsePkcs8, parsePrivateKey } from "../../../shared/core/go/private-key.ts";

const rsa = generateKeyPairSync("rsa", { modulusLength: 1024 }).privateKey;
const curves = ["P-224", "P-256", "P-384", "P-521"].map(
  (namedCurve) => generateKeyPairSync("ec", { namedCurve }).privateKey,
);

function der(key: KeyObject, type: "pkcs1" | "pkcs8" | "sec1"): Uint8Array {
  return Uint8Array.from(key.export({ type, format: "der" }));
}

/** The kind, and the key as Go writes it. */
function parsed(bytes: Uint8Array): readonly [string | undefined, Uint8Array | undefined] {
  const key = parsePrivateKey(bytes);
  if (key?.kind === "rsa") return [key.kind, key.pkcs1];
  return key?.kind === "ec" ? [key.kind, marshalSec1(key)] : [key?.kind, undefined];
}

test("an RSA key is the same from PKCS #1 and PKCS #8, and goes back into both", () => {
  for (const form of ["pkcs1", "pkcs8"] as const) assert.deepEqual(parsed(der(rsa, form)), ["rsa", der(rsa, "pkcs1")]);
  const key = parsePkcs8(der(rsa, "pkcs8"));
  assert.ok(key?.kind === "rsa");
  assert.deepEqual(marshalPkcs8(key), der(rsa, "pkcs8"));
});

test("an EC key of each NIST curve is the same from SEC 1 and PKCS #8, and goes back into both", () => {
  for (const curve of curves) {
    for (const form of ["sec1", "pkcs8"] as const)
      assert.deepEqual(parsed(der(curve, form)), ["ec", der(curve, "sec1")]);
    const key = parsePkcs8(der(curve, "pkcs8"));
    assert.ok(key?.kind === "ec");
    assert.deepEqual(marshalPkcs8(key), der(curve, "pkcs8"));
  }
});

test("Ed25519 and X25519 are keys, whole ones only", () => {
  for (const { privateKey } of [generateKeyPairSync("ed25519"), generateKeyPairSync("x25519")]) {
    const bytes = der(privateKey, "pkcs8");
    assert.deepEqual(parsed(bytes), ["edwards", undefined]);
    assert.deepEqual(parsed(bytes.subarray(0, -1)), [undefined, undefined]);
  }
});

test("other keys are none: secp256k1, explicit parameters, DSA, RSASSA-PSS, a public key, nothing", () => {
  const explicit = { namedCurve: "P-256", paramEncoding: "explicit" } as const;
  const pss = generateKeyPairSync("rsa-pss", { modulusLength: 1024 });
  for (const bytes of [
    der(generateKeyPairSync("ec", { namedCurve: "secp256k1" }).privateKey, "sec1"),
    der(generateKeyPairSync("ec", explicit).privateKey, "pkcs8"),
    der(generateKeyPairSync("ec", explicit).privateKey, "sec1"),
    der(generateKeyPairSync("dsa", { modulusLength: 1024, divisorLength: 160 }).privateKey, "pkcs8"),
    der(pss.privateKey, "pkcs8"),
    Uint8Array.from(pss.publicKey.export({ type: "spki", format: "der" })),
    new Uint8Array(),
  ])
    assert.deepEqual(parsed(bytes), [undefined, undefined]);
});

const p256 = "1.2.840.10045.3.1.7";

/** SEC 1 with a scalar of our own, in PKCS #8, which names the curve. */
function withScalar(hex: string): Uint8Array {
  const sec1 = derSequence(derInteger(1n), derOctetString(Buffer.from(hex, "hex")));
  const algorithm = derSequence(derOid("1.2.840.10045.2.1"), derOid(p256));
  return derSequence(derInteger(0n), algorithm, derOctetString(sec1));
}

const order = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";

test("a scalar is brought to its length, and is none if it is zero or not below the order", () => {
  const [, full] = parsed(withScalar("07".padStart(64, "0")));
  assert.ok(full !== undefined);
  for (const hex of ["07", "0007", "07".padStart(80, "0")]) assert.deepEqual(parsed(withScalar(hex))[1], full, hex);
  for (const hex of ["", "00", order, "ff".repeat(32), `01${"00".repeat(32)}`])
    assert.equal(parsePrivateKey(withScalar(hex)), undefined, hex);
});

/** PKCS #1 of numbers. */
function pkcs1(version: bigint, ...numbers: readonly bigint[]): Uint8Array {
  return derSequence(derInteger(version), ...numbers.map((number) => derInteger(number)));
}

function numbersOf(key: KeyObject): readonly bigint[] {
  const reader = new DerReader(der(key, "pkcs1")).sequence();
  reader.int();
  return Array.from({ length: 8 }, () => reader.integer());
}

test("missing CRT values are made anew, wrong ones are an error", () => {
  const numbers = numbersOf(rsa);
  const whole = der(rsa, "pkcs1");
  for (const count of [5, 6, 7, 8])
    assert.deepEqual(parsed(pkcs1(0n, ...numbers.slice(0, count)))[1], whole, `${count}`);
  for (const index of numbers.keys()) {
    const wrong = numbers.map((number, at) => (at === index ? number + 2n : number));
    assert.equal(parsePrivateKey(pkcs1(0n, ...wrong)), undefined, `number ${index}`);
  }
  assert.equal(parsePrivateKey(pkcs1(2n, ...numbers)), undefined);
  assert.equal(parsePrivateKey(Uint8Array.of(...whole, 0)), undefined, "bytes after the key");
});

test("a key of three primes gets all its derived values anew, as from Go 1.26.8", () => {
  const given = Buffer.from("MDECAQECBD4UmMcCARECBAJGjyECAgPxAgID9QIBAQIBAQIBATAMMAoCAgP7AgEBAgEB", "base64");
  const written = Buffer.from("MDUCAQECBD4UmMcCARECBAJGjyECAgPxAgID9QICAlECAgN9AgIC9TANMAsCAgP7AgICGwIBEQ==", "base64");
  assert.deepEqual(parsed(given), ["rsa", Uint8Array.from(written)]);
});

test("numbers beyond 16384 bits are not followed", () => {
  const huge = 2n ** 16_385n + 1n;
  assert.equal(parsePrivateKey(pkcs1(0n, huge, 3n, huge, huge, huge))?.kind, "too-large");
});

test("a damaged key is read or refused, never anything else, and what is read reads the same again", () => {
  const keys = [der(rsa, "pkcs1"), der(rsa, "pkcs8"), ...curves.map((key) => der(key, "pkcs8"))];
  const change = fc.tuple(fc.nat(), fc.nat({ max: 255 }), fc.constantFrom("set", "cut", "add"));
  fc.assert(
    fc.property(fc.constantFrom(...keys), fc.array(change, { maxLength: 3 }), (key, changes) => {
      let bytes = key;
      for (const [where, byte, how] of changes) {
        const at = where % Math.max(1, bytes.length);
        const insert = how === "cut" ? [] : [byte];
        bytes = Uint8Array.of(...bytes.subarray(0, at), ...insert, ...bytes.subarray(how === "add" ? at : at + 1));
      }
      const [kind, written] = parsed(bytes);
      if (written !== undefined) assert.deepEqual(parsed(written), [kind, written]);
    }),
    { numRuns: 300 },
  );
});
