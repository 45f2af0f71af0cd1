import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { historyOf } from "../../../shared/core/rendering/version-history.ts";
import type { VersionEntry } from "../../../shared/core/vault-object.ts";

/** `name@second`, `name@` for a version without a date, `-name@second` for a disabled one. */
function list(text: string): readonly VersionEntry[] {
  return text.split(" ").map((item) => {
    const [name = "", second = ""] = item.split("@");
    return {
      version: name.replace("-", ""),
      createdOn: second === "" ? undefined : Number(second) * 1000,
      enabled: !name.startsWith("-"),
    };
  });
}

const table: readonly (readonly [
  what: string,
  versions: string,
  from: string | undefined,
  count: number,
  ids: string,
])[] = [
  ["one more than asked for", "a@1 b@2 c@3 d@4", undefined, 2, "d c b"],
  ["all there are", "a@1 b@2", undefined, 5, "b a"],
  ["whatever order the vault has", "c@3 a@1 d@4 b@2", undefined, 3, "d c b a"],
  ["from the pinned version on", "a@1 b@2 c@3 d@4", "c", 2, "c b a"],
  ["latest is the newest", "a@1 b@2", "latest", 2, "b a"],
  ["Latest is no version", "a@1 b@2", "Latest", 2, ""],
  ["a start that does not exist", "a@1 b@2", "x", 2, ""],
  ["a disabled start", "a@1 -b@2 c@3", "b", 2, ""],
  ["disabled versions use no number", "a@1 -b@2 c@3", undefined, 2, "c a"],
  ["all disabled", "-a@1 -b@2", undefined, 2, ""],
  ["no date counts as 1970", "a@2 b@ c@3", undefined, 2, "c a b"],
  ["versions of one second stay in the order of a short list", "a@1 b@1 c@1", undefined, 2, "a b c"],
  ["milliseconds do not count", "a@1.2 b@1.9 c@2", undefined, 2, "c a b"],
];

for (const [what, versions, from, count, ids] of table)
  test(`history: ${what}`, () => {
    assert.deepEqual(historyOf(list(versions), from, count), ids === "" ? [] : ids.split(" "));
  });

test("in a list of more than twelve, versions of one second are ambiguous where they would be mounted", () => {
  const long = Array.from({ length: 12 }, (_, index) => `v${index}@${100 + index}`).join(" ");
  assert.equal(historyOf(list(`${long} x@111`), undefined, 2), "ambiguous");
  assert.equal(historyOf(list(`${long} x@109`), undefined, 2), "ambiguous", "at the end of what is mounted");
  assert.deepEqual(historyOf(list(`${long} x@108`), undefined, 2), ["v11", "v10", "v9"]);
  assert.deepEqual(historyOf(list(`${long} x@111`), "v8", 2), ["v8", "v7", "v6"]);
  assert.equal(historyOf(list(`${long} x@111`), "x", 2), "ambiguous");
  assert.deepEqual(
    historyOf(list(`${long} -x@111`), undefined, 1),
    ["v11", "v10"],
    "a disabled one is not in the list",
  );
});

test("history is a run of the enabled versions, newest first, of at most one more than asked for", () => {
  const entry = fc.record({ createdOn: fc.nat({ max: 40 }).map((second) => second * 1000), enabled: fc.boolean() });
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 12 }), fc.integer({ min: 2, max: 6 }), (entries, count) => {
      const versions = entries.map((one, index) => ({ ...one, version: `v${index}` }));
      const ids = historyOf(versions, undefined, count);
      assert.ok(ids !== "ambiguous");
      assert.equal(ids.length, Math.min(count + 1, versions.filter(({ enabled }) => enabled).length));
      const found = ids.map((id) => versions.find(({ version }) => version === id));
      assert.ok(found.every((one) => one?.enabled === true));
      assert.deepEqual(
        found.map((one) => one?.createdOn),
        found.map((one) => one?.createdOn).toSorted((a = 0, b = 0) => b - a),
      );
    }),
  );
});
