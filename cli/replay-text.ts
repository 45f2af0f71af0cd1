/** What `rotation-bridge replay` says: the messages one by one, as text or JSON, and what became of them. */

import type { GivenUp } from "../shared/adapters/poison-queue.ts";
import { allReasons } from "../shared/core/reasons.ts";
import type { Replayable } from "../shared/core/replayable.ts";
import { indented, shown, table } from "./output.ts";
import { count, timeText } from "./report-words.ts";

export interface Line {
  readonly id: string;
  /** ISO 8601; absent for a file. */
  readonly since?: string;
  /** Names only. */
  readonly about: readonly string[];
  /** Why it is left, from the closed list of reasons. */
  readonly left?: string;
}

export function lineOf({ id, since }: { readonly id: string } & Partial<GivenUp>, found: Replayable): Line {
  const dated = since === undefined ? {} : { since: new Date(since).toISOString() };
  return found.ok ? { id, ...dated, about: found.about } : { id, ...dated, about: [], left: found.reason };
}

export interface Lying {
  /** The poison queue's name. */
  readonly queue: string;
  /** How many lie there, as the service estimates it; `messages` are the first of them. */
  readonly about: number;
  readonly messages: readonly Line[];
}

export function lyingText({ queue, about, messages }: Lying, json: boolean): string {
  if (json) return jsonText({ queue, about, messages });
  if (messages.length === 0) return `Nothing lies in ${queue}.\n`;
  const more = about > messages.length ? `, of about ${about} the first` : "";
  return `${queue}: ${count(messages.length, "message")}${more}\n${linesText(messages)}`;
}

export interface Done {
  /** The name of the queue that they were put on. */
  readonly queue: string;
  readonly sent: readonly Line[];
  readonly left: readonly Line[];
  /** Ids that were asked for. */
  readonly missing: readonly string[];
}

export function doneText({ queue, sent, left, missing }: Done, json: boolean): string {
  if (json) return jsonText({ queue, sent, left, missing });
  return [
    `Put on ${queue} again: ${count(sent.length, "message")}\n${linesText(sent)}`,
    left.length === 0 ? "" : `Left where it is: ${count(left.length, "message")}\n${linesText(left)}`,
    ...missing.map((id) => `Not there, or taken by somebody else: ${shown(id)}\n`),
  ].join("");
}

function jsonText(document: object): string {
  return `${JSON.stringify(document, undefined, 2)}\n`;
}

function linesText(lines: readonly Line[]): string {
  const rows = lines.map(({ id, since, about, left }) => [
    shown(id, 60),
    timeText(since),
    left === undefined ? about.map((one) => shown(one)).join(", ") : `${left}: ${sentenceOf(left)}`,
  ]);
  return rows.length === 0 ? "" : `${indented(table(rows)).join("\n")}\n`;
}

function sentenceOf(reason: string): string {
  return new Map<string, string>(Object.entries(allReasons)).get(reason) ?? "";
}
