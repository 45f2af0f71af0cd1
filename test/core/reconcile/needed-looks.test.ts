/** Which targets a pass of the timer looks at, and why. */

import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { asking, lookReasons, mostLooks, neededLooks } from "../../../shared/core/reconcile/needed-looks.ts";
import type { IndexedTarget, PassInput } from "../../../shared/core/reconcile/needed-looks.ts";
import { noNotes } from "../../../shared/core/reconcile/target-notes.ts";
import type { TargetNotes } from "../../../shared/core/reconcile/target-notes.ts";
import { targetKey } from "../../../shared/core/target.ts";

const minute = 60_000;
const hour = 60 * minute;
const now = Date.UTC(2026, 10, 21, 12);
const db = "contoso/secret/db";

function indexed(namespace: string = "shop", change: Partial<IndexedTarget> = {}): IndexedTarget {
  const target = { cluster: "blue", namespace };
  return { target, classes: "c1", objects: [db], vaults: new Set(["contoso"]), ...change };
}

const proven: TargetNotes = { ...noNotes, lookedAt: now - minute, classes: "c1", objects: new Map([[db, "100"]]) };

function pass(change: Partial<PassInput> = {}): PassInput {
  const notes = new Map([["blue/shop", proven]]);
  const listed = new Map([[db, "100"]]);
  return {
    targets: [indexed()],
    listed,
    held: new Set(),
    notes,
    now,
    deepEveryMs: 6 * hour,
    passMs: 15 * minute,
    ...change,
  };
}

function whyOf(input: PassInput): readonly string[] {
  return neededLooks(input).looks.map(({ why }) => why);
}

const noted = (change: Partial<TargetNotes>) => new Map([["blue/shop", { ...proven, ...change }]]);

const cases: readonly (readonly [string, Partial<PassInput>, readonly string[]])[] = [
  ["what was proven and has not changed needs no look", {}, []],
  ["another date", { listed: new Map([[db, "200"]]) }, ["newer-version"]],
  ["an earlier date, after a restore", { listed: new Map([[db, "50"]]) }, ["newer-version"]],
  ["a disabled current version", { listed: new Map([[db, "disabled"]]) }, ["newer-version"]],
  ["an object that is gone", { listed: new Map([[db, "missing"]]) }, ["newer-version"]],
  ["a vault that did not say leaves all as it was", { listed: new Map() }, []],
  ["what the look could not learn is no change", { notes: noted({ objects: new Map() }) }, []],
  ["another class", { targets: [indexed("shop", { classes: "c2" })] }, ["class-changed"]],
  ["never looked at", { notes: new Map() }, ["unproven"]],
  ["only an event's part was ever looked at", { notes: noted({ lookedAt: 0 }) }, ["unproven"]],
  ["a class that was left unproven", { notes: noted({ open: new Set(["kv"]) }) }, ["unfinished"]],
  ["six hours ago", { notes: noted({ lookedAt: now - 6 * hour }) }, ["deep"]],
  ["every pass is deep", { deepEveryMs: 0 }, ["deep"]],
  ["a vault that throttles is left alone", { held: new Set(["contoso"]), notes: new Map() }, []],
  ["another vault that throttles", { held: new Set(["other"]), notes: new Map() }, ["unproven"]],
];

for (const [what, change, expected] of cases) {
  test(`${what}: ${expected.join() || "no look"}`, () => assert.deepEqual(whyOf(pass(change)), expected));
}

test("the same cause is looked at again ever later, up to an hour; another one at once", () => {
  const open = { ...proven, open: new Set(["kv"]) };
  let notes: TargetNotes = open;
  let asked: number | undefined;
  const gaps: number[] = [];
  for (let at = now; at < now + 4 * hour; at += 15 * minute) {
    const [look] = neededLooks(
      pass({ notes: new Map([["blue/shop", notes]]), now: at, deepEveryMs: 100 * hour }),
    ).looks;
    if (look === undefined) continue;
    if (asked !== undefined) gaps.push((at - asked) / minute);
    asked = at;
    notes = asking(notes, look, at);
  }
  assert.deepEqual(gaps, [15, 30, 45, 60, 60]);
  const newer = pass({ notes: new Map([["blue/shop", notes]]), listed: new Map([[db, "200"]]), now: (asked ?? 0) + 1 });
  assert.deepEqual(whyOf(newer), ["newer-version"]);
  assert.equal(neededLooks({ ...newer, listed: new Map() }).backingOff, 1);
});

test("a look that was asked for a version is asked again if the version is still unproven, and not in every pass", () => {
  const listed = new Map([[db, "200"]]);
  const [look] = neededLooks(pass({ listed })).looks;
  assert.ok(look);
  const notes = new Map([["blue/shop", asking(proven, look, now)]]);
  assert.deepEqual(whyOf(pass({ listed, notes, now: now + 5 * minute })), []);
  assert.deepEqual(whyOf(pass({ listed, notes, now: now + 15 * minute })), ["newer-version"]);
});

test("where every pass is to look at everything, nothing backs off and nothing is left", () => {
  const asked = { cause: "unfinished", at: now, delayMs: hour };
  const world = many(mostLooks + 50, () => ({ ...proven, open: new Set(["kv"]), asked }));
  const { looks, left, backingOff } = neededLooks(pass({ ...world, deepEveryMs: 0 }));
  assert.deepEqual([looks.length, left, backingOff], [mostLooks + 50, 0, 0]);
});

