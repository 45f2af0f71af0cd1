/** `npm run test:long`, its simulation: 3,000 seeds that nobody has played before, and every seed that ever found something. */

import { availableParallelism } from "node:os";
import { reportOn } from "./report.ts";
import { runMany } from "./run-many.ts";
import { keptSeeds } from "./seeds.ts";
import { tellFailure, tellProgress } from "./tell.ts";

const freshSeeds = 3000;
const day = 86_400_000;

// Another range every day, and the same one all day.
const base = Math.floor(Date.now() / day) * 100_000;
const fresh = Array.from({ length: freshSeeds }, (_, index) => base + index);
const seeds = [...fresh, ...keptSeeds.map(({ seed }) => seed)];
console.log(`seeds ${base} to ${base + freshSeeds - 1}, and ${keptSeeds.length} kept ones`);
const runs = await runMany({ seeds, workers: availableParallelism(), onPlayed: tellProgress(seeds.length) });
const { text, lacking } = reportOn(runs);
console.log(text);
for (const failure of runs.failures.slice(0, 3)) await tellFailure(failure);
for (const what of lacking) console.log(`FAILED: ${what}`);
process.exitCode = runs.failures.length === 0 && lacking.length === 0 ? 0 : 1;
