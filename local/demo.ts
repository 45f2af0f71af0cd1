/**
 * `npm run demo`: the product's main job, end to end and in real time on this machine. A secret changes in the vault;
 * the built app carries it into the cluster; then the same change without the bridge. Exit code 0 only if all that it
 * shows really happened. See README.md.
 */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AppLog } from "./demo/app-log.ts";
import { CleanUp } from "./demo/clean-up.ts";
import { onInterruption } from "./demo/interruption.ts";
import { parseDemoOptions, usage, type DemoOptions } from "./demo/options.ts";
import { DemoProblem, Interrupted } from "./demo/problem.ts";
import { runDemo } from "./demo/run.ts";
import { createScreen } from "./demo/screen.ts";

const screen = createScreen();
const signal = onInterruption();
process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  let options: DemoOptions;
  try {
    options = parseDemoOptions(args);
  } catch (error) {
    return explained(error, undefined);
  }
  if (options.help) {
    screen.say(usage);
    return 0;
  }
  const cleanUp = new CleanUp();
  let log: AppLog | undefined;
  let code: number;
  try {
    const started = mkdtemp(join(tmpdir(), "rotation-bridge-demo-"));
    const folder = await cleanUp.own("temporary folder", started, (made) => rm(made, { recursive: true, force: true }));
    await runDemo({ options, screen, folder, cleanUp, signal, onLog: (made) => (log = made) });
    code = signal.aborted && !(signal.reason instanceof Interrupted) ? explained(signal.reason, log) : 0;
  } catch (error) {
    // Ctrl-C ends our child processes too, and the news of that may be faster than the signal.
    await new Promise((resolve) => setTimeout(resolve, 100));
    code = explained(signal.aborted ? signal.reason : error, log);
  }
  const left = await cleanUp.run();
  if (left.length === 0) return code;
  screen.say(`These could not be ended: ${left.join(", ")}. Look for them with: ps`);
  return 1;
}

/** Says what went wrong and what to do; answers the exit code. */
function explained(error: unknown, log: AppLog | undefined): number {
  const { paint, say } = screen;
  if (error instanceof Interrupted) {
    say("Ended.");
    return 130;
  }
  const lines = log?.tail(12) ?? [];
  if (lines.length > 0) say(`\nThe app's last log lines:\n${lines.map((line) => `  ${line}`).join("\n")}`);
  if (error instanceof DemoProblem) {
    say(`\n${paint.bad(error.message)}\n${error.mend}`);
  } else {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    say(`\n${paint.bad(`Unexpected: ${text}`)}\nThis is a defect of the demo: please report it with these lines.`);
  }
  return 1;
}
