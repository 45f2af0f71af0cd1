import assert from "node:assert/strict";
import { test } from "node:test";
import { rootCertificates } from "node:tls";
import * as fc from "fast-check";
import { Refusal } from "../../../shared/core/go/refusal.ts";
import {
  derExplicit,
  derInteger,
  derNull,
  derOctetString,
  derOid,
  derSequence,
  derValue,
} from "../../../shared/core/go/der-write.ts";
import { parseCertificate } from "../../../shared/core/go/x509/certificate.ts";
import { material } from "../rendering/material.ts";
import { change } from "../rendering/mutations.ts";

interface Parts {
  readonly serial?: Uint8Array;
  readonly outerAlgorithm?: Uint8Array;
  readonly notAfter?: Uint8Array;
  readonly subject?: Uint8Array;
  readonly key?: Uint8Array;
  readonly extensions?: readonly Uint8Array[];
  readonly after?: Uint8Array;
}

const text = (tag: number, content: string): Uint8Array => derValue(tag, Buffer.from(content, "latin1"));
const utc = (content: string): Uint8Array => text(0x17, content);
const name = (value: Uint8Array): Uint8Array => derSequence(derValue(0x31, derSequence(derOid("2.5.4.3"), value)));
const extension = (id: string, value: Uint8Array, critical?: Uint8Array): Uint8Array =>
  derSequence(derOid(id), ...(critical === undefined ? [] : [critical]), derOctetString(value));
const yes = derValue(1, Uint8Array.of(0xff));
const rsa = (...numbers: readonly bigint[]): Uint8Array =>
  derSequence(
    derSequence(derOid("1.2.840.113549.1.1.1"), derNull()),
    derValue(3, Uint8Array.of(0), derSequence(...numbers.map((number) => derInteger(number)))),
  );
const algorithm = derSequence(derOid("1.2.840.113549.1.1.11"), derNull());

function certificateOf(parts: Parts): Uint8Array {
  const tbs = derSequence(
    derExplicit(0, derInteger(2n)),
    parts.serial ?? derInteger(1n),
    algorithm,
    name(text(0x0c, "issuer")),
    derSequence(utc("260101000000Z"), parts.notAfter ?? utc("270101000000Z")),
    name(parts.subject ?? text(0x13, "*.harbor.example")),
    parts.key ?? rsa(12345n, 65537n),
    ...(parts.extensions === undefined ? [] : [derExplicit(3, derSequence(...parts.extensions))]),
  );
  const outer = parts.outerAlgorithm ?? algorithm;
  const whole = derSequence(tbs, outer, derValue(3, Uint8Array.of(0, 1)));
  return Buffer.concat([whole, parts.after ?? new Uint8Array()]);
}

function kindOf(parts: Parts): string {
  try {
    parseCertificate(certificateOf(parts));
    return "read";
  } catch (error) {
    if (error instanceof Refusal) return error.kind;
    throw error;
  }
}

