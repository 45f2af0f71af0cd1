/**
 * `npm run simulate -- --seed N` replays one seed with a trace (`--acts 2,5` with these of its acts only);
 * `--count N [--from N]` runs many and reports.
 */

import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { reportOn } from "./report.ts";
import { runMany } from "./run-many.ts";
import { play, scriptOf } from "./run-seed.ts";
import { tellFailures, tellProgress } from "./tell.ts";

const { values } = parseArgs({
  options: {
    seed: { type: "string" },
    acts: { type: "string" },
    count: { type: "string", default: "200" },
    from: { type: "string", default: "1" },
    workers: { type: "string", default: String(availableParallelism()) },
  },
});

// A reader that has seen enough (`| head`) is no error.
process.stdout.on("error", () => process.exit(0));
if (values.seed === undefined) await simulateMany();
else await replay(whole(values.seed, "--seed"));

async function replay(seed: number): Promise<void> {
  const whole = scriptOf(seed);
  const kept = values.acts?.split(",").map(Number);
  const script = kept === undefined ? whole : { ...whole, acts: whole.acts.filter((_, index) => kept.includes(index)) };
  const { spaces, ...shape } = script.shape;
  console.log(JSON.stringify(shape));
  for (const space of spaces) console.log(JSON.stringify(space));
  script.acts.forEach(({ at, kind, params }) =>
    console.log(
      `act ${whole.acts.findIndex((act) => act.at === at && act.kind === kind)} ${seconds(at)} ${kind} ${JSON.stringify(params)}`,
    ),
  );
  const { broken, steps } = await play(script, (at, text) => console.log(`${seconds(at)} ${text}`));
  console.log(`${steps} remote calls; ${broken.length === 0 ? "every law held" : "broken:"}`);
  for (const law of broken) console.log(`  ${law}`);
  process.exitCode = broken.length === 0 ? 0 : 1;
}

async function simulateMany(): Promise<void> {
  const from = whole(values.from, "--from");
  const seeds = Array.from({ length: whole(values.count, "--count") }, (_, index) => from + index);
  // Ctrl+C ends it early, with a report on what was played; a second one at once.
  const stop = new AbortController();
  process.once("SIGINT", () => stop.abort());
  const runs = await runMany({
    seeds,
    workers: whole(values.workers, "--workers"),
    onPlayed: tellProgress(seeds.length),
    signal: stop.signal,
  });
  const { text, lacking } = reportOn(runs);
  console.log(text);
  await tellFailures(runs.failures);
  for (const what of lacking) console.log(`FAILED: ${what}`);
  process.exitCode = runs.failures.length === 0 && lacking.length === 0 ? 0 : 1;
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(1).padStart(7);
}

function whole(text: string, option: string): number {
  const number = Number(text);
  if (Number.isSafeInteger(number) && number >= 0) return number;
  console.error(`${option} needs a whole number, not ${JSON.stringify(text)}.`);
  process.exit(2);
}
