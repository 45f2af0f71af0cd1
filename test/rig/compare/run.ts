/**
 * `npm run compare [-- --samples 15 --cells bridge-161-off,idle-161-off --quick --docs FOLDER --tables]`: how long a new
 * version takes to the synced Secret and to all pods, and what it costs in vault requests, for the ways people have.
 * All rigs side by side in one run; writes docs/compare.md and its raw data. Needs Go and root, and a quiet machine.
 */

import { fileURLToPath } from "node:url";
import { modeName } from "../scenarios/scenario.ts";
import type { Mode } from "../scenarios/scenario.ts";
import { startGround } from "../scenarios/ground.ts";
import { objects, replicas } from "./application.ts";
import { type Cell, cells as allCells } from "./cells.ts";
import { type Field, startField } from "./field.ts";
import { readResults, writeRaw, writeTables } from "./files.ts";
import { machineFacts } from "./machine.ts";
import { type Played, play } from "./play.ts";
import type { Results, Sample } from "./results.ts";
import { type Settings, settingsFrom } from "./settings.ts";
import { measured } from "./tables.ts";

const begun = Date.now();
const settings = readSettings();
if (settings.tablesOnly) {
  const results = settings.docs === undefined ? undefined : await readResults(settings.docs);
  if (settings.docs === undefined || results === undefined) fail("There is no raw data.");
  await writeTables(settings.docs, results);
} else await run();

async function run(): Promise<void> {
  const { cells, namespaces, rounds } = settings;
  const total = cells.filter(({ way }) => way !== "idle").length * namespaces * rounds;
  const longest = rounds * (settings.quietSeconds + settings.randomSeconds + 130) + 90;
  console.log(`${total} versions in ${cells.length} cells; about ${Math.ceil(longest / 60)} minutes at most`);
  const ground = await startGround();
  // A rig ends with the process; what runs on this side would hold it.
  for (const signal of ["SIGINT", "SIGTERM"] as const)
    process.on(signal, () => void ground.close().finally(() => process.exit(130)));
  const fields: Field[] = [];
  try {
    for (const mode of modesOf(cells)) {
      const own = cells.filter((cell) => modeName(cell.mode) === modeName(mode));
      fields.push(await startField(mode, own, settings, ground, (line) => say(mode, line)));
    }
    let done = 0;
    const found = await Promise.all(
      fields.map((field) =>
        play(field, settings, begun, (cell, sample) => {
          done += 1;
          say(field.mode, `${cell.id}: ${told(sample)} (${done}/${total})`);
        }),
      ),
    );
    const [first] = fields;
    if (first === undefined) throw new Error("No cell was chosen.");
    const facts = await machineFacts(first.rig.admin);
    await finish(found, facts);
  } finally {
    await Promise.all(fields.map((field) => field.close()));
    await ground.close();
  }
  process.exit(0);
}

async function finish(found: readonly Played[], facts: Awaited<ReturnType<typeof machineFacts>>): Promise<void> {
  const { namespaces, rounds, pollInterval, syncSeconds, quietSeconds, randomSeconds } = settings;
  const command = ["npm run compare", ...process.argv.slice(2)].join(" ").replace("compare ", "compare -- ");
  const minutes = (Date.now() - begun) / 60_000;
  const numbers = { namespaces, rounds, replicas, objects: objects.length, pollInterval, syncSeconds };
  const header = { ...facts, command, minutes, ...numbers, quietSeconds, randomSeconds };
  const samples = found.flatMap((one) => one.samples);
  const results: Results = {
    rotations: { run: header, samples },
    vaultRequests: {
      run: header,
      steady: found.flatMap((one) => one.steady),
      looks: found.flatMap((one) => one.looks),
      rotations: samples
        .filter(({ mode }) => mode.rotation === "off")
        .map(({ way, mode, vault }) => ({ way, mode, ...vault })),
    },
  };
  console.log(`\n${measured(results).join("\n")}`);
  if (settings.docs === undefined) return;
  await writeRaw(settings.docs, results);
  await writeTables(settings.docs, results);
  console.log(`\nWritten to ${settings.docs}.`);
}

function told({ secretMs, podsMs, starts, wrongStarts, outcome }: Sample): string {
  const after = (ms: number | null) => (ms === null ? "never" : `after ${(ms / 1000).toFixed(1)} s`);
  const said = outcome === null ? "" : `, bridge says ${outcome}`;
  return `Secret ${after(secretMs)}, pods ${after(podsMs)}, ${wrongStarts} of ${starts} started wrong${said}`;
}

function modesOf(cells: readonly Cell[]): readonly Mode[] {
  return [
    ...new Map(allCells.filter((cell) => cells.includes(cell)).map(({ mode }) => [modeName(mode), mode])).values(),
  ];
}

function say(mode: Mode, line: string): void {
  console.log(`${((Date.now() - begun) / 1000).toFixed(0).padStart(5)} s  ${modeName(mode).padEnd(9)}  ${line}`);
}

function readSettings(): Settings {
  try {
    return settingsFrom(process.argv.slice(2), fileURLToPath(new URL("../../../docs", import.meta.url)));
  } catch (error) {
    return fail(error instanceof Error ? error.message : "The arguments could not be read.");
  }
}

function fail(message: string): never {
  console.error(message);
  process.exit(2);
}
