/** A case: pods, who wrote what they read, and when; times are told from the birth of the object's version. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { judgeFreshness } from "../../../shared/core/freshness.ts";
import type { Freshness, FreshnessInput } from "../../../shared/core/freshness.ts";
import type { Pod, SecretWriter } from "../../../shared/core/observed.ts";
import { driverOf, drivers, hour, minute, noon, ours, pod, syncedSecret, writer } from "../plan/builders.ts";

/** The object's version was created at noon; everything else is told from there. */
export const born = noon;

export interface Case {
  readonly says: string;
  readonly pods: readonly Pod[];
  /** Who wrote the key that it reads; absent: it reads no key. */
  readonly writers?: readonly SecretWriter[];
  readonly secretAt?: number;
  /** When the class was last changed; absent: unknown. */
  readonly classAt?: number;
  /** When the pods mounted it; absent: they mount nothing. */
  readonly mountedAt?: number;
  /** Creation of the oldest pod that mounts the class; all of them are current. */
  readonly oldestMounterAt?: number;
  /** Of the youngest of them. */
  readonly youngestMounterAt?: number;
  /** A mount of the version made the Secret, and is still there. */
  readonly madeByNewMount?: boolean;
  /** The bridge restarted it, or a mounter, for the object before. */
  readonly restartedBefore?: boolean;
  /** A mounter mounts the class that makes the Secret, unless this says otherwise. */
  readonly mountsItsClass?: boolean;
  readonly changes?: Partial<FreshnessInput>;
  readonly is: Freshness;
}

function judge(wish: Case): Freshness {
  const { pods, writers, secretAt = born - hour, classAt = 0, mountedAt, changes = {} } = wish;
  const secret = syncedSecret("app", { k: "v" }, { createdAt: secretAt, writers: writers ?? [] });
  const key = {
    secret,
    key: "k",
    classChangedAt: classAt,
    mounted: wish.mountsItsClass ?? changes.mounts ?? false,
    oldestMounterAt: wish.oldestMounterAt,
    youngestMounterAt: wish.youngestMounterAt,
    madeByNewMount: wish.madeByNewMount ?? false,
    restartedBefore: wish.restartedBefore ?? false,
  };
  return judgeFreshness({
    pods,
    keys: writers === undefined ? [] : [key],
    bornAt: born,
    mountsCurrent: true,
    mounts: false,
    reloads: false,
    movedVault: false,
    driver: driverOf("1.5", "off"),
    mountedAt: () => mountedAt,
    reloaderTraceAt: undefined,
    now: born + hour,
    ...changes,
  });
}

export const at = (ms: number, changes: Partial<Pod> = {}): Pod => pod(`at-${ms}`, born + ms, changes);
/** What Reloader leaves for a Secret `app` that holds `k=v`, as SHA-1. */
export const heldNow = "b68eb7a45f9800a87b60f6ab40080bb3f3a5112d";
export const reloaded = (ms: number, changes: Partial<Pod> = {}): Pod =>
  at(ms, { reloaderTraces: new Map([["STAKATER_APP_SECRET", heldNow]]), ...changes });
export const reloadedBefore = (ms: number): Pod =>
  at(ms, { reloaderTraces: new Map([["STAKATER_APP_SECRET", "bf6d89da853f40ee177a0a4964c28db7cca19b21"]]) });
export const weWrote = (ms: number): readonly SecretWriter[] => [
  writer(drivers, born - hour),
  writer(ours, born + ms, "k"),
];
export const driverWrote = (ms: number): readonly SecretWriter[] => [writer(drivers, born + ms, "k")];
export const pollsOn15 = { driver: driverOf("1.5", "on") };
export const on16 = { driver: driverOf("1.6", "off") };
export const mounter = { mounts: true };
export const margin = 10 * minute;

/** One test for each. */
export function judgeEach(cases: readonly Case[]): void {
  for (const one of cases) {
    test(`${one.says}: ${one.is}`, () => {
      assert.equal(judge(one), one.is);
    });
  }
}
