/**
 * What this process knows of one target from its own looks at it: which versions and which classes were proven, and
 * what was not. Lost with the process; then each target is looked at once.
 */

import type { Scope } from "../message.ts";
import type { Outcome } from "../reasons.ts";

export interface TargetNotes {
  /** When everything of the target was last looked at, in milliseconds since 1970. 0: never by this process. */
  readonly lookedAt: number;
  /** The classes as they were then: see {@link classesStamp}. */
  readonly classes: string;
  /** What the vault said of each object then, by `objectKey`: see {@link datedStamp}. */
  readonly objects: ReadonlyMap<string, string>;
  /** Classes (`*`: the whole target) that the last look at them left unproven. */
  readonly open: ReadonlySet<string>;
  /** The last look that a pass asked for. Not asked again for the same cause before `delayMs` have passed. */
  readonly asked: Asked | undefined;
}

export interface Asked {
  readonly cause: string;
  /** When the look is to take place: a little later than the pass where many were spread. */
  readonly at: number;
  readonly delayMs: number;
}

/** What one run found out about a target. */
export interface Finding {
  readonly scope: Scope;
  readonly at: number;
  /** By class; `*` for what concerns the whole target. */
  readonly outcomes: ReadonlyMap<string, Outcome>;
  /** Of the last look of the run; undefined where the cluster could not be read. */
  readonly seen: { readonly classes: string; readonly objects: ReadonlyMap<string, string> } | undefined;
}

/** The cause of a look at what the last look left unproven. */
export const unfinished = "unfinished";
/** A little less than from one pass to the next, so that the second look is the next pass's. */
export const firstDelayMs = 10 * 60_000;

export const noNotes: TargetNotes = {
  lookedAt: 0,
  classes: "",
  objects: new Map(),
  open: new Set(),
  asked: undefined,
};

/** A run for an event proves what the event named and no more: an object that another class names too is in its scope. */
export function withFinding(notes: TargetNotes, finding: Finding): TargetNotes {
  const { outcomes, scope, seen, at } = finding;
  const open = openAfter(notes.open, finding);
  const after: TargetNotes = { ...notes, open, asked: askedAfter(notes.asked, open, at) };
  if (seen === undefined) return after;
  if (scope === "all") return { ...after, lookedAt: at, classes: seen.classes, objects: seen.objects };
  if ([...outcomes.values()].some(({ kind }) => kind !== "converged")) return after;
  const objects = new Map(notes.objects);
  for (const { object } of scope) {
    const stamp = seen.objects.get(object);
    if (stamp !== undefined) objects.set(object, stamp);
  }
  return { ...after, objects };
}

/** Of an object whose current version the vault gives or lists. Two versions of one second have one stamp. */
export function datedStamp(createdOn: number | undefined): string {
  return `${createdOn ?? 0}`;
}

/** Where the vault gives no current version, and says why. */
export type AbsenceStamp = "disabled" | "missing";

/** What is left unfinished has just been looked at, by a message's chain perhaps: the timer's turn comes after it. */
function askedAfter(asked: Asked | undefined, open: ReadonlySet<string>, at: number): Asked | undefined {
  if (open.size > 0) {
    return { cause: unfinished, at, delayMs: asked?.cause === unfinished ? asked.delayMs : firstDelayMs };
  }
  return asked?.cause === unfinished ? undefined : asked;
}

function openAfter(before: ReadonlySet<string>, { scope, outcomes, seen }: Finding): ReadonlySet<string> {
  const now = [...outcomes].filter(([, { kind }]) => kind !== "converged").map(([name]) => name);
  if (seen === undefined) return new Set([...before, ...now]);
  const others = scope === "all" ? [] : [...before].filter((name) => name !== "*" && !outcomes.has(name));
  return new Set([...others, ...now]);
}