// `read` and `invalid` were compared with Go 1.26; `unsupported` is where its answer is not worth a guess.
test("certificates are read, or refused, as Go does", () => {
  const table: readonly (readonly [what: string, parts: Parts, expected: "read" | "invalid" | "unsupported"])[] = [
    ["a plain one", {}, "read"],
    ["bytes after it", { after: Uint8Array.of(0) }, "invalid"],
    ["a negative serial number", { serial: derValue(2, Uint8Array.of(0x80)) }, "invalid"],
    [
      "two signature algorithms",
      { outerAlgorithm: derSequence(derOid("1.2.840.113549.1.1.12"), derNull()) },
      "invalid",
    ],
    ["the 29th of February of a leap year", { notAfter: utc("280229235959Z") }, "read"],
    ["the 29th of February of another year", { notAfter: utc("270229235959Z") }, "invalid"],
    ["no seconds", { notAfter: utc("2702282359Z") }, "read"],
    ["a zone", { notAfter: utc("270228235959+0100") }, "unsupported"],
    ["GeneralizedTime", { notAfter: text(0x18, "20500101000000Z") }, "read"],
    ["fractions of a second", { notAfter: text(0x18, "20500101000000.5Z") }, "invalid"],
    ["a name of T61String", { subject: text(0x14, "\xe4") }, "read"],
    ["a name with a sign that is not printable", { subject: text(0x13, "a@b") }, "invalid"],
    ["a name of broken UTF-8", { subject: text(0x0c, "\xff") }, "invalid"],
    ["a name of half a BMPString", { subject: text(0x1e, "a") }, "invalid"],
    ["a name of a BMPString with a surrogate", { subject: text(0x1e, "\xd8\x00") }, "invalid"],
    ["a name that is a number", { subject: derInteger(1n) }, "invalid"],
    ["an RSA modulus of zero", { key: rsa(0n, 3n) }, "invalid"],
    ["an RSA exponent of more than 64 bits", { key: rsa(15n, 2n ** 64n) }, "invalid"],
    [
      "a key of an unknown kind",
      { key: derSequence(derSequence(derOid("1.2.3")), derValue(3, Uint8Array.of(0, 9))) },
      "read",
    ],
    ["an unknown critical extension", { extensions: [extension("1.2.3", derNull(), yes)] }, "read"],
    ["an extension twice", { extensions: [extension("1.2.3", derNull()), extension("1.2.3", derNull())] }, "invalid"],
    [
      "a boolean that is neither",
      { extensions: [extension("1.2.3", derNull(), derValue(1, Uint8Array.of(1)))] },
      "invalid",
    ],
    [
      "a critical subject key id",
      { extensions: [extension("2.5.29.14", derOctetString(Uint8Array.of(1)), yes)] },
      "unsupported",
    ],
    ["a subject key id that is none", { extensions: [extension("2.5.29.14", derInteger(1n))] }, "invalid"],
    ["a host name", { extensions: [extension("2.5.29.17", derSequence(text(0x82, "harbor.example")))] }, "read"],
    [
      "a host name that is not ASCII",
      { extensions: [extension("2.5.29.17", derSequence(text(0x82, "\xe4")))] },
      "invalid",
    ],
    ["an address of 5 bytes", { extensions: [extension("2.5.29.17", derSequence(text(0x87, "12345")))] }, "invalid"],
    [
      "a workload's URI",
      { extensions: [extension("2.5.29.17", derSequence(text(0x86, "spiffe://harbor/ns/web")))] },
      "read",
    ],
    [
      "a URI with an escape",
      { extensions: [extension("2.5.29.17", derSequence(text(0x86, "https://a/%zz")))] },
      "unsupported",
    ],
    ["empty name constraints", { extensions: [extension("2.5.29.30", derSequence())] }, "invalid"],
    [
      "a policy twice",
      { extensions: [extension("2.5.29.32", derSequence(derSequence(derOid("1.2.3")), derSequence(derOid("1.2.3"))))] },
      "invalid",
    ],
    [
      "a negative path length",
      { extensions: [extension("2.5.29.19", derSequence(yes, derValue(2, Uint8Array.of(0xff))))] },
      "unsupported",
    ],
  ];
  for (const [what, parts, expected] of table) assert.equal(kindOf(parts), expected, what);
});

test("key ids that are empty are not the same as none", () => {
  const empty = derOctetString(new Uint8Array());
  assert.deepEqual(parseCertificate(certificateOf({})), { subject: undefined, authority: undefined });
  assert.deepEqual(
    parseCertificate(
      certificateOf({
        extensions: [extension("2.5.29.14", empty), extension("2.5.29.35", derSequence(text(0x80, "id")))],
      }),
    ),
    { subject: Buffer.alloc(0), authority: Buffer.from("id") },
  );
  const withoutId = certificateOf({ extensions: [extension("2.5.29.35", derSequence())] });
  assert.equal(parseCertificate(withoutId).authority, undefined);
});

test("every public authority that Node trusts is read", () => {
  assert.ok(rootCertificates.length > 100);
  for (const pem of rootCertificates) {
    const { subject } = parseCertificate(Buffer.from(pem.replaceAll(/-----[A-Z ]+-----/g, ""), "base64"));
    assert.ok(subject === undefined || subject.length > 0);
  }
});

test("damaged certificates are read or refused, and nothing else", () => {
  const { certificates } = material();
  fc.assert(
    fc.property(fc.constantFrom(...certificates), change, (der, damage) => {
      try {
        parseCertificate(damage(der));
      } catch (error) {
        assert.ok(error instanceof Refusal);
      }
    }),
    { numRuns: 200 },
  );
});
