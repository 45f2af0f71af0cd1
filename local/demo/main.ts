/** The demo as a program: options, signals, exit code, and an end that leaves nothing. */

import type { AppLog } from "./app-log.ts";
import { CleanUp } from "./clean-up.ts";
import { makeFolder } from "./folder.ts";
import { onInterruption } from "./interruption.ts";
import type { LabClusters } from "./lab-cluster.ts";
import { parseDemoOptions, usage, type DemoOptions } from "./options.ts";
import { DemoProblem, Interrupted } from "./problem.ts";
import { runDemo } from "./run.ts";
import { createScreen, type Screen } from "./screen.ts";

/** Runs it on clusters of this sort. Answers the exit code: 0 only if all that it shows really happened. */
export async function demo(args: readonly string[], clusters: LabClusters): Promise<number> {
  const screen = createScreen();
  const stopping = onInterruption();
  const { signal } = stopping;
  let options: DemoOptions;
  try {
    options = parseDemoOptions(args, clusters.drivers);
  } catch (error) {
    return explained(screen, error, undefined);
  }
  if (options.help) {
    screen.say(usage);
    return 0;
  }
  const cleanUp = new CleanUp();
  let log: AppLog | undefined;
  let code: number;
  try {
    const folder = await cleanUp.own("temporary folder", makeFolder(), (made) => made.remove());
    await runDemo({
      options,
      clusters,
      screen,
      folder: folder.path,
      cleanUp,
      signal,
      fail: (problem) => stopping.abort(problem),
      onLog: (made) => (log = made),
    });
    code = signal.aborted && !(signal.reason instanceof Interrupted) ? explained(screen, signal.reason, log) : 0;
  } catch (error) {
    // Ctrl-C ends our child processes too, and the news of that may be faster than the signal.
    await new Promise((resolve) => setTimeout(resolve, 100));
    code = explained(screen, signal.aborted ? signal.reason : error, log);
  }
  // What is still starting gives up.
  stopping.abort(new Interrupted("over"));
  const left = await cleanUp.run();
  if (left.length === 0) return code;
  screen.say(`These could not be ended: ${left.join(", ")}. Look for them with: ps`);
  return 1;
}

/** Says what went wrong and what to do; answers the exit code. */
function explained({ paint, say }: Screen, error: unknown, log: AppLog | undefined): number {
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
