/** What a chain remembers is bounded: what is let go first? */

import assert from "node:assert/strict";
import { test } from "node:test";
import { withReverted } from "../../shared/core/memory.ts";

const restart = (index: number) => `Deployment/app-${index}@1a2b`;
const met = (index: number) => `Deployment/app-${index}@1a2b+3c4d`;
const many = Array.from({ length: 120 }, (_, index) => index);

test("of more restarts than are kept the last ones matter", () => {
  assert.deepEqual(
    withReverted(many.slice(0, 60).map(restart), many.slice(60).map(restart)),
    many.slice(20).map(restart),
  );
});

test("what is to be judged later pushes out no restart that is known to be wrong", () => {
  const kept = withReverted([restart(0), ...many.map(met)], [restart(1)]);
  assert.equal(kept.length, 100);
  assert.deepEqual([kept[0], kept.at(-1)], [restart(0), restart(1)]);
});

test("notes that find no room are not exchanged for one another at each look", () => {
  const kept = withReverted([], many.map(met));
  assert.deepEqual(withReverted(kept, many.map(met)), kept);
});
