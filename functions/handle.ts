/** What every handler has around it: its log lines belong to its invocation, and no foreign error leaves it. */

import { RemoteProblem } from "../shared/core/remote-problem.ts";
import { thrownAt } from "../shared/core/thrown-at.ts";
import type { Log } from "../shared/ports.ts";
import { type App, ConfigurationProblem, type Deps } from "./deps.ts";
import { type LogTarget, withInvocation } from "./log.ts";

/**
 * Runs `work` with the app, under the invocation's log. A failure is logged once, in our words, and fails the
 * invocation, so that the host gives the message again. An error of unknown kind leaves only its class behind: its
 * text could hold an SDK's answer, and the Event Grid extension sends the text to the caller (docs/facts.md).
 */
export function handle(deps: Deps, context: LogTarget, work: (app: App) => Promise<void>): Promise<void> {
  return withInvocation(context, async () => {
    try {
      await work(await deps.app());
    } catch (error) {
      throw reported(deps.log, error);
    }
  });
}

/** Logs a failure once, in our words; the error that comes back has no others. */
export function reported(log: Log, error: unknown): Error {
  if (error instanceof ConfigurationProblem) {
    log.error("configuration-invalid", { problems: error.problems });
    return new Error("The configuration is invalid; the log line configuration-invalid names every problem.");
  }
  if (error instanceof RemoteProblem) {
    log.error("invocation-failed", { kind: error.kind, status: error.status, message: error.message });
    return new Error(error.message);
  }
  const kind = error instanceof Error ? error.name : typeof error;
  log.error("invocation-failed", { kind, at: thrownAt(error) });
  return new Error(`Unexpected ${kind}.`);
}