function many(count: number, notesOf: (index: number) => TargetNotes | undefined): Partial<PassInput> {
  const targets = Array.from({ length: count }, (_, index) => indexed(`ns-${index}`));
  const notes = new Map<string, TargetNotes>();
  targets.forEach(({ target }, index) => {
    const own = notesOf(index);
    if (own !== undefined) notes.set(targetKey(target), own);
  });
  return { targets, notes };
}

test("deep looks spread evenly: each of 24 passes takes its share, all of them every target once", () => {
  const count = 2400;
  const lookedAt = new Map(Array.from({ length: count }, (_, index) => [`blue/ns-${index}`, now]));
  const shares: number[] = [];
  for (let turn = 1; turn <= 24; turn += 1) {
    const at = now + turn * 15 * minute;
    const world = many(count, (index) => ({ ...proven, lookedAt: lookedAt.get(`blue/ns-${index}`) ?? 0 }));
    const { looks, left } = neededLooks(pass({ ...world, now: at }));
    assert.equal(left, 0);
    shares.push(looks.length);
    for (const { target } of looks) {
      assert.equal(lookedAt.get(targetKey(target)), now, "a second look within six hours");
      lookedAt.set(targetKey(target), at);
    }
  }
  assert.ok([...lookedAt.values()].every((at) => at > now));
  for (const share of shares) assert.ok(share > 60 && share < 140, `${share} of 100`);
});

test("after five hours without a pass, each takes twice the even share of what is overdue, oldest first", () => {
  const at = now + 5 * hour;
  const world = many(960, (index) => ({ ...proven, lookedAt: now - index }));
  const { looks, left } = neededLooks(pass({ ...world, now: at }));
  assert.equal(looks.length, 80);
  assert.ok(left > 600, `${left}`);
  const ages = looks.map(({ target }) => Number(target.namespace.slice(3)));
  assert.deepEqual(
    ages,
    [...ages].sort((a, b) => b - a),
  );
});

test("what is known to be new comes before what is merely due, and no pass asks for more than 600 looks", () => {
  const world = many(2000, (index) => (index < 1000 ? undefined : { ...proven, lookedAt: now }));
  const targets = world.targets?.map((target, index) =>
    index >= 1990 ? { ...target, objects: ["contoso/secret/mail"] } : target,
  );
  const notes = new Map(world.notes);
  for (const { target } of targets?.slice(1990) ?? []) {
    notes.set(targetKey(target), { ...proven, lookedAt: now, objects: new Map([["contoso/secret/mail", "1"]]) });
  }
  const listed = new Map([
    [db, "100"],
    ["contoso/secret/mail", "2"],
  ]);
  const { looks, left } = neededLooks(pass({ targets: targets ?? [], notes, listed }));
  assert.equal(looks.length, mostLooks);
  assert.equal(looks.filter(({ why }) => why === "newer-version").length, 10);
  assert.ok(looks.slice(0, 10).every(({ why }) => why === "newer-version"));
  assert.equal(left, 1000 + 10 - mostLooks);
});

const anyNotes: fc.Arbitrary<TargetNotes> = fc.record({
  lookedAt: fc.oneof(fc.constant(0), fc.integer({ min: now - 24 * hour, max: now })),
  classes: fc.constantFrom("c1", "c2"),
  objects: fc.constantFrom(new Map<string, string>(), new Map([[db, "100"]]), new Map([[db, "200"]])),
  open: fc.constantFrom(new Set<string>(), new Set(["kv"])),
  asked: fc.oneof(
    fc.constant(undefined),
    fc.record({
      cause: fc.constantFrom("unfinished", "unproven"),
      at: fc.integer({ min: now - hour, max: now + 10 * minute }),
      delayMs: fc.integer({ min: 10 * minute, max: hour }),
    }),
  ),
});

test("whatever was noted: bounded, each target once, urgent first, and all that is new is taken", () => {
  fc.assert(
    fc.property(fc.array(fc.option(anyNotes, { nil: undefined }), { maxLength: 80 }), (all) => {
      const input = pass(many(all.length, (index) => all[index]));
      const { looks, left, backingOff, held } = neededLooks(input);
      const keys = looks.map(({ target }) => targetKey(target));
      assert.equal(new Set(keys).size, keys.length);
      assert.ok(looks.length + left + backingOff + held <= all.length);
      const ranks = looks.map(({ why }) => lookReasons.indexOf(why));
      assert.deepEqual(
        ranks,
        [...ranks].sort((a, b) => a - b),
      );
      for (const [index, notes] of all.entries()) {
        if (notes?.objects.get(db) === "200") assert.ok(keys.includes(`blue/ns-${index}`));
      }
      // A pass right after this one, with every look noted as asked for, asks for nothing twice.
      const after = new Map(input.notes);
      for (const look of looks) {
        const key = targetKey(look.target);
        after.set(key, asking(after.get(key) ?? noNotes, look, now));
      }
      const again = neededLooks({ ...input, notes: after, now: now + minute });
      assert.deepEqual(
        again.looks.filter(({ target, cause }) =>
          looks.some((look) => targetKey(look.target) === targetKey(target) && look.cause === cause),
        ),
        [],
      );
    }),
  );
});
