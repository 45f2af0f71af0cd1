import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { bytesToText, textToBytes } from "../../../shared/core/go/binary-text.ts";
import { decodePem, encodePem, pemOf } from "../../../shared/core/go/pem.ts";

/** Each block as `type:bytes`, and what is left after the last one. */
function read(text: string): readonly string[] {
  const { blocks, rest } = decodePem(new TextEncoder().encode(text));
  return [...blocks.map(({ type, bytes }) => `${type}:${bytesToText(bytes)}`), `rest:${bytesToText(rest)}`];
}

const one = "-----BEGIN X-----\nYWJj\n-----END X-----\n";

// Each row was also given to encoding/pem of Go 1.26.8, which answers the same.
const table: readonly (readonly [what: string, text: string, expected: readonly string[]])[] = [
  ["a block and what follows it", `${one}tail`, ["X:abc", "rest:tail"]],
  ["no line break at the end", one.trimEnd(), ["X:abc", "rest:"]],
  ["CRLF", one.replaceAll("\n", "\r\n"), ["X:abc", "rest:"]],
  ["text around and between", `a\n${one}b\n${one}c`, ["X:abc", "X:abc", "rest:c"]],
  ["blanks after both lines", "-----BEGIN X----- \t\nYWJj\n-----END X----- \n", ["X:abc", "rest:"]],
  ["blanks inside the body", "-----BEGIN X-----\n Y W\tJj\n\n-----END X-----\n", ["X:abc", "rest:"]],
  ["an empty block", "-----BEGIN X-----\n-----END X-----\n", ["X:", "rest:"]],
  ["an empty type", "-----BEGIN -----\nYWJj\n-----END -----\n", [":abc", "rest:"]],
  ["blanks before BEGIN hide it", ` ${one}`, [`rest: ${one}`]],
  [
    "blanks before END hide it",
    one.replace("\n-----END", "\n -----END"),
    [`rest:${one.replace("\n-----END", "\n -----END")}`],
  ],
  ["a BEGIN without END is passed over", `-----BEGIN Y-----\nYWJj\n${one}`, ["X:abc", "rest:"]],
  ["END of another type", `-----BEGIN X-----\nYWJj\n-----END Y-----\n${one}`, ["X:abc", "rest:"]],
  ["a body that is no base64", `-----BEGIN X-----\nY!\n-----END X-----\n${one}`, ["X:abc", "rest:"]],
  ["text after END", `-----BEGIN X-----\nYWJj\n-----END X-----!\n${one}`, ["X:abc", "rest:"]],
  [
    "a header that goes on in the next line",
    `-----BEGIN X-----\na: b\n c\n\nYWJj\n-----END X-----\n${one}`,
    ["X:abc", "rest:"],
  ],
  ["headers without a blank line", "-----BEGIN X-----\na: b\nYWJj\n-----END X-----\n", ["X:abc", "rest:"]],
  ["headers up to END only", `-----BEGIN X-----\na: b\n-----END X-----\n${one}`, ["X:abc", "rest:"]],
];

for (const [what, text, expected] of table) test(`pem: ${what}`, () => assert.deepEqual(read(text), expected));

test("headers are trimmed of the blanks of Unicode, and written with Proc-Type first, then sorted", () => {
  const text = "-----BEGIN X-----\nzeta:\u2003z\u00a0\n alpha : a: b \nProc-Type: 4\n\nYWJj\n-----END X-----\n";
  const [block] = decodePem(new TextEncoder().encode(text)).blocks;
  assert.ok(block !== undefined);
  assert.deepEqual(
    [...block.headers],
    [
      ["zeta", "z"],
      ["alpha", "a: b"],
      ["Proc-Type", "4"],
    ],
  );
  const written = "-----BEGIN X-----\nProc-Type: 4\nalpha: a: b\nzeta: z\n\nYWJj\n-----END X-----\n";
  assert.equal(bytesToText(encodePem(block)), written);
});

test("a header name with a colon cannot be written", () => {
  assert.equal(encodePem({ type: "X", headers: new Map([["a:b", "c"]]), bytes: new Uint8Array() }).length, 0);
});

test("lines have 64 characters, and all bytes come back", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      const written = pemOf("X", bytes);
      assert.ok(
        bytesToText(written)
          .split("\n")
          .slice(1, -3)
          .every((line) => line.length === 64),
      );
      assert.deepEqual(decodePem(written).blocks[0]?.bytes, bytes);
    }),
  );
});

test("whatever the bytes, reading ends, and what is read can be written and read again", () => {
  const piece = fc.constantFrom(
    "-----BEGIN ",
    "-----END ",
    "-----",
    "\n",
    "\r\n",
    "X",
    "a: b",
    ":",
    " ",
    "YWJj",
    "=",
    one,
  );
  const bytes = fc.array(fc.oneof(piece, fc.string({ unit: "binary", maxLength: 3 })), { maxLength: 40 });
  fc.assert(
    fc.property(bytes, (pieces) => {
      for (const block of decodePem(textToBytes(pieces.join(""))).blocks)
        if (block.headers.size === 0) assert.deepEqual(decodePem(encodePem(block)).blocks, [block]);
    }),
    { numRuns: 500 },
  );
});

test("a megabyte of lines that look like blocks is gone through once", () => {
  for (const [line, found] of [
    ["-----BEGIN X-----\n", 1],
    ["\n-----END X-----", 0],
    ["-----BEGIN X-----\na: b\n", 1],
    [`${" ".repeat(60)}\n`, 1],
    ["-----BEGIN X-----\nY\n-----END X-----\n", 1],
  ] as const) {
    // Going back to the start for each line would take hours.
    const text = `${line.repeat(Math.ceil(1_000_000 / line.length))}${one}`;
    assert.equal(decodePem(textToBytes(text)).blocks.length, found, JSON.stringify(line));
  }
});
