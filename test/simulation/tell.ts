/** What people see while seeds are played. */

import { scriptOf } from "./run-seed.ts";
import { shrink } from "./shrink.ts";
import type { Played } from "./worker.ts";

/** A line that is written over on a terminal; elsewhere one line every 15 seconds. Failing seeds are told at once. */
export function tellProgress(total: number): (played: Played, done: number) => void {
  const live = process.stderr.isTTY;
  const marks = [{ at: performance.now(), done: 0 }];
  let failing = 0;
  return ({ seed, broken }, done) => {
    if (broken.length > 0) {
      failing += 1;
      console.log(
        `${live ? "\r" : ""}seed ${seed}: ${broken[0] ?? ""}${broken.length > 1 ? ` (and ${broken.length - 1} more)` : ""}`,
      );
    }
    const now = performance.now();
    if (done < total && now - (marks.at(-1)?.at ?? 0) < (live ? 200 : 15_000)) return;
    // What is left is judged by the last minute: the first seeds are slower, and machines are shared.
    while (marks.length > 1 && now - (marks[0]?.at ?? now) > 60_000) marks.shift();
    const since = marks[0] ?? { at: now, done };
    const rate = (1000 * (done - since.done)) / Math.max(1, now - since.at);
    marks.push({ at: now, done });
    const share = ((100 * done) / total).toFixed(done < total ? 1 : 0);
    const left = `${rate.toFixed(1)} a second, ${duration((total - done) / rate)} left`;
    process.stderr.write(
      `${live ? "\r" : ""}${done} of ${total} seeds (${share} %), ${left}, ${failing} failing   ${live && done < total ? "" : "\n"}`,
    );
  };
}

/** At most this many failing seeds are cut down, and no longer than this altogether. */
const mostShrunk = 5;
const shrinkForMs = 300_000;

/** Failing seeds, cut down to the acts that they need: as many as there is time for, the others by their numbers. */
export async function tellFailures(failures: readonly Played[], forMs: number = shrinkForMs): Promise<void> {
  const until = performance.now() + forMs;
  const left = new Set(failures);
  // What killed a thread would kill this one too.
  for (const failure of failures.filter(({ killed }) => killed !== true).slice(0, mostShrunk)) {
    if (performance.now() >= until) break;
    await tellFailure(failure, until);
    left.delete(failure);
  }
  if (left.size > 0) console.log(`\nfailing, not cut down: ${[...left].map(({ seed }) => seed).join(", ")}`);
}

/** The failing seed, cut down to the acts that it needs as far as that goes `until` then (of `performance.now()`). */
export async function tellFailure({ seed, broken }: Played, until: number = Infinity): Promise<void> {
  const script = scriptOf(seed);
  const shrunk = await shrink(script, broken, { until });
  const acts = shrunk.acts.map((act) => script.acts.indexOf(act));
  console.log(`\nseed ${seed}, cut down from ${script.acts.length} acts to ${acts.length}:`);
  for (const { at, kind, params } of shrunk.acts)
    console.log(`  ${(at / 1000).toFixed(1)} s ${kind} ${JSON.stringify(params)}`);
  for (const law of shrunk.broken.slice(0, 3)) console.log(`  broken: ${law}`);
  console.log(`  npm run simulate -- --seed ${seed} --acts ${acts.join(",")}`);
}

/** `1 h 5 min`, `4 min 10 s`, `9 s`. */
export function duration(seconds: number): string {
  const whole = Math.ceil(seconds);
  if (!Number.isFinite(whole)) return "?";
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  if (hours > 0) return `${hours} h ${minutes} min`;
  return minutes > 0 ? `${minutes} min ${whole % 60} s` : `${whole} s`;
}
