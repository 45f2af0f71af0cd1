import assert from "node:assert/strict";
import { hash } from "node:crypto";
import { test } from "node:test";
import * as fc from "fast-check";
import { derInteger, derOctetString, derSequence, derValue } from "../../../shared/core/go/der-write.ts";
import { HashBudget } from "../../../shared/core/rendering/pkcs12/derive.ts";
import { pfxToPem } from "../../../shared/core/rendering/pkcs12/pkcs12.ts";
import { sha1Again } from "../../../shared/core/rendering/pkcs12/sha1-again.ts";
import { tlsFromPfx } from "../../../shared/core/rendering/pkcs12/tls-from-pfx.ts";
import { defaultSettings } from "../../../shared/core/rendering/provider-settings.ts";
import { material, pfxOfVector } from "./material.ts";
import { change } from "./mutations.ts";
import { attribute, attributeSet, layerNames, pfxOf } from "./pfx.ts";

const { certificates, keys } = material();
const [certificate, otherCertificate] = certificates.map((bytes) => Buffer.from(bytes));
const [key] = keys;
if (certificate === undefined || otherCertificate === undefined || key === undefined)
  throw new Error("The vectors hold too few certificates or keys.");

const names = { friendly: "1.2.840.113549.1.9.20", local: "1.2.840.113549.1.9.21", csp: "1.3.6.1.4.1.311.17.1" };

function bmp(text: string): Uint8Array {
  return derValue(0x1e, Buffer.from(text, "utf16le").swap16());
}

/** What is said of the PFX; `ok` if nothing. */
function verdict(pfx: Uint8Array, iterationsAtMost?: number): string {
  const answer = pfxToPem(pfx, iterationsAtMost);
  return answer.ok ? "ok" : `${answer.error.kind}: ${answer.error.message}`;
}

test("bags come out in their order, certificates as they are", () => {
  const answer = pfxToPem(pfxOf({ certificates: [otherCertificate, certificate, otherCertificate], keys: [key, key] }));
  assert.ok(answer.ok);
  assert.deepEqual(
    answer.blocks.map(({ type }) => type),
    ["CERTIFICATE", "CERTIFICATE", "CERTIFICATE", "PRIVATE KEY", "PRIVATE KEY"],
  );
  assert.deepEqual(Buffer.from(answer.blocks[1]?.bytes ?? []), certificate);
});

test("attributes become headers: the last of a name stays, unknown ones are passed over", () => {
  for (const [attributes, expected] of [
    [attributeSet(), {}],
    [
      attributeSet(attribute(names.friendly, bmp("käse 🐄"))),
      { friendlyName: Buffer.from("käse 🐄").toString("latin1") },
    ],
    [attributeSet(attribute(names.friendly, bmp("a\0"))), { friendlyName: "a" }],
    [
      attributeSet(attribute(names.friendly, bmp("\ud800x"))),
      { friendlyName: Buffer.from("\ufffdx").toString("latin1") },
    ],
    // The kind of the value is not looked at.
    [attributeSet(attribute(names.friendly, derValue(4, Uint8Array.of(0, 65)))), { friendlyName: "A" }],
    [attributeSet(attribute(names.csp, bmp("p"))), { "Microsoft CSP Name": "p" }],
    [attributeSet(attribute(names.local, derOctetString(Uint8Array.of(1, 0xff)))), { localKeyId: "01ff" }],
    [
      attributeSet(
        attribute(names.local, derOctetString(Uint8Array.of(1))),
        attribute(names.local, derOctetString(Uint8Array.of(2))),
      ),
      { localKeyId: "02" },
    ],
    [attributeSet(attribute("1.2.3", derInteger(1n))), {}],
  ] as const) {
    const answer = tlsFromPfx(pfxOf({ certificates: [certificate], keys: [], attributes }), defaultSettings);
    assert.ok(answer.ok);
    assert.deepEqual(Object.fromEntries(answer.certificates[0]?.headers ?? []), expected);
  }
});

