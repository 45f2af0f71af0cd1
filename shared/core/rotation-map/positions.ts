/** Where in the text of a YAML document something stands. */

import { isAlias, isMap, isScalar, isSeq, type Document, type LineCounter } from "yaml";
import type { Path } from "./loose.ts";

export interface Position {
  /** Both from 1. */
  readonly line: number;
  readonly column: number;
}

/**
 * The position of what `path` names: a value that is a scalar itself, otherwise its key; for what is not there, the
 * nearest thing around it that is.
 */
export function positionOf(document: Document, lines: LineCounter, path: Path): Position {
  let node: unknown = document.contents;
  let offset = startOf(node) ?? 0;
  for (const segment of path) {
    if (isAlias(node)) node = node.resolve(document);
    let next: unknown;
    if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === String(segment));
      offset = (isScalar(pair?.value) ? startOf(pair.value) : startOf(pair?.key)) ?? offset;
      next = pair?.value;
    } else if (isSeq(node) && typeof segment === "number") {
      next = node.items[segment];
      offset = startOf(next) ?? offset;
    }
    if (next === undefined || next === null) break;
    node = next;
  }
  return positionAt(lines, offset);
}

/** The position of a mapping's key itself. */
export function positionOfKey(document: Document, lines: LineCounter, path: Path, key: string): Position {
  let node: unknown = document.getIn(path, true);
  if (isAlias(node)) node = node.resolve(document);
  const pair = isMap(node) ? node.items.find((item) => isScalar(item.key) && item.key.value === key) : undefined;
  const offset = startOf(pair?.key);
  return offset === undefined ? positionOf(document, lines, path) : positionAt(lines, offset);
}

export function positionAt(lines: LineCounter, offset: number): Position {
  const { line, col } = lines.linePos(offset);
  return { line: Math.max(1, line), column: Math.max(1, col) };
}

function startOf(node: unknown): number | undefined {
  if (!isScalar(node) && !isMap(node) && !isSeq(node) && !isAlias(node)) return undefined;
  return node.range?.[0];
}
