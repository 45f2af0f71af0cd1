/** The command line of `npm run mutate`. */

import { parseArgs } from "node:util";
import type { Mutation } from "./mutation.ts";

export interface Options {
  readonly jobs: 1 | 2;
  readonly chosen: readonly Mutation[];
  /** With `--only` nobody waits for the suites without a mutation. */
  readonly baseline: boolean;
}

/** Throws an error with a sentence for a person. */
export function readOptions(args: readonly string[], all: readonly Mutation[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: { jobs: { type: "string", default: "2" }, only: { type: "string", multiple: true, default: [] } },
  });
  const jobs = values.jobs === "1" ? 1 : values.jobs === "2" ? 2 : undefined;
  if (jobs === undefined) throw new Error("--jobs is 1 or 2: more would take each other's processor.");
  const unknown = values.only.filter((name) => all.every((mutation) => mutation.name !== name));
  if (unknown.length > 0) throw new Error(`No mutation has the name ${unknown.join(", ")}; see docs/mutations.md.`);
  const chosen = values.only.length === 0 ? all : all.filter(({ name }) => values.only.includes(name));
  return { jobs, chosen, baseline: values.only.length === 0 };
}