test("attributes that Go cannot read refuse the file", () => {
  for (const attributes of [
    attributeSet(attribute(names.friendly, derValue(0x1e, Uint8Array.of(0, 65, 0)))),
    attributeSet(attribute(names.friendly, bmp("a"), bmp("b"))),
    attributeSet(attribute(names.friendly)),
    attributeSet(attribute(names.local, derInteger(1n))),
    attributeSet(derSequence(derInteger(1n))),
  ])
    assert.match(verdict(pfxOf({ certificates: [certificate], keys: [], attributes })), /^invalid: /);
});

test("iteration counts are looked at before anything is derived", () => {
  const limit = 2 ** 20;
  const file = (iterations: number, macIterations = 1): Uint8Array =>
    pfxOf({ certificates: [certificate], keys: [], iterations, macIterations });
  const tooHigh = "unsupported: its iteration counts are too high to be followed";
  assert.equal(verdict(file(2048, 2048), limit), "ok");
  assert.equal(verdict(file(0, 0), limit), "ok");
  assert.equal(verdict(file(limit + 1), limit), `invalid: an iteration count of it is not from 0 to ${limit}`);
  assert.equal(verdict(file(1, limit + 1), limit), `invalid: an iteration count of it is not from 0 to ${limit}`);
  for (const count of [HashBudget.hashes + 1, 2 ** 31, 2 ** 62]) {
    assert.equal(verdict(file(count)), tooHigh);
    assert.equal(verdict(file(1, count)), tooHigh);
  }
});

test("what each part may cost by itself is too much together", () => {
  // Three hashes for each count of the certificates' safe, one for each of the MAC.
  const iterations = Math.floor(HashBudget.hashes / 3) - 1000;
  const pfx = pfxOf({ certificates: [certificate], keys: [], iterations, macIterations: 100_000 });
  assert.equal(verdict(pfx), "unsupported: its iteration counts are too high to be followed");
});

test("only driver 1.6 has a limit of its own", () => {
  const pfx = pfxOf({ certificates: [certificate], keys: [], macIterations: 2 ** 30 });
  const refusals = (["1.6", "1.5"] as const).map((driver) => {
    const answer = tlsFromPfx(pfx, { ...defaultSettings, driver });
    return answer.ok ? "ok" : answer.error.kind;
  });
  // Driver 1.5 would follow the count for minutes; the bridge does not.
  assert.deepEqual(refusals, ["invalid", "unsupported"]);
});

test("what the vectors' files are refused for is said", () => {
  for (const [name, message] of [
    ["openssl-default-aes", "the provider does not read its MAC (2.16.840.1.101.3.4.2.1; it must be SHA-1)"],
    ["openssl-aes-sha1-mac", "the provider does not read its encryption (1.2.840.113549.1.5.13)"],
    ["openssl-nomac", "it has no MAC"],
    ["openssl-password", "its MAC does not fit: it has a password, or is damaged"],
    ["one-safe", "it has 1 safes; the provider reads exactly two"],
    ["indefinite-length", "indefinite length found (not DER)"],
  ] as const)
    assert.equal(verdict(pfxOfVector("pfx-variants", name)), `invalid: ${message}`, name);
});

test("repeated SHA-1 is what node:crypto computes", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 20, maxLength: 20 }), fc.nat(30), (digest, times) => {
      let expected: Uint8Array = digest;
      for (let count = 0; count < times; count += 1) expected = hash("sha1", expected, "buffer");
      assert.deepEqual(Buffer.from(sha1Again(digest, times)), Buffer.from(expected));
    }),
  );
});

test("a damaged file is refused, or read the same way twice, and never costs more than its bytes", () => {
  const few = keys.filter(({ length }) => length < 400);
  fc.assert(
    fc.property(fc.constantFrom(...layerNames), change, fc.constantFrom(...few), (layer, damage, pkcs8) => {
      const pfx = pfxOf({ certificates: [certificate], keys: [pkcs8], changes: { [layer]: damage } });
      const first = pfxToPem(pfx);
      assert.deepEqual(pfxToPem(pfx), first);
      if (!first.ok) assert.ok(first.error.message.length < 200);
    }),
    { numRuns: 100 },
  );
});
