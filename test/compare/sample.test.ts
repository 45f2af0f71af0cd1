import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type History, outcomeOf, podsRight } from "../rig/compare/sample.ts";

const round = { value: "new", createdAt: 1000, endedAt: 9000 };
const before = [
  { podUid: "a", at: 100, value: "old" },
  { podUid: "b", at: 110, value: "old" },
];

/** Two pods replaced one after the other; the Secret changed in time. */
const rolled: History = {
  secret: [
    { value: "old", at: 50 },
    { value: "new", at: 1500 },
  ],
  pods: [
    { uid: "a", from: 90, until: 3200 },
    { uid: "b", from: 90, until: 4300 },
    { uid: "c", from: 2000, until: undefined },
    { uid: "d", from: 3300, until: undefined },
  ],
  starts: [...before, { podUid: "c", at: 3000, value: "new" }, { podUid: "d", at: 4100, value: "new" }],
};

describe("One version's outcome", () => {
  test("the Secret when it changed, the pods when the last old one was asked to end", () => {
    assert.deepEqual(outcomeOf(rolled, round, 2), {
      secretMs: 500,
      reverts: 0,
      podsMs: 3300,
      starts: 2,
      wrongStarts: 0,
    });
  });

  test("a Secret that never changed and pods that started with the old value", () => {
    const starts = rolled.starts.map((start) => ({ ...start, value: "old" }));
    const secret = rolled.secret.slice(0, 1);
    assert.deepEqual(outcomeOf({ ...rolled, secret, starts }, round, 2), {
      secretMs: undefined,
      reverts: 0,
      podsMs: undefined,
      starts: 2,
      wrongStarts: 2,
    });
  });

  test("one live pod with the old value is enough for never", () => {
    const pods = rolled.pods.map((pod) => (pod.uid === "b" ? { ...pod, until: undefined } : pod));
    assert.equal(outcomeOf({ ...rolled, pods }, round, 2).podsMs, undefined);
  });

  test("pods that started wrong and were restarted again count as right from the second restart", () => {
    const pods = [
      ...rolled.pods.slice(0, 3),
      { uid: "d", from: 3300, until: 6000 },
      { uid: "e", from: 5000, until: undefined },
    ];
    const starts = [
      ...rolled.starts.slice(0, 3),
      { podUid: "d", at: 4100, value: "old" },
      { podUid: "e", at: 5900, value: "new" },
    ];
    const { podsMs, starts: all, wrongStarts } = outcomeOf({ ...rolled, pods, starts }, round, 2);
    assert.deepEqual([podsMs, all, wrongStarts], [5000, 3, 1]);
  });

  test("a container started again in place counts by its last start", () => {
    const starts = [...before, { podUid: "a", at: 2000, value: "new" }, { podUid: "b", at: 2500, value: "new" }];
    const pods = rolled.pods.slice(0, 2).map((pod) => ({ ...pod, until: undefined }));
    assert.equal(outcomeOf({ ...rolled, pods, starts }, round, 2).podsMs, 1500);
  });

  test("a Secret that lost the value again is counted, and its first time stays", () => {
    const secret = [...rolled.secret, { value: "old", at: 5000 }, { value: "new", at: 6000 }];
    const { secretMs, reverts } = outcomeOf({ ...rolled, secret }, round, 2);
    assert.deepEqual([secretMs, reverts], [500, 1]);
  });

  test("what comes after the next version does not count", () => {
    const { secretMs, podsMs, starts } = outcomeOf(rolled, { ...round, endedAt: 1400 }, 2);
    assert.deepEqual([secretMs, podsMs, starts], [undefined, undefined, 0]);
  });

  test("a pod that has not started, or too few pods, are not right", () => {
    assert.equal(podsRight(rolled, 3100, "new", 1), false);
    assert.equal(podsRight({ ...rolled, pods: rolled.pods.slice(2) }, 2500, "new", 1), false);
    assert.equal(podsRight(rolled, 8000, "new", 3), false);
    assert.equal(podsRight(rolled, 8000, "new", 2), true);
  });
});
