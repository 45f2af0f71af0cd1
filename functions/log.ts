/**
 * The Log port over the Functions host: one JSON object a line, under the invocation that caused it. Clients and
 * engine live as long as the process, so the invocation is found by the asynchronous context, not passed around.
 */

import { AsyncLocalStorage } from "node:async_hooks";
import type { InvocationContext } from "@azure/functions";
import type { Log, LogFields } from "../shared/ports.ts";

export type LogTarget = Pick<InvocationContext, "invocationId" | "functionName" | "info" | "warn" | "error">;

const levels = ["info", "warn", "error"] as const;
type Level = (typeof levels)[number];

const current = new AsyncLocalStorage<LogTarget>();

/** Runs `work`; whatever it logs, at any depth, belongs to this invocation. */
export function withInvocation<T>(target: LogTarget, work: () => Promise<T>): Promise<T> {
  return current.run(target, work);
}

/**
 * `least` is the lowest level that is written: info, warn or error; anything else counts as info. Lines outside any
 * invocation go to standard output, which the host collects too.
 */
export function createLog(
  least: string = "info",
  write: (line: string) => void = (line) => process.stdout.write(`${line}\n`),
): Log {
  const lowest = levels.findIndex((level) => level === least);

  function put(level: Level, event: string, fields: LogFields): void {
    if (levels.indexOf(level) < lowest) return;
    const target = current.getStore();
    const line = JSON.stringify({ level, event, function: target?.functionName, ...fields });
    if (target === undefined) write(line);
    else target[level](line);
  }
  return {
    info: (event, fields) => put("info", event, fields),
    warn: (event, fields) => put("warn", event, fields),
    error: (event, fields) => put("error", event, fields),
  };
}
