import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { decodeBase64, decodeHex } from "../../../shared/core/go/binary-text.ts";

test("all bytes come back from their base64 and hex", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      const buffer = Buffer.from(bytes);
      assert.deepEqual(decodeBase64(buffer.toString("base64")), bytes);
      assert.deepEqual(decodeHex(buffer.toString("hex")), bytes);
      assert.deepEqual(decodeHex(buffer.toString("hex").toUpperCase()), bytes);
    }),
  );
});

test("base64 skips line ends and loose bits, and refuses what Go refuses", () => {
  for (const [text, hex] of [
    ["", ""],
    ["YQ=\n=\r\n", "61"],
    ["Y\nWI=", "6162"],
    ["QUJ=", "4142"],
    ["QUJ/QR==", "41427f41"],
  ] as const)
    assert.equal(Buffer.from(decodeBase64(text) ?? "none").toString("hex"), hex, JSON.stringify(text));
  for (const text of [
    "YQ",
    "YQ=",
    "====",
    "=",
    "Y===",
    "YQ==YQ==",
    "YW Jj",
    "YWJj ",
    "YW\tJj",
    "-_-_",
    "YWJj====",
    "YWJé",
  ])
    assert.equal(decodeBase64(text), undefined, text);
});

test("hex skips nothing", () => {
  for (const text of ["a", "0xab", "ab cd", "abcd\n", "g0", "é0"]) assert.equal(decodeHex(text), undefined, text);
});
