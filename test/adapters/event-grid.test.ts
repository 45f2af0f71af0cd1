import { test } from "node:test";
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { checkEnvelope } from "../../shared/adapters/event-grid.ts";

function fixture(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`../fixtures/events/${name}.json`, import.meta.url), "utf8"));
}

test("what Event Grid delivers has an envelope, in either schema, alone or in an array", async () => {
  for (const name of [
    "secret-as-delivered",
    "secret-as-documented",
    "secret-camel-case",
    "certificate",
    "near-expiry",
    "array-of-one",
    "cloud-event",
    "cloud-event-array",
    "validation-handshake",
  ]) {
    assert.equal(await checkEnvelope(fixture(name)), true, name);
  }
});

test("what lacks a part of the envelope has none, and nothing makes the check throw", async () => {
  for (const name of ["malformed-no-type", "malformed-no-data", "empty-array", "array-good-and-bad", "number"]) {
    assert.equal(await checkEnvelope(fixture(name)), false, name);
  }
  const cyclic: unknown[] = [];
  cyclic.push(cyclic);
  for (const body of [undefined, null, "", "{}", {}, [null], cyclic]) assert.equal(await checkEnvelope(body), false);
});
