/** A person's word, merged with others. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { bothByHand, keepsByHand, parseByHand, untilNow } from "../../shared/core/by-hand.ts";

const [db, color] = ["contoso/secret/db", "contoso/secret/color"];

test("each object keeps its own time; of two for one object the later one", () => {
  assert.deepEqual(bothByHand({ [db]: 1, [color]: 5 }, { [db]: 3 }), { [db]: 3, [color]: 5 });
  assert.deepEqual(bothByHand(undefined, { [db]: 1 }), { [db]: 1 });
  assert.deepEqual(bothByHand({ [db]: 1 }, undefined), { [db]: 1 });
  assert.equal(bothByHand(undefined, undefined), undefined);
});

test("words of many people end where no message can take them any more, and the newest stay", () => {
  const many = Object.fromEntries(Array.from({ length: 60 }, (_, index) => [`${db}-${index}`, 10 + index]));
  const both = bothByHand(many, { [db]: 1000 }) ?? {};
  assert.equal(Object.keys(both).length, 60);
  assert.equal(both[db], 1000);
  assert.equal(both[`${db}-0`], undefined);
  assert.deepEqual(parseByHand(JSON.stringify(both)), both);
});

test("a chain may give way only to one that keeps all its words", () => {
  assert.ok(keepsByHand({ [db]: 2 }, { [db]: 2 }));
  assert.ok(keepsByHand({ [db]: 2, [color]: 1 }, { [db]: 1 }));
  assert.ok(keepsByHand(undefined, undefined));
  assert.ok(!keepsByHand({ [db]: 2 }, { [db]: 3 }));
  assert.ok(!keepsByHand({ [db]: 2 }, { [color]: 1 }));
  assert.ok(!keepsByHand(undefined, { [db]: 1 }));
});

test("nobody has asked in the future", () => {
  assert.deepEqual(untilNow({ [db]: 90, [color]: 20 }, 50), { [db]: 50, [color]: 20 });
});

test("what is no word is none", () => {
  for (const text of ["", "x", "[]", "1", `{"db":1}`, `{"${db}":-1}`, `{"${db}":"1"}`])
    assert.equal(parseByHand(text), undefined, text);
});
