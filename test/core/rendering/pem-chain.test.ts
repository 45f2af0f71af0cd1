import assert from "node:assert/strict";
import { test } from "node:test";
import {
  derExplicit,
  derInteger,
  derNull,
  derOctetString,
  derOid,
  derSequence,
  derValue,
} from "../../../shared/core/go/der-write.ts";
import { orderChain } from "../../../shared/core/rendering/pem-chain.ts";

/** A certificate that says only which key it is of and which signed it; `-` for an id that is there and empty. */
function certificate(name: string, subject: string | undefined, authority: string | undefined): Uint8Array {
  const id = (text: string): Uint8Array => Buffer.from(text === "-" ? "" : text);
  const extension = (oid: string, value: Uint8Array): Uint8Array => derSequence(derOid(oid), derOctetString(value));
  const extensions = [
    ...(subject === undefined ? [] : [extension("2.5.29.14", derOctetString(id(subject)))]),
    ...(authority === undefined ? [] : [extension("2.5.29.35", derSequence(derValue(0x80, id(authority))))]),
  ];
  const algorithm = derSequence(derOid("1.2.3"));
  const time = derValue(0x17, Buffer.from("260101000000Z"));
  const tbs = derSequence(
    derExplicit(0, derInteger(2n)),
    derInteger(1n),
    algorithm,
    derSequence(),
    derSequence(time, time),
    derSequence(derValue(0x31, derSequence(derOid("2.5.4.3"), derValue(0x0c, Buffer.from(name))))),
    derSequence(derSequence(derOid("1.2.3"), derNull()), derValue(3, Uint8Array.of(0))),
    derExplicit(3, derSequence(...extensions)),
  );
  return derSequence(tbs, algorithm, derValue(3, Uint8Array.of(0)));
}

const all = new Map([
  ["leaf", certificate("leaf", "L", "I")],
  ["bare", certificate("bare", undefined, "I")],
  ["inter", certificate("inter", "I", "R")],
  ["root", certificate("root", "R", "R")],
  ["old", certificate("old", "R", undefined)],
  ["other", certificate("other", "O", "I")],
  ["nameless", certificate("nameless", undefined, undefined)],
  ["empty", certificate("empty", "-", "L")],
  ["a", certificate("a", "A", "B")],
  ["b", certificate("b", "B", "A")],
  ["c", certificate("c", "C", "A")],
]);

/** Names in, names out; the message where there is no order. */
function ordered(names: string): string {
  try {
    const chain = orderChain(names.split(" ").map((name) => all.get(name) ?? new Uint8Array()));
    return chain.map((der) => [...all].find(([, known]) => Buffer.compare(known, der) === 0)?.[0]).join(" ");
  } catch (error) {
    return error instanceof Error ? error.message : "";
  }
}

test("leaf first, then each issuer by key ids; the order stays where one is left over", () => {
  for (const [given, expected] of [
    ["root inter leaf", "leaf inter root"],
    ["inter root bare", "bare inter root"],
    ["old leaf inter", "leaf inter old"],
    ["inter leaf", "leaf inter"],
    ["root", "root"],
    // Something is left over: a gap, a second leaf, a twin.
    ["root leaf", "root leaf"],
    ["root inter leaf other", "root inter leaf other"],
    ["inter leaf leaf", "inter leaf leaf"],
    ["root inter inter leaf", "root inter inter leaf"],
    // Two without ids name nothing, but one without an id is named by an empty one.
    ["nameless nameless", "nameless nameless"],
    ["empty nameless leaf", "nameless empty leaf"],
    ["root root", "none of its certificates is the leaf of a chain"],
    ["a b", "none of its certificates is the leaf of a chain"],
    ["leaf inter root root", "its certificates issue one another in a circle"],
    ["a b c", "its certificates issue one another in a circle"],
    ["missing", "truncated element"],
  ] as const)
    assert.equal(ordered(given), expected, given);
});
