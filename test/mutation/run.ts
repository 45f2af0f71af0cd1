/**
 * `npm run mutate [-- --jobs 1] [-- --only NAME]`: breaks the engine in each way of mutations.ts, one at a time and in a
 * copy of the sources, and runs the tests until one fails. Ends with exit code 1 if they stay green.
 */

import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { forEachBounded } from "../../shared/bounded.ts";
import type { Mutation } from "./mutation.ts";
import { mutations } from "./mutations.ts";
import { readOptions } from "./options.ts";
import { endSuites, runSuite } from "./run-suite.ts";
import { suitesFor } from "./suites.ts";
import { makeWorkplace, mutated } from "./workplace.ts";
import type { Workplace } from "./workplace.ts";

interface Tried {
  readonly mutation: Mutation;
  /** The test that noticed; undefined: it survived. */
  readonly caughtBy: string | undefined;
  readonly seconds: number;
}

const root = fileURLToPath(new URL("../..", import.meta.url)).replace(/\/$/, "");
/** A broken engine may run in circles for ever; the whole of a suite takes a minute or two. */
const longestSuiteMs = 10 * 60_000;

const options = readOptions(process.argv.slice(2), mutations);
for (const mutation of mutations) mutated(await readFile(join(root, mutation.file), "utf8"), mutation);
const workplaces = await Promise.all(Array.from({ length: options.jobs }, () => makeWorkplace(root)));
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => void stop());

try {
  if (options.baseline) await mustBeGreen();
  const tried = await tryAll(options.chosen);
  process.exitCode = report(tried) ? 0 : 1;
} finally {
  await cleanUp();
}

async function mustBeGreen(): Promise<void> {
  const [workplace] = workplaces;
  if (workplace === undefined) throw new Error("There is no copy to work in.");
  const { caughtBy, seconds } = await askTests(workplace);
  if (caughtBy !== undefined) throw new Error(`Without a mutation the tests must be green. Failed: ${caughtBy}`);
  console.log(`without a mutation: green in ${seconds.toFixed(0)} s`);
}

async function tryAll(chosen: readonly Mutation[]): Promise<readonly Tried[]> {
  const free = [...workplaces];
  let done = 0;
  const results = await forEachBounded(chosen, workplaces.length, async (mutation) => {
    const workplace = free.pop();
    if (workplace === undefined) throw new Error("More work than copies to work in.");
    const tried = await tryOne(mutation, workplace);
    free.push(workplace);
    done += 1;
    console.log(`${done}/${chosen.length} ${lineOf(tried)}`);
    return tried;
  });
  return results.map((result) => {
    if (result.status === "rejected") throw result.reason;
    return result.value;
  });
}

async function tryOne(mutation: Mutation, workplace: Workplace): Promise<Tried> {
  const mend = await workplace.mutate(mutation);
  try {
    await mustLoad(mutation, workplace);
    return { mutation, ...(await askTests(workplace, mutation)) };
  } finally {
    await mend();
  }
}

/** An engine that does not load is broken in no way that people meet. */
async function mustLoad({ name, file }: Mutation, { folder }: Workplace): Promise<void> {
  try {
    await promisify(execFile)(process.execPath, ["--import", `./${file}`, "--eval", ""], { cwd: folder });
  } catch (error) {
    throw new Error(`${name}: ${file} does not load any more.`, { cause: error });
  }
}

async function askTests({ folder }: Workplace, mutation?: Mutation): Promise<Pick<Tried, "caughtBy" | "seconds">> {
  let ms = 0;
  for (const suite of suitesFor(folder, mutation)) {
    const result = await runSuite(suite, folder, longestSuiteMs);
    ms += result.ms;
    if (result.failure !== undefined) return { caughtBy: result.failure, seconds: ms / 1000 };
  }
  return { caughtBy: undefined, seconds: ms / 1000 };
}

/** Says how all went; true if every mutation was caught. */
function report(all: readonly Tried[]): boolean {
  const survived = all.filter(({ caughtBy }) => caughtBy === undefined);
  console.log("\n| mutation | caught by | s |\n|---|---|---|");
  for (const { mutation, caughtBy, seconds } of all) {
    console.log(`| ${mutation.name} | ${caughtBy?.split("\n")[0] ?? "**nothing**"} | ${seconds.toFixed(0)} |`);
  }
  console.log(`\n${all.length - survived.length} of ${all.length} caught`);
  for (const { mutation } of survived) console.log(`survived: ${mutation.name} (${mutation.harm})`);
  return survived.length === 0;
}

function lineOf({ mutation, caughtBy, seconds }: Tried): string {
  return `${mutation.name}: ${caughtBy === undefined ? "SURVIVED" : `caught by ${caughtBy}`} (${seconds.toFixed(1)} s)`;
}

async function stop(): Promise<void> {
  endSuites();
  await cleanUp();
  process.exit(1);
}

async function cleanUp(): Promise<void> {
  await Promise.all(workplaces.map((workplace) => workplace.remove()));
}
