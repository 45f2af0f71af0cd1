import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { DerError } from "../../../shared/core/go/der-content.ts";
import { DerReader, derTypes } from "../../../shared/core/go/der.ts";
import { derExplicit, derInteger, derOid, derSequence, derValue } from "../../../shared/core/go/der-write.ts";

// Every expectation was compared with what Go 1.26 says of the same bytes.
function reader(hex: string): DerReader {
  return new DerReader(Buffer.from(hex.replaceAll(" ", ""), "hex"));
}

test("integers are read as Go reads an int, and refused where it refuses them", () => {
  for (const [hex, expected] of [
    ["02 01 00", 0],
    ["02 01 80", -128],
    ["02 02 00 80", 128],
    ["02 03 01 00 00", 65_536],
    ["02 00", "empty integer"],
    ["02 02 00 7f", "integer not minimally-encoded"],
    ["02 02 ff 80", "integer not minimally-encoded"],
    ["02 09 01 00 00 00 00 00 00 00 00", "integer too large"],
    ["04 01 00", "tags don't match"],
    ["02 02 00", "data truncated"],
    ["02", "truncated tag or length"],
    ["", "sequence truncated"],
  ] as const)
    if (typeof expected === "number") assert.equal(reader(hex).int(), expected, hex);
    else assert.throws(() => reader(hex).int(), new DerError(expected), hex);
});

test("lengths must be definite, short and there", () => {
  for (const [hex, message] of [
    ["30 80 00 00", "indefinite length found (not DER)"],
    ["30 81 05 02 03 01 00 01", "non-minimal length"],
    ["30 82 00 80", "superfluous leading zeros in length"],
    ["30 84 ff ff ff ff", "length too large"],
    ["30 81", "truncated tag or length"],
    ["30 05 02", "data truncated"],
    ["3f 1e 00", "non-minimal tag"],
    ["3f 80 01 00", "integer is not minimally encoded"],
  ] as const)
    assert.throws(() => reader(hex).raw(), new DerError(message), hex);
});

test("object identifiers have arcs of at most 31 bits", () => {
  for (const [hex, expected] of [
    ["06 03 55 1d 0e", "2.5.29.14"],
    ["06 09 2a 86 48 86 f7 0d 01 07 06", "1.2.840.113549.1.7.6"],
    ["06 02 88 37", "2.999"],
    ["06 05 87 ff ff ff 7f", "2.2147483567"],
  ] as const)
    assert.equal(reader(hex).oid(), expected);
  for (const hex of ["06 00", "06 01 80", "06 02 80 01", "06 05 88 80 80 80 00", "06 06 81 80 80 80 80 00"])
    assert.throws(() => reader(hex).oid(), DerError, hex);
});

test("bit strings must have their unused bits zero", () => {
  assert.deepEqual(reader("03 02 04 f0").bitString(), { bytes: Buffer.from("f0", "hex"), bitLength: 4 });
  assert.equal(reader("03 01 00").bitString().bitLength, 0);
  for (const hex of ["03 00", "03 01 01", "03 02 08 00", "03 02 04 f1"])
    assert.throws(() => reader(hex).bitString(), DerError, hex);
});

test("an optional field of another tag is absent and stays unread; one with a broken value is an error", () => {
  const fields = reader("30 03 02 01 05").sequence();
  assert.equal(fields.takeOptional(derTypes.sequence), undefined);
  assert.equal(fields.takeOptional(derTypes.integer, { implicit: 0 }), undefined);
  assert.equal(fields.takeOptional(derTypes.integer, { explicit: 0 }), undefined);
  assert.equal(fields.int(), 5);
  assert.equal(fields.takeOptional(derTypes.integer), undefined);
  assert.throws(() => reader("30 7f").takeOptional(derTypes.sequence), DerError);
});

test("explicit tags are unwrapped, but not for a raw value, and an empty one is an error", () => {
  assert.equal(reader("a0 03 02 01 05").int({ explicit: 0 }), 5);
  assert.deepEqual(reader("a0 03 02 01 05").rawExplicit(0)?.content, Buffer.from("020105", "hex"));
  assert.throws(() => reader("a0 00 00").int({ explicit: 0 }), new DerError("zero length explicit tag"));
  assert.throws(() => reader("a0 00").int({ explicit: 0 }), new DerError("explicit tag has no child"));
});

test("what the writer writes the reader reads", () => {
  fc.assert(
    fc.property(
      fc.bigInt({ min: 0n, max: 2n ** 2050n }),
      fc.nat(2 ** 20),
      fc.uint8Array({ maxLength: 70_000 }),
      (n, arc, bytes) => {
        const fields = new DerReader(
          derSequence(derInteger(n), derExplicit(1, derOid(`1.2.${arc}`)), derValue(4, bytes)),
        ).sequence();
        assert.equal(fields.integer(), n);
        assert.equal(fields.oid({ explicit: 1 }), `1.2.${arc}`);
        assert.deepEqual(fields.octetString(), bytes);
        assert.ok(fields.atEnd);
      },
    ),
    { numRuns: 50 },
  );
});
