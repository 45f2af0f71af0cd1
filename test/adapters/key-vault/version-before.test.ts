import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { versionBefore } from "../../../shared/adapters/key-vault/vault-answers.ts";

const versions = fc.uniqueArray(
  fc.record({
    version: fc.string({ unit: fc.constantFrom("a", "b", "c", "1"), minLength: 1, maxLength: 6 }),
    createdOn: fc.option(fc.integer({ min: 0, max: 8 }), { nil: undefined }),
    enabled: fc.boolean(),
  }),
  { selector: ({ version }) => version, maxLength: 8 },
);

test("walking back from any version always gets older and so ends", () => {
  fc.assert(
    fc.property(versions, fc.nat(), (all, pick) => {
      let at = all[pick % Math.max(1, all.length)];
      for (let steps = 0; at !== undefined; steps += 1) {
        assert.ok(steps <= all.length);
        const before = versionBefore(all, at.version);
        if (before !== undefined) assert.ok((before.createdOn ?? -1) < (at.createdOn ?? -1));
        at = before;
      }
    }),
  );
});

test("the order in which the vault lists its versions does not matter", () => {
  fc.assert(
    fc.property(versions, (all) => {
      for (const { version } of all) {
        assert.deepEqual(versionBefore(all.toReversed(), version), versionBefore(all, version));
      }
    }),
  );
});

test("no version lies between a version and the one before it", () => {
  fc.assert(
    fc.property(versions, (all) => {
      for (const { version, createdOn = -1 } of all) {
        const before = versionBefore(all, version);
        if (before === undefined) continue;
        const between = all.filter(
          (other) =>
            other.version !== version &&
            other.version !== before.version &&
            (other.createdOn ?? -1) >= (before.createdOn ?? -1) &&
            (other.createdOn ?? -1) <= createdOn,
        );
        assert.deepEqual(between, []);
      }
    }),
  );
});
