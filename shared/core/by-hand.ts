/**
 * A person's word: when `rotate` was asked for, object by object. It travels with messages that are merged with others,
 * and must not become a word for what the others are about.
 */

import { openBody } from "./message-body.ts";
import * as z from "zod";
import { objectKeyPattern } from "./names.ts";

/** By `objectKey`: when a person last asked for it, in milliseconds since 1970. */
export type ByHand = Readonly<Record<string, number>>;

/** A person asks for a few objects at a time; of more the oldest words are forgotten. It travels in a queue message. */
const mostObjects = 60;

export const byHandSchema = z
  .record(z.string().regex(objectKeyPattern), z.int().min(0))
  .refine((record) => Object.keys(record).length <= mostObjects)
  .readonly();

/** Both words together: of each object the later one. */
export function bothByHand(one: ByHand | undefined, other: ByHand | undefined): ByHand | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  const latest = new Map(Object.entries(one));
  for (const [object, at] of Object.entries(other)) latest.set(object, Math.max(at, latest.get(object) ?? 0));
  return Object.fromEntries([...latest].sort(([, a], [, b]) => b - a).slice(0, mostObjects));
}

/** Does a chain with word `one` keep all that one with `other` would? */
export function keepsByHand(one: ByHand | undefined, other: ByHand | undefined): boolean {
  return Object.entries(other ?? {}).every(([object, at]) => (one?.[object] ?? 0) >= at);
}

/** Nobody has asked in the future: who does (a clock that is ahead, a forgery) would overrule what people do until then. */
export function untilNow(word: ByHand, now: number): ByHand {
  return Object.fromEntries(Object.entries(word).map(([object, at]) => [object, Math.min(at, now)]));
}

/** As JSON text; undefined for anything else. */
export function parseByHand(text: string): ByHand | undefined {
  const opened = openBody(text);
  const parsed = byHandSchema.safeParse(opened.ok ? opened.value : undefined);
  return parsed.success ? parsed.data : undefined;
}
