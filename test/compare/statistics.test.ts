import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { quantile } from "../bench/numbers.ts";
import { spreadOf } from "../rig/compare/statistics.ts";
import { spreadText } from "../rig/compare/tables.ts";
import { bridgeAnHour, driverAnHour, mountsOfRotation, rateOf } from "../rig/compare/vault-law.ts";

describe("Spread of a sample", () => {
  test("p50, min and max do not depend on the order", () => {
    assert.deepEqual(spreadOf([3000, 1000, 2000]), { n: 3, came: 3, p50: 2000, min: 1000, max: 3000 });
  });

  test("what never came is counted and no part of the numbers", () => {
    assert.deepEqual(spreadOf([undefined, 4000, undefined]), { n: 3, came: 1, p50: 4000, min: 4000, max: 4000 });
  });

  for (const [sample, text] of [
    [[3040, 1000, 2000], "2.0 (1.0 to 3.0)"],
    [[undefined, 4000], "4.0 (4.0 to 4.0); never 1 of 2"],
    [[undefined, undefined], "never (2 of 2)"],
  ] as const) {
    test(`it reads ${text}`, () => assert.equal(spreadText(spreadOf(sample)), text));
  }

  test("p99 of 200 lies above 198 of them, and of none there is no number", () => {
    const sample = Array.from({ length: 200 }, (_, index) => index + 1);
    assert.equal(quantile(sample, 0.99), 199);
    assert.ok(Number.isNaN(quantile([], 0.5)));
  });
});

describe("The law of the vault's requests", () => {
  test("a rate is for one pod, one object and one hour", () => {
    assert.equal(rateOf({ pods: 3, objects: 3, minutes: 10, requests: 45 }), 30);
  });

  test("the driver's polls grow with pods and objects, and so do the mounts of a rotation", () => {
    assert.equal(driverAnHour(30, 100, 3), 9000);
    assert.equal(mountsOfRotation(100, 3), 300);
  });

  test("the bridge's looks grow with objects only, four an hour", () => {
    assert.equal(bridgeAnHour({ objects: 15, requests: 15 }, 3), 12);
  });
});
