import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import {
  entryOf,
  fedEntry,
  fedThen,
  formatMarker,
  noMarker,
  parseMarker,
  sameMarker,
  sameVersions,
} from "../../../shared/core/marker.ts";
import type { Marker } from "../../../shared/core/marker.ts";
import { secretObject } from "./builders.ts";

const name = fc.stringMatching(/^[a-z0-9-]{1,24}$/);
const key = fc.tuple(name, fc.constantFrom("secret", "cert", "key"), name).map((parts) => parts.join("/"));
const entry = fc
  .tuple(fc.stringMatching(/^[0-9a-f]{32}$/), fc.integer({ min: 0, max: 4_000_000_000 }))
  .map(([version, seconds]) => ({ version, createdOn: seconds * 1000 }));
const marker: fc.Arbitrary<Marker> = fc.record({
  entries: fc.array(fc.tuple(key, entry), { maxLength: 8 }).map((pairs) => new Map(pairs)),
  fed: fc.array(fc.tuple(name, name, key), { maxLength: 4 }).map((all) => new Map(all.map((one) => fedEntry(...one)))),
  attempt: fc.integer({ min: 1, max: 3 }),
});

test("what is written is read again", () => {
  fc.assert(
    fc.property(marker, (before) => {
      const after = parseMarker(formatMarker(before));
      assert.deepEqual(new Map(after.entries), new Map(before.entries));
      assert.deepEqual(after.fed, before.fed);
      assert.equal(after.attempt, before.attempt);
      assert.ok(sameMarker(before, after));
    }),
  );
});

test("the order of the entries does not change the text, so the same marker is the same template", () => {
  fc.assert(
    fc.property(marker, (before) => {
      const entries = new Map([...before.entries].toReversed());
      const turned = { ...before, entries, fed: new Map([...(before.fed ?? [])].toReversed()) };
      assert.equal(formatMarker(turned), formatMarker(before));
    }),
  );
});

test("no text makes it throw, and what it reads is a marker again", () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.string({ unit: "binary" }),
        marker.map((good) => `${formatMarker(good)},=@,#`),
      ),
      (text) => {
        const read = parseMarker(text);
        assert.ok(sameMarker(parseMarker(formatMarker(read)), read));
      },
    ),
  );
});

const good = "contoso/secret/color=0a1b@1767225600";
const table: readonly (readonly [string, string | undefined, string])[] = [
  ["no annotation", undefined, ""],
  ["empty", "", ""],
  ["one entry", good, good],
  ["entries are sorted", `contoso/secret/db=2@2,${good}`, `${good},contoso/secret/db=2@2`],
  ["spaces around entries", ` ${good} , contoso/cert/tls=9@1 `, `contoso/cert/tls=9@1,${good}`],
  ["a second restart", `${good} #2`, `${good} #2`],
  ["a first restart is not numbered", `${good} #1`, good],
  ["a number out of range counts as the first", `${good} #99`, good],
  ["a number that is none counts as the first", `${good} #x`, good],
  ["what does not parse is dropped, the rest stays", `nonsense,${good},contoso/other/x=1@2,contoso/secret/y=1`, good],
  ["a date that is none", "contoso/secret/color=0a1b@soon", ""],
  ["of two entries for one object the later one stays", `contoso/secret/color=1@1,${good}`, good],
];

for (const [says, text, wanted] of table) {
  test(`reading: ${says}`, () => {
    assert.equal(formatMarker(parseMarker(text)), wanted);
  });
}

test("an object is found by its key, whatever its case", () => {
  assert.deepEqual(entryOf(parseMarker(good), secretObject("Color")), {
    version: "0a1b",
    createdOn: 1_767_225_600_000,
  });
  assert.equal(entryOf(noMarker, secretObject("color")), undefined);
});

test("versions are compared, dates are not; the attempt is part of a marker", () => {
  const [one, other] = [parseMarker(good), parseMarker("contoso/secret/color=0a1b@5 #2")];
  assert.ok(sameVersions(one, other));
  assert.ok(!sameMarker(one, other));
  assert.ok(!sameVersions(one, noMarker));
  assert.ok(!sameVersions(noMarker, one));
  assert.ok(!sameVersions(one, parseMarker("contoso/secret/color=ffff@1767225600")));
});

test("a marker tells which object fed a key, in digests; what does not parse tells nothing", () => {
  const fed = new Map([fedEntry("database", "password", "contoso/secret/db")]);
  const text = formatMarker({ ...parseMarker(good), fed, attempt: 2 });
  assert.equal(text, `${good},keys=1d9v3oo:i7huo0 #2`);
  const then = (marker: string, object: string) => fedThen(parseMarker(marker), "database", "password", object);
  assert.equal(then(text, "contoso/secret/db"), "same");
  assert.equal(then(text, "contoso/secret/mail"), "other");
  assert.equal(then(good, "contoso/secret/db"), undefined);
  assert.equal(then(text.replace("keys=", "keys=:,"), "contoso/secret/db"), undefined);
  assert.equal(fedThen(parseMarker(text), "database", "user", "contoso/secret/db"), undefined);
  // A pin beside the version that the marker names: the object alone is not it.
  const beside = { ...parseMarker(good), fed: new Map([fedEntry("database", "password", "contoso/secret/db", "v1")]) };
  const pinned = (version?: string) => fedThen(beside, "database", "password", "contoso/secret/db", version);
  assert.deepEqual([pinned("v1"), pinned("v2"), pinned()], ["same", "other", "other"]);
  assert.equal(fedThen(parseMarker(text), "database", "password", "contoso/secret/db", "v1"), "same");
});
