/**
 * `npm run test:long [-- --fuzz SECONDS[,SEED]] [--from SEED]`: what takes minutes, one after the other. Every part says how
 * to play it again; the exit code is 1 if one fails.
 */

import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const { values } = parseArgs({ options: { fuzz: { type: "string" }, from: { type: "string" } } });
const parts = [
  { name: "fuzzing", file: "fuzz.ts", args: values.fuzz?.split(",") ?? [] },
  {
    name: "simulation",
    file: "../simulation/long.ts",
    args: values.from === undefined ? [] : ["--from", values.from],
  },
];
const failed = parts.filter(({ name, file, args }) => {
  console.log(`\n-- ${name}`);
  const script = fileURLToPath(new URL(file, import.meta.url));
  return spawnSync(process.execPath, [script, ...args], { stdio: "inherit" }).status !== 0;
});
console.log(
  failed.length === 0 ? "\nlong tests: all passed" : `\nFAILED: ${failed.map(({ name }) => name).join(", ")}`,
);
process.exitCode = failed.length === 0 ? 0 : 1;
