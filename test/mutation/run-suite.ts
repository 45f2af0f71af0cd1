/** Runs a suite in a process of its own; until-failure.ts ends it at its first failure. */

import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { relative } from "node:path";
import { createInterface } from "node:readline";
import type { Suite } from "./suites.ts";

export interface SuiteResult {
  /** What failed, and from the second line on why; undefined: the suite is green. */
  readonly failure: string | undefined;
  readonly ms: number;
}

const running = new Set<ChildProcess>();

/** `limitMs`: a suite that has not ended by then hangs, which is a failure too. */
export async function runSuite(suite: Suite, folder: string, limitMs: number): Promise<SuiteResult> {
  const begin = performance.now();
  const child = spawn(process.execPath, suite.args, { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
  running.add(child);
  let failure: string | undefined;
  const timer = setTimeout(() => {
    failure ??= `${suite.name}: did not end within ${Math.round(limitMs / 1000)} s`;
    child.kill("SIGKILL");
  }, limitMs);
  const words: string[] = [];
  for (const input of [child.stdout, child.stderr]) {
    createInterface({ input }).on("line", (line) => {
      words.push(line);
      failure ??= failureIn(line, folder);
    });
  }
  const [code]: unknown[] = await once(child, "close");
  clearTimeout(timer);
  running.delete(child);
  if (code !== 0) failure ??= `${suite.name}: ended with ${String(code)}\n${words.slice(-20).join("\n")}`;
  return { failure, ms: performance.now() - begin };
}

/** Ends what still runs. */
export function endSuites(): void {
  for (const child of running) child.kill("SIGKILL");
}

/** What until-failure.ts says. Other lines are the tests' own words. */
function failureIn(line: string, folder: string): string | undefined {
  if (!line.startsWith("{")) return undefined;
  let said: unknown;
  try {
    said = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (typeof said !== "object" || said === null || !("test" in said) || !("file" in said)) return undefined;
  const { test, file } = said;
  if (typeof test !== "string" || typeof file !== "string") return undefined;
  return `${relative(folder, file)}: ${test}${"why" in said ? `\n  ${String(said.why)}` : ""}`;
}
