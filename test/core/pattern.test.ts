import { test } from "node:test";
import assert from "node:assert/strict";
import * as fc from "fast-check";
import { didYouMean } from "../../shared/core/did-you-mean.ts";
import { parseDuration } from "../../shared/core/duration.ts";
import { matchesPattern } from "../../shared/core/pattern.ts";

test("a star stands for any characters, and nothing else is special", () => {
  for (const [pattern, text, expected] of [
    ["*", "", true],
    ["*", "shop", true],
    ["shop", "shop", true],
    ["shop", "shop-a", false],
    ["shop-*", "shop-", true],
    ["*-prod", "aks-prod", true],
    ["a*a", "a", false],
    ["a*b*c", "axxbyyc", true],
    ["a*b*bc", "abc", false],
    ["**", "x", true],
    ["sh.p", "shop", false],
  ] as const) {
    assert.equal(matchesPattern(pattern, text), expected, `${pattern} ${text}`);
  }
});

test("patterns match as the regular expression with the same meaning does", () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[ab*]{0,8}$/), fc.stringMatching(/^[ab]{0,10}$/), (pattern, text) => {
      const same = new RegExp(`^${pattern.replaceAll(/\*+/g, ".*")}$`).test(text);
      assert.equal(matchesPattern(pattern, text), same);
    }),
    { numRuns: 2_000 },
  );
});

test("durations are a number and a unit", () => {
  for (const [text, ms] of [
    ["500ms", 500],
    ["2s", 2_000],
    ["10m", 600_000],
    ["1h", 3_600_000],
    ["0s", 0],
    ["", undefined],
    ["2", undefined],
    ["1h30m", undefined],
    ["-1s", undefined],
    ["1 s", undefined],
    ["99999999s", undefined],
  ] as const) {
    assert.equal(parseDuration(text), ms, text);
  }
});

test("suggests a known word only if it is near", () => {
  const known = ["namespaces", "mode", "modes"];
  assert.equal(didYouMean("namespcaes", known), "namespaces");
  assert.equal(didYouMean("Mode", known), "mode");
  assert.equal(didYouMean("timeout", known), undefined);
  assert.equal(didYouMean("x".repeat(100_000), known), undefined);
});
