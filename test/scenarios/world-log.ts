/** What the bridge said, and what can be read from it. */

import type { LogFields } from "../../shared/ports.ts";

export interface LogLine {
  readonly at: number;
  readonly level: string;
  readonly event: string;
  readonly fields: LogFields;
}

/** The last line that says an outcome of a class. */
export function lastOutcome(lines: readonly LogLine[], className: string, target: string): LogFields | undefined {
  return lines.findLast(
    ({ event, fields }) => event === "outcome" && fields["target"] === target && fields["class"] === className,
  )?.fields;
}

/** As `converged`, `waiting(old-mount)`, ... */
export function outcomeText(fields: LogFields): string {
  const reason = fields["reason"];
  return reason === undefined ? String(fields["outcome"]) : `${String(fields["outcome"])}(${String(reason)})`;
}

export function timelineText(lines: readonly LogLine[]): string {
  const start = lines[0]?.at ?? 0;
  return lines
    .map(({ at, level, event, fields }) => {
      const seconds = ((at - start) / 1000).toFixed(1);
      return `${seconds}s ${level} ${event} ${JSON.stringify(fields)}`;
    })
    .join("\n");
}
