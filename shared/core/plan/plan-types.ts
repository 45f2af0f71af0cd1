/** What goes into `plan` and what comes out. Plain data; a plan is made anew at every look and never kept. */

import type { ByHand } from "../by-hand.ts";
import type { Memory } from "../memory.ts";
import type { Scope } from "../message.ts";
import type { Observed, Workload } from "../observed.ts";
import type { TargetPolicy } from "../policy.ts";
import type { FailedReason, Outcome, RefusedReason } from "../reasons.ts";
import type { VersionLists } from "../rendering/version-history.ts";
import type { SecretValue } from "../secret-value.ts";
import type { ObjectVersion, VaultAnswer, VaultObject, VersionAnswer } from "../vault-object.ts";

export interface PlanInput {
  readonly observed: Observed;
  readonly vault: VaultView;
  readonly policy: TargetPolicy;
  readonly scope: Scope;
  /**
   * For which objects a person said `rotate`, and when: what waits for a person's word is restarted once. That are pods
   * of which nothing proves which version of these objects they started with, and workloads whose restart for them was
   * undone before that time. The marker then says that it was done (the time of the restart, where no marker names the
   * version), and an undo of it is younger: a repetition does nothing.
   */
  readonly byHand?: ByHand | undefined;
  readonly memory: Memory;
  /** What went wrong with steps of this run: by `Secret/name` or `Kind/name`. */
  readonly problems: ReadonlyMap<string, StepProblem>;
  readonly now: number;
}

/** What the vault says of everything that the classes in scope mount, all of a class at one moment. */
export interface VaultReading {
  /** By `fetchKey` of rendering. */
  readonly answers: ReadonlyMap<string, VaultAnswer>;
  /** Versions of the objects that are mounted with history, by `objectKey`. */
  readonly lists: VersionLists;
}

/** What is known of the vault at this look. Read after the cluster (order law). */
export interface VaultView extends VaultReading {
  /** Answers to needs of kind `version`, by `versionKey`. */
  readonly versions: ReadonlyMap<string, VersionAnswer>;
  /** Answers to needs of kind `before`, by `versionKey`; undefined: there is none or it can't be read. */
  readonly before: ReadonlyMap<string, ObjectVersion | undefined>;
  /** Answers to needs of kind `earlier`, by `objectKey`: the object's versions, as they were listed in this run. */
  readonly earlier: VersionLists;
}

export function versionKey(objectKey: string, version: string): string {
  return `${objectKey}@${version}`;
}

export type StepProblem =
  | { readonly kind: "refused"; readonly reason: RefusedReason; readonly about: string }
  | { readonly kind: "failed"; readonly reason: FailedReason; readonly about: string };

/** A fact that the plan lacks. With needs, its steps must not be carried out: get the facts and plan again. */
export type Need =
  | { readonly kind: "version"; readonly object: VaultObject; readonly version: string }
  | { readonly kind: "before"; readonly object: VaultObject; readonly version: string }
  | { readonly kind: "earlier"; readonly object: VaultObject }
  | { readonly kind: "revisions" }
  | { readonly kind: "markers-since" };

export type Step =
  | {
      readonly kind: "write";
      readonly secret: string;
      readonly data: ReadonlyMap<string, SecretValue>;
      readonly resourceVersion: string;
      /** What to count in memory once it is done. */
      readonly counts: readonly string[];
      /** The memory key under which its being right is timed from now on. */
      readonly rightKey: string;
    }
  | {
      readonly kind: "restart";
      readonly workload: Workload;
      readonly marker: string;
      /** `vault/type/name@version` of what it is restarted for. */
      readonly because: readonly string[];
      /** What to count in memory once it is done. */
      readonly counts: readonly string[];
    }
  | { readonly kind: "touch"; readonly podStatus: string; readonly secret: string; readonly counts: readonly string[] };

/**
 * `soon`: worth waiting inside this run (`afterStep`: for what a step of this very plan will bring, so in vain where
 * none may be taken). `later`: a message with a growing delay. `end`: nothing more to do.
 */
export type Next =
  | { readonly kind: "soon"; readonly ms: number; readonly afterStep?: true }
  | { readonly kind: "later"; readonly atLeastMs: number }
  | { readonly kind: "end" };

export interface Plan {
  /** By class. */
  readonly outcomes: ReadonlyMap<string, Outcome>;
  /** Independent of each other; empty in observe mode. */
  readonly steps: readonly Step[];
  /** What observe mode would do. */
  readonly wouldDo: readonly Step[];
  readonly needs: readonly Need[];
  readonly next: Next;
  readonly memory: Memory;
  /** About the versions that the steps carry. */
  readonly warnings: readonly Warning[];
}

/** A version that is carried although its dates say that it should not be used: the driver mounts it all the same. */
export interface Warning {
  /** See `objectKey`. */
  readonly object: string;
  readonly version: string;
  readonly problem: "expired" | "not-yet-valid";
}
