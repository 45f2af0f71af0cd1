/** Tables and paragraphs for people. Whatever comes from a file is made fit for a terminal here. */

import { printable } from "../shared/core/printable.ts";

/** A name, path or sentence, cut where it is longer than `max`. */
export function shown(text: string, max: number = 200): string {
  return printable(text, max);
}

/** Columns as wide as their widest cell; columns of `rightAligned` stand to the right. Two blanks between them. */
export function table(
  rows: readonly (readonly string[])[],
  rightAligned: ReadonlySet<number> = new Set(),
): readonly string[] {
  const widths = rows.reduce<readonly number[]>(
    (widest, row) => row.map((cell, column) => Math.max(cell.length, widest[column] ?? 0)),
    [],
  );
  return rows.map((row) =>
    row
      .map((cell, column) =>
        rightAligned.has(column) ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0),
      )
      .join("  ")
      .trimEnd(),
  );
}

/** Lines with so many blanks before them. */
export function indented(lines: readonly string[], blanks: number = 2): readonly string[] {
  return lines.map((line) => (line === "" ? "" : " ".repeat(blanks) + line));
}
