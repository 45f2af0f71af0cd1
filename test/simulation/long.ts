/**
 * `npm run simulate:long [-- --from SEED]`, also the second part of `npm run test:long`: 3,000 seeds that nobody has
 * played before, and every seed that ever found something.
 */

import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { enoughSeeds } from "./expected.ts";
import { reportOn } from "./report.ts";
import { runMany } from "./run-many.ts";
import { keptSeeds } from "./seeds.ts";
import { tellFailures, tellProgress } from "./tell.ts";

const { values } = parseArgs({ options: { from: { type: "string" } } });
const from = values.from === undefined ? freshBase() : Number(values.from);
if (!Number.isSafeInteger(from) || from < 0) {
  console.error(`--from needs a whole number, not ${JSON.stringify(values.from)}.`);
  process.exit(2);
}
const fresh = Array.from({ length: enoughSeeds }, (_, index) => from + index);
const seeds = [...fresh, ...keptSeeds.map(({ seed }) => seed)];
const again = `npm run simulate:long -- --from ${from}`;
console.log(`seeds ${from} to ${from + enoughSeeds - 1}, and ${keptSeeds.length} kept ones; ${again} plays them again`);
const runs = await runMany({ seeds, workers: availableParallelism(), onPlayed: tellProgress(seeds.length) });
const { text, lacking } = reportOn(runs);
console.log(text);
await tellFailures(runs.failures);
for (const what of lacking) console.log(`FAILED: ${what}`);
const failed = runs.failures.length > 0 || lacking.length > 0;
if (failed) {
  const failing = runs.failures.map(({ seed }) => seed).join(", ");
  console.log(
    `FAILED: ${runs.failures.length} of ${seeds.length} seeds${failing === "" ? "" : ` (${failing})`}; ${again}`,
  );
}
process.exitCode = failed ? 1 : 0;

/** Another range every second, for eleven days; below 2^32, where seeds begin again. */
function freshBase(): number {
  const seconds = Math.floor(Date.now() / 1000);
  return 1_000_000 + (seconds % 1_000_000) * 4_000;
}
