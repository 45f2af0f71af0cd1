/** What this process found out at its looks, for the timer to hold against what the vaults and the index say now. */

import { emptyMemory } from "./core/memory.ts";
import type { Memory } from "./core/memory.ts";
import type { Scope } from "./core/message.ts";
import { watchedOf } from "./core/plan/memory-keys.ts";
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
  /** Of targets that are not proven. */
  readonly #watched = new Map<string, Memory>();

  /** By `targetKey`. */
  get notes(): ReadonlyMap<string, TargetNotes> {
    return this.#notes;
  }

  /** What a pass's look begins with: a rollout that is watched for long is not polled anew as if it had just begun. */
  watched(target: Target): Memory {
    return this.#watched.get(targetKey(target)) ?? emptyMemory;
  }

  note(target: Target, policy: TargetPolicy, scope: Scope, result: ConvergeResult, at: number): void {
    const { outcomes, seen } = result;
    this.#keepWatched(targetKey(target), seen?.scope ?? scope, result);
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
      if (!clusters.has(cluster) || keys.has(key)) continue;
      this.#notes.delete(key);
      this.#watched.delete(key);
    }
  }

  /** A look for an event tells of the workloads that it concerned, and of no others. */
  #keepWatched(key: string, scope: Scope, { outcomes, memory }: ConvergeResult): void {
    const before = scope === "all" ? emptyMemory : (this.#watched.get(key) ?? emptyMemory);
    const isProven = [...outcomes.values()].every(({ kind }) => kind === "converged");
    const now = isProven ? emptyMemory : watchedOf(memory);
    this.#watched.set(key, { ...now, firstSeen: { ...before.firstSeen, ...now.firstSeen } });
  }

  #change(target: Target, change: (notes: TargetNotes) => TargetNotes): void {
    const key = targetKey(target);
    this.#notes.set(key, change(this.#notes.get(key) ?? noNotes));
  }
}
