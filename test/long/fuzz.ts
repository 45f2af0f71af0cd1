/**
 * `npm run test:long`, its first part (`node test/long/fuzz.ts [SECONDS [SEED]]`): the properties of rendering, tried for a
 * minute in turns. Ends with exit code 1 if one does not hold, or if a single rendering took much longer than the hashing
 * that one PFX may ask for.
 */

import * as fc from "fast-check";
import { HashBudget } from "../../shared/core/rendering/pkcs12/derive.ts";
import { sha1Again } from "../../shared/core/rendering/pkcs12/sha1-again.ts";
import { properties } from "../core/rendering/properties.ts";
import type { Property } from "../core/rendering/properties.ts";

const seconds = Number(process.argv[2] ?? 60);
const firstSeed = Number(process.argv[3] ?? Date.now() % 2 ** 31);
const runsPerTurn = 50;

console.log(`seed ${firstSeed} for ${seconds} s; npm run test:long -- --fuzz ${seconds},${firstSeed} repeats it`);
const allowed = 3 * timeOf(() => sha1Again(new Uint8Array(20), HashBudget.hashes));
const runs = new Map(properties.map(({ name }) => [name, 0]));
const end = performance.now() + seconds * 1000;
let slowest = { name: "", ms: 0 };
let told = 0;
const turns = properties.map(timed);

for (let turn = 0; performance.now() < end; turn += 1) {
  const one = turns[turn % turns.length];
  if (one === undefined) throw new Error("There is no property to try.");
  // Each turn has a seed of its own, so that fast-check's word for a failure repeats it.
  const ms = timeOf(() => {
    fc.assert(one.check, { numRuns: runsPerTurn, seed: firstSeed + turn });
  });
  runs.set(one.name, (runs.get(one.name) ?? 0) + runsPerTurn);
  if (performance.now() - told > 10_000 || ms > 10_000) {
    told = performance.now();
    console.log(`${Math.max(0, Math.round((end - told) / 1000))} s left, ${total()} runs`);
  }
}

for (const [name, count] of runs) console.log(`${count} runs: ${name}`);
const memory = Math.round(process.resourceUsage().maxRSS / 1024);
console.log(
  `slowest: ${Math.round(slowest.ms)} ms (${slowest.name}); at most ${Math.round(allowed)} ms; ${memory} MB at most`,
);
console.log(`${total()} runs, nothing but answers`);
if (slowest.ms > allowed) process.exitCode = 1;

function total(): number {
  return [...runs.values()].reduce((sum, count) => sum + count, 0);
}

/** Puts each run of a property under the clock. */
function timed({ name, check }: Property): Property {
  const run = check.run.bind(check);
  check.run = (value) => {
    const begin = performance.now();
    const result = run(value);
    const ms = performance.now() - begin;
    if (ms > slowest.ms) slowest = { name, ms };
    return result;
  };
  return { name, check };
}

function timeOf(work: () => void): number {
  const begin = performance.now();
  work();
  return performance.now() - begin;
}
