import { test } from "node:test";
import * as fc from "fast-check";
import { properties } from "./properties.ts";

for (const { name, check } of properties)
  test(`rendering answers, always the same and without the value: ${name}`, () => {
    fc.assert(check, { numRuns: 60 });
  });
