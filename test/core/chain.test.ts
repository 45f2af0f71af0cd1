import { test } from "node:test";
import assert from "node:assert/strict";
import * as fc from "fast-check";
import { endedChain, isEndedChain, isOlderChain, newChain } from "../../shared/core/chain.ts";
import { emptyMemory } from "../../shared/core/memory.ts";
import { parseTargetMessage } from "../../shared/core/parse-message.ts";

const start = Date.UTC(2026, 0, 1);

test("of two chains the one that began first is the older one", () => {
  const times = fc.integer({ min: start, max: start + 50 * 365 * 86_400_000 });
  fc.assert(
    fc.property(times, times, fc.uuid(), fc.uuid(), (a, b, one, other) => {
      fc.pre(one !== other);
      assert.equal(isOlderChain(newChain(a, one), newChain(b, other)), a <= b);
      assert.equal(isOlderChain(newChain(a, one), endedChain(b, other)), a <= b);
    }),
  );
});

test("a chain is not older than itself", () => {
  assert.equal(isOlderChain(newChain(start, "x"), newChain(start, "x")), false);
});

test("a name that tells no time is older than nothing, and nothing is older than it", () => {
  for (const name of ["c1", "", "zzzz", "MIXED-CASE", "0123456789ab-x"]) {
    assert.equal(isOlderChain(name, newChain(start, "x")), false, name);
    assert.equal(isOlderChain(newChain(start, "x"), name), false, name);
  }
});

test("the record of an ended chain is told from that of a live one", () => {
  assert.equal(isEndedChain(endedChain(start, "x")), true);
  assert.equal(isEndedChain(newChain(start, "x")), false);
});

test("a message may carry any of these names", () => {
  const id = "123e4567-e89b-42d3-a456-426614174000";
  for (const chain of [newChain(start, id), endedChain(start, id)]) {
    const message = {
      kind: "target",
      v: 1,
      target: { cluster: "a", namespace: "b" },
      chain,
      scope: "all",
      memory: emptyMemory,
    };
    assert.deepEqual(parseTargetMessage(message), message);
  }
});
