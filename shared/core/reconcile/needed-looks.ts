/**
 * Which targets the timer must look at more closely, and why. Pure: what the index and the vaults' lists say now, held
 * against what this process noted at its own looks (target-notes.ts).
 */

import { nextDelayMs } from "../back-off.ts";
import type { Target } from "../target.ts";
import { targetKey } from "../target.ts";
import { phaseOf } from "./phase.ts";
import { firstDelayMs, noNotes, unfinished } from "./target-notes.ts";
import type { TargetNotes } from "./target-notes.ts";

/** In the order in which they are taken when there are too many. */
export const lookReasons = ["newer-version", "class-changed", "unfinished", "unproven", "deep"] as const;
export type LookReason = (typeof lookReasons)[number];

/** A target as the class index shows it now. */
export interface IndexedTarget {
  readonly target: Target;
  readonly classes: string;
  /** What its classes mount unpinned, of vaults that may flow here; by `objectKey`. */
  readonly objects: readonly string[];
  /** Names of those vaults. */
  readonly vaults: ReadonlySet<string>;
}

export interface PassInput {
  readonly targets: readonly IndexedTarget[];
  /** What the vaults say now, by `objectKey`; an object that could not be listed is not here. */
  readonly listed: ReadonlyMap<string, string>;
  /** Vaults that throttle: nothing of theirs is looked at in this pass. */
  readonly held: ReadonlySet<string>;
  /** By `targetKey`. */
  readonly notes: ReadonlyMap<string, TargetNotes>;
  readonly now: number;
  /** From one deep look to the next. 0: every pass looks at every target, without bounds and without backing off. */
  readonly deepEveryMs: number;
  /** From one pass to the next, when none is missed. */
  readonly passMs: number;
}

export interface NeededLook {
  readonly target: Target;
  readonly why: LookReason;
  /** To be noted when the look is asked for. */
  readonly cause: string;
}

export interface PassPlan {
  /** Most urgent first; of one urgency the one that was looked at longest ago. */
  readonly looks: readonly NeededLook[];
  /** Needed, but more than one pass may ask for: the next one finds them again. */
  readonly left: number;
  /** Needed for a cause that a look was asked for a short while ago. */
  readonly backingOff: number;
  /** Not judged, because a vault of theirs throttles. */
  readonly held: number;
}

/** No pass asks for more looks: spread over ten minutes they are one a second. */
export const mostLooks = 600;
const fewestDeep = 8;

export function neededLooks(input: PassInput): PassPlan {
  const found: (NeededLook & { readonly lookedAt: number; readonly order: number })[] = [];
  let backingOff = 0;
  let held = 0;
  const everything = input.deepEveryMs === 0;
  for (const target of input.targets) {
    if ([...target.vaults].some((vault) => input.held.has(vault))) {
      held += 1;
      continue;
    }
    const key = targetKey(target.target);
    const notes = input.notes.get(key) ?? noNotes;
    const need = needOf(target, notes, input);
    if (need === undefined) continue;
    const { asked, lookedAt } = notes;
    if (!everything && asked?.cause === need.cause && input.now < asked.at + asked.delayMs) backingOff += 1;
    // Among equals chance decides, anew in each pass: in a process that lives for one pass only nobody is left for ever.
    else found.push({ target: target.target, ...need, lookedAt, order: phaseOf(`${input.now} ${key}`) });
  }
  found.sort((a, b) => rank(a.why) - rank(b.why) || a.lookedAt - b.lookedAt || a.order - b.order);
  const urgent = found.filter(({ why }) => why !== "deep");
  const deep = found.filter(({ why }) => why === "deep").slice(0, mostDeep(input));
  const most = everything ? input.targets.length : mostLooks;
  const looks = [...urgent, ...deep].slice(0, most).map(({ target, why, cause }) => ({ target, why, cause }));
  return { looks, left: found.length - looks.length, backingOff, held };
}

/** Notes that a look was asked for, to take place at `at`; for the same cause the next one waits twice as long. */
export function asking(notes: TargetNotes, { cause }: NeededLook, at: number): TargetNotes {
  const before = notes.asked?.cause === cause ? notes.asked.delayMs : 0;
  return { ...notes, asked: { cause, at, delayMs: nextDelayMs(before, firstDelayMs) } };
}

function needOf(
  { target, classes, objects }: IndexedTarget,
  notes: TargetNotes,
  input: PassInput,
): { readonly why: LookReason; readonly cause: string } | undefined {
  const changed = objects.flatMap((object) => {
    const [then, now] = [notes.objects.get(object), input.listed.get(object)];
    return then === undefined || now === undefined || then === now ? [] : [`${object}=${now}`];
  });
  if (changed.length > 0) return { why: "newer-version", cause: `newer-version ${changed.sort().join()}` };
  if (notes.lookedAt === 0) return { why: "unproven", cause: "unproven" };
  if (notes.classes !== classes) return { why: "class-changed", cause: `class-changed ${classes}` };
  if (notes.open.size > 0) return { why: "unfinished", cause: unfinished };
  const turn = turnOf(target, input.now, input.deepEveryMs);
  if (turn === turnOf(target, notes.lookedAt, input.deepEveryMs)) return undefined;
  return { why: "deep", cause: `deep ${turn}` };
}

/** Which round of deep looks a moment belongs to. Each target's rounds begin at a time of its own, so passes share them evenly. */
function turnOf(target: Target, at: number, everyMs: number): number {
  return everyMs === 0 ? at : Math.floor(at / everyMs - phaseOf(targetKey(target)));
}

/** Twice a pass's even share: after an outage the backlog shrinks by one share in each pass. */
function mostDeep({ targets, passMs, deepEveryMs }: PassInput): number {
  if (deepEveryMs <= passMs) return targets.length;
  return Math.max(fewestDeep, Math.ceil((2 * targets.length * passMs) / deepEveryMs));
}

function rank(why: LookReason): number {
  return lookReasons.indexOf(why);
}
