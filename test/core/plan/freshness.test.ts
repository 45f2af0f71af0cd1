import assert from "node:assert/strict";
import { test } from "node:test";
import { freshnessMargin, judgeFreshness } from "../../../shared/core/freshness.ts";
import type { Freshness, FreshnessInput } from "../../../shared/core/freshness.ts";
import type { Pod, SecretWriter } from "../../../shared/core/observed.ts";
import { driverOf, drivers, hour, minute, noon, ours, pod, second, syncedSecret, writer } from "./builders.ts";

/** The object's version was created at noon; everything else is told from there. */
const born = noon;

interface Case {
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

const at = (ms: number, changes: Partial<Pod> = {}): Pod => pod(`at-${ms}`, born + ms, changes);
/** What Reloader leaves for a Secret `app` that holds `k=v`, as SHA-1. */
const heldNow = "b68eb7a45f9800a87b60f6ab40080bb3f3a5112d";
const reloaded = (ms: number, changes: Partial<Pod> = {}): Pod =>
  at(ms, { reloaderTraces: new Map([["STAKATER_APP_SECRET", heldNow]]), ...changes });
const reloadedBefore = (ms: number): Pod =>
  at(ms, { reloaderTraces: new Map([["STAKATER_APP_SECRET", "bf6d89da853f40ee177a0a4964c28db7cca19b21"]]) });
const weWrote = (ms: number): readonly SecretWriter[] => [writer(drivers, born - hour), writer(ours, born + ms, "k")];
const driverWrote = (ms: number): readonly SecretWriter[] => [writer(drivers, born + ms, "k")];
const pollsOn15 = { driver: driverOf("1.5", "on") };
const on16 = { driver: driverOf("1.6", "off") };
const mounter = { mounts: true };
const margin = 10 * minute;

const cases: readonly Case[] = [
  // A fresh installation: class, Secret and mount are younger than the version.
  {
    says: "the pod that made the Secret, of a class that is younger than the version",
    pods: [at(9 * minute, { lastStartedAt: born + 10 * minute + second })],
    writers: driverWrote(10 * minute),
    secretAt: born + 10 * minute,
    classAt: born + 8 * minute,
    mountedAt: born + 10 * minute,
    is: "fresh",
  },
  {
    says: "the same, where the pod was created before its class and waited for it",
    pods: [at(7 * minute, { lastStartedAt: born + 10 * minute + second })],
    writers: driverWrote(10 * minute),
    secretAt: born + 10 * minute,
    classAt: born + 8 * minute,
    mountedAt: born + 10 * minute,
    is: "fresh",
  },
  {
    says: "it started before the Secret was made: with another one of that name, which was deleted since",
    pods: [at(9 * minute)],
    writers: driverWrote(10 * minute),
    secretAt: born + 10 * minute,
    classAt: born + 8 * minute,
    mountedAt: born + 9 * minute,
    is: "unknown",
  },
  {
    says: "a class that was changed after the Secret was made",
    pods: [at(9 * minute, { lastStartedAt: born + 10 * minute + second })],
    writers: driverWrote(10 * minute),
    secretAt: born + 10 * minute,
    classAt: born + 11 * minute,
    mountedAt: born + 10 * minute,
    is: "unknown",
  },
  {
    says: "a class that is as old as the version: a replica of the vault may have lagged",
    pods: [at(9 * minute, { lastStartedAt: born + 10 * minute + second })],
    writers: driverWrote(10 * minute),
    secretAt: born + 10 * minute,
    classAt: born + 30 * second,
    mountedAt: born + 10 * minute,
    is: "unknown",
  },
  {
    says: "a pod that was there before the class was changed",
    pods: [at(5 * minute)],
    writers: driverWrote(10 * minute),
    secretAt: born + 10 * minute,
    classAt: born + 8 * minute,
    is: "unknown",
  },
  // W: our managedFields entry still owns the key.
  {
    says: "every pod was created after our write",
    pods: [at(5 * second), at(9 * second)],
    writers: weWrote(4 * second),
    is: "fresh",
  },
  {
    says: "one pod was created before our write",
    pods: [at(5 * second), at(3 * second)],
    writers: weWrote(4 * second),
    is: "old",
  },
  {
    says: "a pod of the same second may have started before our write",
    pods: [at(4 * second)],
    writers: weWrote(4 * second),
    is: "old",
  },
  {
    says: "of a pod of the same second only the last container's start is known",
    pods: [at(4 * second, { lastStartedAt: born + 10 * second })],
    writers: weWrote(4 * second),
    is: "old",
  },
  {
    says: "a pod that started in the second after our write may have met a kubelet's old cache",
    pods: [at(5 * second, { lastStartedAt: born + 5 * second })],
    writers: weWrote(4 * second),
    is: "old",
  },
  {
    says: "it was created after our write, but its mount is older",
    pods: [at(5 * second)],
    writers: weWrote(4 * second),
    changes: { ...mounter, mountsCurrent: false },
    is: "old",
  },
  {
    says: "our entry owns another key only, so the driver wrote this one",
    pods: [at(5 * second)],
    writers: [writer(ours, born + 4 * second, "other"), ...driverWrote(3 * second)],
    is: "unknown",
  },
  {
    says: "the driver's entry is no clock: its owner patches re-date it",
    pods: [at(5 * second)],
    writers: driverWrote(hour),
    is: "unknown",
  },
  // A container that has never started.
  {
    says: "an old pod whose containers never started reads the Secret when they do",
    pods: [at(-hour, { started: false })],
    writers: weWrote(4 * second),
    is: "fresh",
  },
  { says: "there is no pod", pods: [], writers: driverWrote(0), is: "fresh" },
  // Never written by us: created before the version.
  {
    says: "a pod older than the version is old, whoever wrote",
    pods: [at(-second)],
    writers: driverWrote(second),
    is: "old",
  },
  {
    says: "a pod older than the version is old though it mounts the current one",
    pods: [at(-second)],
    writers: driverWrote(second),
    changes: { ...on16, ...mounter },
    is: "old",
  },
  {
    says: "a pod of the version's own second is not surely older",
    pods: [at(0)],
    writers: driverWrote(0),
    is: "unknown",
  },
  // (a) the Secret is younger than the version, the pods are younger than the Secret.
  {
    says: "(a) Secret after version, pods after Secret",
    pods: [at(3 * minute)],
    writers: driverWrote(0),
    secretAt: born + minute,
    is: "fresh",
  },
  {
    says: "(a) the same with rotation on: it may have been made of an old mount, and refreshed after the pods came",
    pods: [at(3 * minute)],
    writers: driverWrote(0),
    secretAt: born + minute,
    changes: pollsOn15,
    is: "unknown",
  },
  {
    says: "(a) the same where nobody can tell whether the driver rotates",
    pods: [at(3 * minute)],
    writers: driverWrote(0),
    secretAt: born + minute,
    changes: { driver: driverOf("1.5", "unknown") },
    is: "unknown",
  },
  {
    says: "(a) Secret after version, a pod of the Secret's own second",
    pods: [at(minute)],
    writers: driverWrote(0),
    secretAt: born + minute,
    is: "unknown",
  },
  {
    says: "(a) Secret after version, a pod between them",
    pods: [at(30 * second)],
    writers: driverWrote(0),
    secretAt: born + minute,
    is: "unknown",
  },
  {
    says: "(a) Secret of the version's own second",
    pods: [at(3 * minute)],
    writers: driverWrote(0),
    secretAt: born,
    is: "unknown",
  },
  {
    says: "(a) one pod too old spoils it",
    pods: [at(3 * minute), at(-minute)],
    writers: driverWrote(0),
    secretAt: born + minute,
    is: "old",
  },
  // (b) rotation on: later than the margin after the version.
  {
    says: "(b) rotation on, pods later than the margin",
    pods: [at(margin + second)],
    writers: driverWrote(0),
    changes: pollsOn15,
    is: "fresh",
  },
  {
    says: "(b) rotation on, a pod within the margin",
    pods: [at(margin - second)],
    writers: driverWrote(0),
    changes: pollsOn15,
    is: "unknown",
  },
  {
    says: "(b) rotation off: later than the margin proves nothing on 1.5",
    pods: [at(margin + hour)],
    writers: driverWrote(0),
    is: "unknown",
  },
  {
    says: "(b) rotation unknown counts as off",
    pods: [at(margin + hour)],
    writers: driverWrote(0),
    changes: { driver: driverOf("1.5", "unknown") },
    is: "unknown",
  },
  // The class was changed under running pods that were started for an object of another vault.
  {
    says: "rotation on, the class was changed after the pods came, as when it gains an object",
    pods: [at(hour)],
    writers: driverWrote(2 * hour),
    classAt: born + hour + second,
    changes: pollsOn15,
    is: "fresh",
  },
  {
    says: "rotation on, the class was changed after the pods came: the driver has written what it names now",
    pods: [at(hour)],
    writers: driverWrote(2 * hour),
    classAt: born + hour + second,
    changes: { ...pollsOn15, movedVault: true },
    is: "old",
  },
  {
    says: "rotation on, the class was changed just before the pods came: the driver may have refreshed the Secret later",
    pods: [at(hour)],
    writers: driverWrote(2 * hour),
    classAt: born + hour - margin + 2 * second,
    changes: { ...pollsOn15, movedVault: true },
    is: "old",
  },
  {
    says: "rotation on, the class was changed long before the pods came",
    pods: [at(hour)],
    writers: driverWrote(2 * hour),
    classAt: born + hour - margin,
    changes: pollsOn15,
    is: "fresh",
  },
  {
    says: "rotation on, the Secret is younger than the class's change",
    pods: [at(hour)],
    writers: driverWrote(2 * hour),
    secretAt: born + hour - second,
    classAt: born + hour - second,
    changes: pollsOn15,
    is: "fresh",
  },
  {
    says: "1.6 and rotation on, the class was changed just before the pod's own mount wrote the Secret",
    pods: [at(hour)],
    writers: driverWrote(2 * hour),
    classAt: born + hour,
    mountedAt: born + hour,
    changes: { ...mounter, driver: driverOf("1.6", "on") },
    is: "fresh",
  },
  {
    says: "1.6 and rotation on, the same for a pod that only reads: the Secret may be refreshed later",
    pods: [at(hour)],
    writers: driverWrote(2 * hour),
    classAt: born + hour,
    changes: { driver: driverOf("1.6", "on"), movedVault: true },
    is: "old",
  },
  {
    says: "rotation off, the class was changed after the pod came: most changes leave its keys alone",
    pods: [at(3 * minute)],
    writers: driverWrote(0),
    secretAt: born + minute,
    classAt: born + hour,
    changes: on16,
    is: "fresh",
  },
  {
    says: "rotation off, the class was changed after the pod came, which was started for another vault's object",
    pods: [at(3 * minute)],
    writers: driverWrote(0),
    secretAt: born + minute,
    classAt: born + hour,
    changes: { ...on16, movedVault: true },
    is: "old",
  },
  {
    says: "rotation off, started for another vault's object once, and again since the class was changed",
    pods: [at(3 * minute)],
    writers: driverWrote(0),
    secretAt: born + minute,
    classAt: born + 2 * minute,
    changes: { ...on16, movedVault: true },
    is: "fresh",
  },
  {
    says: "Reloader's rollout came before the class was changed",
    pods: [reloaded(hour)],
    writers: driverWrote(0),
    classAt: born + 2 * hour,
    changes: { ...pollsOn15, movedVault: true, reloaderTraceAt: born + hour },
    is: "old",
  },
  // (c) driver 1.6, rotation off.
  {
    says: "(c) 1.6 off, the pod itself mounts the current version",
    pods: [at(minute)],
    writers: driverWrote(0),
    changes: { ...on16, ...mounter },
    is: "fresh",
  },
  {
    says: "(c) 1.6 off, the pod mounts the object through a class that does not make this Secret",
    pods: [at(minute)],
    writers: driverWrote(0),
    changes: { ...on16, ...mounter },
    mountsItsClass: false,
    is: "unknown",
  },
  {
    says: "(c) 1.6 off, the pod was held up for minutes between its mount and its start",
    pods: [at(minute, { lastStartedAt: born + 5 * minute })],
    writers: driverWrote(0),
    mountedAt: born + minute,
    changes: { ...on16, ...mounter },
    is: "unknown",
  },
  {
    says: "(c) 1.6 off, it was held up until the youngest mounter had come: older ones may have gone later",
    pods: [at(minute, { lastStartedAt: born + 5 * minute })],
    writers: driverWrote(0),
    mountedAt: born + minute,
    youngestMounterAt: born + 5 * minute,
    changes: { ...on16, ...mounter },
    is: "unknown",
  },
  {
    says: "(c) 1.6 off, it started again long after the youngest mounter had come",
    pods: [at(minute, { lastStartedAt: born + 15 * minute })],
    writers: driverWrote(0),
    mountedAt: born + minute,
    youngestMounterAt: born + 5 * minute,
    changes: { ...on16, ...mounter },
    is: "fresh",
  },
  {
    says: "(c) 1.6 off, a reader a minute younger than the oldest mounter",
    pods: [at(2 * minute)],
    writers: driverWrote(0),
    oldestMounterAt: born + minute,
    changes: on16,
    is: "fresh",
  },
  {
    says: "(c) 1.6 off, a reader less than a minute younger than the oldest mounter",
    pods: [at(2 * minute)],
    writers: driverWrote(0),
    oldestMounterAt: born + minute + second,
    changes: on16,
    is: "unknown",
  },
  {
    says: "(c) 1.6 off, nobody mounts the class",
    pods: [at(2 * minute)],
    writers: driverWrote(0),
    changes: on16,
    is: "unknown",
  },
  {
    says: "(c) 1.5 off, the same mounter proves nothing: the Secret may have been older",
    pods: [at(minute)],
    writers: driverWrote(0),
    changes: mounter,
    is: "unknown",
  },
  {
    says: "(c) an unknown generation is not known to be 1.6",
    pods: [at(minute)],
    writers: driverWrote(0),
    changes: { ...mounter, driver: driverOf("unknown", "off") },
    is: "unknown",
  },
  // Pods that only mount files.
  {
    says: "files: younger than the version",
    pods: [at(second)],
    changes: { ...mounter, now: born + minute },
    is: "fresh",
  },
  {
    says: "files: older than the version, which is young",
    pods: [at(-second)],
    changes: { ...mounter, now: born + margin },
    is: "old",
  },
  {
    says: "files: older than the version, which is older than the margin",
    pods: [at(-second)],
    changes: { ...mounter, now: born + margin + second },
    is: "fresh",
  },
  {
    says: "files: older than the version, which is young, of an app that reloads them",
    pods: [at(-second)],
    changes: { ...mounter, reloads: true, now: born + second },
    is: "fresh",
  },
  {
    says: "files and a key: what an app got at its start it does not reload",
    pods: [at(-second)],
    writers: driverWrote(minute),
    changes: { ...mounter, reloads: true },
    is: "old",
  },
  {
    says: "files: an app that reloads them, and the mount is not current",
    pods: [at(second)],
    changes: { ...mounter, reloads: true, mountsCurrent: false },
    is: "old",
  },
  {
    says: "files: the mount is not current",
    pods: [at(second)],
    changes: { ...mounter, mountsCurrent: false },
    is: "old",
  },
  // Stakater Reloader's trace.
  {
    says: "Reloader, we wrote: a pod of our write's own second",
    pods: [reloaded(4 * second)],
    writers: weWrote(4 * second),
    changes: { reloaderTraceAt: born + 4 * second },
    is: "fresh",
  },
  {
    says: "Reloader, we wrote: a pod that started in our write's own second",
    pods: [reloaded(4 * second, { lastStartedAt: born + 4 * second })],
    writers: weWrote(4 * second),
    changes: { reloaderTraceAt: born + 4 * second },
    is: "old",
  },
  {
    says: "Reloader, we wrote: a pod that started in the second after, which is that of its trace",
    pods: [reloaded(5 * second, { lastStartedAt: born + 5 * second })],
    writers: weWrote(4 * second),
    changes: { reloaderTraceAt: born + 5 * second },
    is: "fresh",
  },
  {
    says: "Reloader, we wrote: its trace, in the same second, is of another Secret",
    pods: [at(4 * second, { reloaderTraces: new Map([["STAKATER_OTHER_SECRET", heldNow]]) })],
    writers: weWrote(4 * second),
    changes: { reloaderTraceAt: born + 4 * second },
    is: "old",
  },
  {
    says: "Reloader, we wrote: its trace, in the same second, is of what the Secret held before",
    pods: [reloadedBefore(4 * second)],
    writers: weWrote(4 * second),
    changes: { reloaderTraceAt: born + 4 * second },
    is: "old",
  },
  {
    says: "Reloader, we wrote: its trace is older than our write",
    pods: [reloaded(4 * second)],
    writers: weWrote(4 * second),
    changes: { reloaderTraceAt: born + 3 * second },
    is: "old",
  },
  {
    says: "Reloader, we wrote: a pod older than our write",
    pods: [reloaded(3 * second)],
    writers: weWrote(4 * second),
    changes: { reloaderTraceAt: born + 4 * second },
    is: "old",
  },
  {
    says: "Reloader, the driver wrote: its rollout came after the version",
    pods: [reloaded(2 * second)],
    writers: driverWrote(second),
    changes: { reloaderTraceAt: born + 2 * second },
    is: "fresh",
  },
  {
    says: "Reloader, the driver wrote: its rollout came for another Secret only, or a ConfigMap",
    pods: [at(2 * second)],
    writers: driverWrote(second),
    changes: { reloaderTraceAt: born + 2 * second },
    is: "unknown",
  },
  {
    says: "Reloader, the driver wrote: its rollout came after the version, but for an edit of another key before that",
    pods: [reloadedBefore(2 * second)],
    writers: driverWrote(second),
    changes: { reloaderTraceAt: born + 2 * second },
    is: "unknown",
  },
  {
    says: "Reloader, the driver wrote: one pod is of its rollout, the other one came before it",
    pods: [reloaded(3 * second), reloadedBefore(2 * second)],
    writers: driverWrote(second),
    changes: { reloaderTraceAt: born + 2 * second },
    is: "unknown",
  },
  {
    says: "Reloader, the driver wrote: a pod that started in its trace's own second may have met a kubelet's old cache",
    pods: [reloaded(2 * second, { lastStartedAt: born + 2 * second })],
    writers: driverWrote(second),
    changes: { reloaderTraceAt: born + 2 * second },
    is: "unknown",
  },
  {
    says: "Reloader, the driver wrote: the Secret has been deleted and made anew since",
    pods: [reloaded(2 * second)],
    writers: driverWrote(second),
    secretAt: born + minute,
    changes: { reloaderTraceAt: born + 2 * second },
    is: "unknown",
  },
  {
    says: "Reloader, the driver wrote: its trace is of an older version",
    pods: [reloaded(2 * second)],
    writers: driverWrote(second),
    changes: { reloaderTraceAt: born - second },
    is: "unknown",
  },
  {
    says: "Reloader, the driver wrote: a pod older than the trace",
    pods: [reloaded(2 * second)],
    writers: driverWrote(second),
    changes: { reloaderTraceAt: born + 5 * second },
    is: "unknown",
  },
];

for (const one of cases) {
  test(`${one.says}: ${one.is}`, () => {
    assert.equal(judge(one), one.is);
  });
}

test("the margin is 10 minutes, at least the poll interval and 2 minutes", () => {
  assert.equal(freshnessMargin({ ...driverOf("1.5", "on"), pollIntervalMs: 2 * minute }), 10 * minute);
  assert.equal(freshnessMargin({ ...driverOf("1.5", "on"), pollIntervalMs: hour }), hour + 2 * minute);
});
