/**
 * `npm test`: builds the app, then runs test/**\/*.test.ts. Paths or parts of them as arguments run those files only;
 * `--dot` prints dots instead of names.
 */

import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { globSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "../build.ts";

// Older than 22.18 never comes this far (it reads no TypeScript); test/node-version.mjs says so there.
if (Number(process.versions.node.split(".")[0]) < 24) {
  console.error(`The tests need Node 24 and run on ${process.version}. Mend it with: npm rebuild node`);
  process.exit(1);
}

const start = performance.now();
const root = fileURLToPath(new URL("..", import.meta.url));
const parts = process.argv.slice(2).filter((argument) => argument !== "--dot");
const reporter = process.argv.includes("--dot") ? "dot" : "spec";
const files = globSync("test/**/*.test.ts", { cwd: root })
  .sort()
  .filter((file) => parts.length === 0 || parts.some((part) => file.includes(part)));
if (files.length === 0) {
  console.error("No test file matches.");
  process.exit(1);
}

/**
 * Tests of pure code and of worlds in virtual time touch nothing outside their own objects, so they share two
 * processes, which saves a start for each file. The others (servers, child processes, environment) have one each; those
 * that wait most begin first.
 */
const inVirtualTime = /^test\/(core|scenarios|vectors|local\/cluster)\//;
const shared = files.filter((file) => inVirtualTime.test(file));
const halves = [0, 1].map((half) => shared.filter((_, index) => index % 2 === half));
const alone = files
  .filter((file) => !inVirtualTime.test(file))
  .sort((one, other) => Number(other.includes("end-to-end")) - Number(one.includes("end-to-end")));

await build();
const children = [
  runTests(["--test-isolation=none"], halves[0] ?? []),
  runTests(["--test-isolation=none"], halves[1] ?? []),
  runTests(["--test-concurrency=3"], alone),
].flat();
for (const signal of ["SIGINT", "SIGTERM"] as const)
  process.on(signal, () => {
    for (const child of children) child.kill(signal);
  });
const codes = await Promise.all(children.map(exitCode));
console.log(`${files.length} test files in ${((performance.now() - start) / 1000).toFixed(1)} s`);
process.exitCode = codes.every((code) => code === 0) ? 0 : 1;

function runTests(flags: readonly string[], some: readonly string[]): readonly ChildProcess[] {
  if (some.length === 0) return [];
  const args = ["--test", ...flags, `--test-reporter=${reporter}`, ...some];
  return [spawn(process.execPath, args, { cwd: root, stdio: "inherit" })];
}

async function exitCode(child: ChildProcess): Promise<number> {
  const [code]: unknown[] = await once(child, "exit");
  return typeof code === "number" ? code : 1;
}
