/** Which tests must notice that the engine is broken, and in which order they are asked. */

import { globSync } from "node:fs";
import type { Mutation } from "./mutation.ts";

/** What one process runs, in an order that finds most soon. */
export interface Suite {
  readonly name: string;
  /** Arguments of node. */
  readonly args: readonly string[];
}

const simulation = "test/simulation/simulate.ts";

/** All of it, what the mutation names as likely first. */
export function suitesFor(root: string, mutation?: Mutation): readonly Suite[] {
  const likely = mutation?.likely ?? [];
  const rest = (pattern: string) =>
    globSync(pattern, { cwd: root })
      .sort()
      .filter((file) => !likely.includes(file));
  const simulated = globSync(simulation, { cwd: root });
  return [
    ...tests("likely", likely),
    ...tests("core", [...rest("test/core/**/*.test.ts"), ...rest("test/gather*.test.ts")]),
    ...tests("contracts", rest("test/contract/*.test.ts")),
    ...tests("scenarios", rest("test/scenarios/*.test.ts")),
    ...simulated.map((file) => ({ name: "simulation", args: [file, "--from", "1", "--count", "200"] })),
  ];
}

/** They touch nothing outside their own objects but loopback sockets, so they share a process, which saves their starts. */
function tests(name: string, files: readonly string[]): readonly Suite[] {
  return files.length === 0 ? [] : [{ name, args: ["test/mutation/until-failure.ts", ...files] }];
}
