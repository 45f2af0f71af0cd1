/** What people see while seeds are played. */

import { scriptOf } from "./run-seed.ts";
import { shrink } from "./shrink.ts";
import type { Played } from "./worker.ts";

/** A line that is written over on a terminal; elsewhere one line every 15 seconds. Failing seeds are told at once. */
export function tellProgress(total: number): (played: Played, done: number) => void {
  const begun = performance.now();
  const live = process.stderr.isTTY;
  let failing = 0;
  let told = begun;
  return ({ seed, broken }, done) => {
    if (broken.length > 0) {
      failing += 1;
      console.log(
        `${live ? "\r" : ""}seed ${seed}: ${broken[0] ?? ""}${broken.length > 1 ? ` (and ${broken.length - 1} more)` : ""}`,
      );
    }
    const now = performance.now();
    if (done < total && now - told < (live ? 200 : 15_000)) return;
    told = now;
    const perSeed = (now - begun) / done;
    const left = `${Math.ceil(((total - done) * perSeed) / 1000)} s left`;
    process.stderr.write(
      `${live ? "\r" : ""}${done} of ${total} seeds, ${failing} failing, ${left}   ${live && done < total ? "" : "\n"}`,
    );
  };
}

/** The failing seed, cut down to the acts that it needs. */
export async function tellFailure({ seed, broken }: Played): Promise<void> {
  const script = scriptOf(seed);
  const shrunk = await shrink(script, broken);
  const acts = shrunk.acts.map((act) => script.acts.indexOf(act));
  console.log(`\nseed ${seed}, cut down from ${script.acts.length} acts to ${acts.length}:`);
  for (const { at, kind, params } of shrunk.acts)
    console.log(`  ${(at / 1000).toFixed(1)} s ${kind} ${JSON.stringify(params)}`);
  for (const law of shrunk.broken.slice(0, 3)) console.log(`  broken: ${law}`);
  console.log(`  npm run simulate -- --seed ${seed} --acts ${acts.join(",")}`);
}
