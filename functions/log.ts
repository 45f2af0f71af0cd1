/**
 * The Log port over the Functions host: one JSON object a line, under the invocation that caused it. Clients and
 * engine live as long as the process, so the invocation is found by the asynchronous context, not passed around.
 */

import { AsyncLocalStorage } from "node:async_hooks";
import type { InvocationContext } from "@azure/functions";
import { printable } from "../shared/core/printable.ts";
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
    const line = JSON.stringify({ level, event, function: target?.functionName, ...bounded(fields) });
    if (target === undefined) write(line);
    else target[level](line);
  }
  return {
    info: (event, fields) => put("info", event, fields),
    warn: (event, fields) => put("warn", event, fields),
    error: (event, fields) => put("error", event, fields),
  };
}

/**
 * Names of tenants reach a line: a class may call a Secret anything. JSON keeps a line one line; this keeps it readable
 * and below 32 KB, where Application Insights cuts and what is left is no JSON for any query.
 */
function bounded(fields: LogFields): LogFields {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, boundedValue(value)]));
}

const longestText = 500;
const mostItems = 40;

function boundedValue(value: LogFields[string]): LogFields[string] {
  if (typeof value === "string") return printable(value, longestText);
  if (typeof value !== "object") return value;
  const items = value.slice(0, mostItems).map((item) => printable(item, longestText));
  return value.length > mostItems ? [...items, `and ${value.length - mostItems} more`] : items;
}
