/**
 * `npm run test:rig [-- --only A4,B9 --modes 1.6.1-off --least]`: the acceptance scenarios with the built app, a host, a queue
 * and vaults on this side and real clusters with real drivers on the other. One rig for each mode of the driver, side
 * by side; ends with a table and fails if one scenario does. With `--least` the bridge has the rights that `rotation-bridge
 * rbac` prints, kept up with the classes, and the cage. Needs Go and root.
 */

import { parseArgs } from "node:util";
import { scenarios as all } from "./all.ts";
import { startGround } from "./ground.ts";
import { modeName, modes as allModes } from "./scenario.ts";
import type { Mode, Scenario } from "./scenario.ts";
import { play } from "./play.ts";
import { startStage } from "./stage.ts";
import type { Stage } from "./stage.ts";
import { type Result, table } from "./table.ts";

/** Scenarios of one mode that run at one time; they mostly wait. */
const sideBySide = 4;

const { values } = parseArgs({
  options: { only: { type: "string" }, modes: { type: "string" }, least: { type: "boolean" } },
});
const scenarios = chosen(all, values.only, ({ id }) => id);
const modes = chosen(allModes, values.modes, modeName);
const rights = values.least === true ? "least" : "all-namespaces";
const begun = Date.now();
const results: Result[] = [];
const total = modes.reduce((sum, mode) => sum + scenariosOf(mode).length, 0);
console.log(`${total} runs of ${scenarios.length} scenarios in ${modes.length} modes`);

// Each app and server of each stage has its own.
process.setMaxListeners(200);
const ground = await startGround();
const stages: Stage[] = [];
// A rig ends with the process; what runs on this side would hold it.
for (const signal of ["SIGINT", "SIGTERM"] as const)
  process.on(signal, () => {
    void ground.close().finally(() => process.exit(130));
  });
try {
  // The first build is common to them, so one after the other.
  for (const mode of modes) {
    const own = scenariosOf(mode);
    if (own.length > 0) stages.push(await startStage(mode, own, ground, (line) => say(mode, line), rights));
  }
  await Promise.all(stages.map(runAll));
} finally {
  await Promise.all(stages.map((stage) => stage.close()));
  await ground.close();
}

const failures = results.filter(({ error }) => error !== undefined);
for (const { scenario, mode, error } of failures) {
  console.error(`\n${modeName(mode)} ${scenario.id} ${scenario.title}\n${told(error)}`);
}
console.log(`\n${table(scenarios, modes, results).join("\n")}`);
for (const { scenario, mode, notes } of results)
  for (const note of notes) console.log(`\n${scenario.id}, ${modeName(mode)}: ${note}`);
console.log(
  `\n${results.length - failures.length} of ${total} passed, ${failures.length} failed, in ${((Date.now() - begun) / 1000).toFixed(0)} s`,
);
process.exit(failures.length === 0 && results.length === total && total > 0 ? 0 : 1);

async function runAll(stage: Stage): Promise<void> {
  const waiting = scenariosOf(stage.mode).toSorted((one, other) => (other.seconds ?? 30) - (one.seconds ?? 30));
  const worker = async () => {
    for (let scenario = waiting.shift(); scenario !== undefined; scenario = waiting.shift()) await one(stage, scenario);
  };
  await Promise.all(Array.from({ length: sideBySide }, worker));
}

async function one(stage: Stage, scenario: Scenario): Promise<void> {
  const start = Date.now();
  let error: unknown;
  const notes: string[] = [];
  try {
    await play(stage, scenario, (text) => notes.push(text));
  } catch (thrown) {
    error = thrown ?? new Error("Nothing was thrown.");
  }
  const ms = Date.now() - start;
  results.push({ scenario, mode: stage.mode, ms, error, notes });
  const verdict = error === undefined ? "holds" : "FAILED";
  say(
    stage.mode,
    `${scenario.id} ${scenario.title}: ${verdict} after ${(ms / 1000).toFixed(0)} s (${results.length}/${total})`,
  );
}

function scenariosOf(mode: Mode): readonly Scenario[] {
  return scenarios.filter((scenario) => scenario.in?.(mode) ?? true);
}

function say(mode: Mode, line: string): void {
  console.log(`${((Date.now() - begun) / 1000).toFixed(0).padStart(4)} s  ${modeName(mode).padEnd(9)}  ${line}`);
}

function told(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

function chosen<T>(from: readonly T[], names: string | undefined, nameOf: (one: T) => string): readonly T[] {
  if (names === undefined) return from;
  const wanted = names.split(",");
  for (const name of wanted) {
    if (from.some((one) => nameOf(one) === name)) continue;
    console.error(`There is no ${name}. There are: ${[...new Set(from.map(nameOf))].join(", ")}`);
    process.exit(2);
  }
  return from.filter((one) => wanted.includes(nameOf(one)));
}
