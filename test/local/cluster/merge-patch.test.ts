import { test } from "node:test";
import assert from "node:assert/strict";
import * as fc from "fast-check";
import { isObject, toJson } from "../../../local/cluster/json.ts";
import type { JsonObject } from "../../../local/cluster/json.ts";
import { diff, mergePatch } from "../../../local/cluster/merge-patch.ts";

/** Appendix A of RFC 7386, as far as target and patch are objects. */
const vectors: readonly (readonly [JsonObject, JsonObject, JsonObject])[] = [
  [{ a: "b" }, { a: "c" }, { a: "c" }],
  [{ a: "b" }, { b: "c" }, { a: "b", b: "c" }],
  [{ a: "b" }, { a: null }, {}],
  [{ a: "b", b: "c" }, { a: null }, { b: "c" }],
  [{ a: ["b"] }, { a: "c" }, { a: "c" }],
  [{ a: "c" }, { a: ["b"] }, { a: ["b"] }],
  [{ a: { b: "c" } }, { a: { b: "d", c: null } }, { a: { b: "d" } }],
  [{ a: [{ b: "c" }] }, { a: [1] }, { a: [1] }],
  [{ e: null }, { a: 1 }, { e: null, a: 1 }],
  [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
];

test("Merge patches give what RFC 7386 says", () => {
  for (const [target, patch, expected] of vectors) assert.deepEqual(mergePatch(target, patch), expected);
});

const withoutNull = fc.letrec((tie) => ({
  value: fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.array(fc.integer(), { maxLength: 3 }), tie("object")),
  object: fc.dictionary(fc.string({ maxLength: 2 }), tie("value"), { maxKeys: 4 }),
})).object;

function asObject(value: unknown): JsonObject {
  const json = toJson(value);
  return isObject(json) ? json : {};
}

test("The difference of two objects, laid over the first, gives the second", () => {
  fc.assert(
    fc.property(withoutNull, withoutNull, (a, b) => {
      const from = asObject(a);
      const to = asObject(b);
      assert.deepEqual(mergePatch(from, diff(from, to)), to);
    }),
  );
});
