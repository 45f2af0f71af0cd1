import assert from "node:assert/strict";
import path from "node:path";
import { test } from "node:test";
import { readCases } from "./cases.ts";
import { byPod, leftOutFor } from "./categories.ts";
import { difference, unsafe } from "./compare.ts";

const cases = readCases(path.join(import.meta.dirname, "rendering"));

test("what needs no certificate, key, history, format or TLS is rendered byte for byte as upstream does", () => {
  const own = cases.filter((vector) => leftOutFor(vector) === undefined);
  assert.ok(own.length >= 190, `only ${own.length} cases are compared`);
  for (const vector of own) assert.equal(difference(vector), undefined, vector.name);
});

test("everything else is refused as unsupported, fails upstream too, or is right", () => {
  for (const vector of cases) {
    const category = leftOutFor(vector);
    if (category !== undefined && !byPod.has(category)) assert.equal(unsafe(vector), undefined, vector.name);
  }
});
