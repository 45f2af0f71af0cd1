/** What this process found out at its looks, for the timer to hold against what the vaults and the index say now. */

import type { Scope } from "./core/message.ts";
import type { TargetPolicy } from "./core/policy.ts";
import { asking } from "./core/reconcile/needed-looks.ts";
import type { NeededLook } from "./core/reconcile/needed-looks.ts";
import { classesStamp, followedObjects, readStamps } from "./core/reconcile/seen-target.ts";
import { noNotes, withFinding } from "./core/reconcile/target-notes.ts";
import type { TargetNotes } from "./core/reconcile/target-notes.ts";
import type { Target } from "./core/target.ts";
import { targetKey } from "./core/target.ts";
import type { ConvergeResult } from "./converge.ts";

export class LookBook {
  readonly #notes = new Map<string, TargetNotes>();

  /** By `targetKey`. */
  get notes(): ReadonlyMap<string, TargetNotes> {
    return this.#notes;
  }

  note(target: Target, policy: TargetPolicy, scope: Scope, { outcomes, seen }: ConvergeResult, at: number): void {
    const words =
      seen === undefined
        ? undefined
        : {
            classes: classesStamp(seen.classes),
            objects: readStamps(followedObjects(seen.classes, policy), seen.reading),
          };
    const finding = { scope: seen?.scope ?? scope, at, outcomes, seen: words };
    this.#change(target, (notes) => withFinding(notes, finding));
  }

  /** A pass has asked for this look, to take place at `at`. */
  asked(need: NeededLook, at: number): void {
    this.#change(need.target, (notes) => asking(notes, need, at));
  }

  /** Forgets the targets of these clusters that are no targets any more. */
  keepOnly(clusters: ReadonlySet<string>, keys: ReadonlySet<string>): void {
    for (const key of this.#notes.keys()) {
      const cluster = key.slice(0, key.indexOf("/"));
      if (clusters.has(cluster) && !keys.has(key)) this.#notes.delete(key);
    }
  }

  #change(target: Target, change: (notes: TargetNotes) => TargetNotes): void {
    const key = targetKey(target);
    this.#notes.set(key, change(this.#notes.get(key) ?? noNotes));
  }
}
