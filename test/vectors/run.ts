/**
 * `npm run vectors [-- DIR]`: our rendering against what the real provider and driver did (default: the vectors of
 * this repository). Ends with `N passed, N failed`; exit code 1 if anything failed.
 */

import path from "node:path";
import { readCases } from "./cases.ts";
import { byPod, leftOutFor } from "./categories.ts";
import type { Category } from "./categories.ts";
import { difference, refusesSomething, unsafe } from "./compare.ts";

const folder = process.argv[2] ?? path.join(import.meta.dirname, "rendering");
const counts = { passed: 0, failed: 0, refused: 0, right: 0 };
const leftOut = new Map<Category, number>();

for (const vector of readCases(folder)) {
  const category = leftOutFor(vector);
  if (category === undefined) {
    const found = difference(vector);
    if (found === undefined) counts.passed += 1;
    else fail(vector.name, found);
    continue;
  }
  leftOut.set(category, (leftOut.get(category) ?? 0) + 1);
  if (byPod.has(category)) continue;
  const found = unsafe(vector);
  if (found !== undefined) fail(vector.name, found);
  else if (refusesSomething(vector)) counts.refused += 1;
  else counts.right += 1;
}

for (const [category, count] of leftOut)
  console.log(`left out: ${count} (${category}${byPod.has(category) ? "; not in the class, so not looked at" : ""})`);
console.log(`of the left out: ${counts.refused} refused as they must be, ${counts.right} rendered right all the same`);
console.log(`${counts.passed} passed, ${counts.failed} failed`);
process.exitCode = counts.failed === 0 ? 0 : 1;

function fail(name: string, found: string): void {
  counts.failed += 1;
  console.log(`${name}: ${found}`);
}
