/**
 * `npm test`: builds the app, then runs test/**\/*.test.ts. Paths or parts of them as arguments run those files only;
 * `--dot` prints dots instead of names.
 */

import { spawn } from "node:child_process";
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
// The end-to-end files mostly wait, so they run beside everything else from the start.
const files = globSync("test/**/*.test.ts", { cwd: root })
  .sort(
    (one, other) => Number(other.includes("end-to-end")) - Number(one.includes("end-to-end")) || (one < other ? -1 : 1),
  )
  .filter((file) => parts.length === 0 || parts.some((part) => file.includes(part)));
if (files.length === 0) {
  console.error("No test file matches.");
  process.exit(1);
}

await build();
const child = spawn(process.execPath, ["--test", "--test-concurrency=4", `--test-reporter=${reporter}`, ...files], {
  cwd: root,
  stdio: "inherit",
});
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => child.kill(signal));
await once(child, "exit");
console.log(`${files.length} test files in ${((performance.now() - start) / 1000).toFixed(1)} s`);
process.exitCode = child.exitCode ?? 1;
