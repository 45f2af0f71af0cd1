/** Never written by us: the driver was faster, or was there before the bridge. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { freshnessMargin } from "../../../shared/core/freshness.ts";
import { driverOf, hour, minute, second } from "../plan/builders.ts";
import { at, born, driverWrote, judgeEach, margin, mounter, on16, pollsOn15 } from "./cases.ts";

/** The Secret was made two minutes after the version, and last written two minutes later; the pod came in between. */
const madeAnew = {
  pods: [at(3 * minute)],
  writers: driverWrote(4 * minute),
  secretAt: born + 2 * minute,
  changes: on16,
} as const;

/** Its Secret was made 25 seconds after its mount, and it started at once. */
const waited = {
  pods: [at(minute, { lastStartedAt: born + minute + 30 * second })],
  writers: driverWrote(2 * minute),
  secretAt: born + minute + 25 * second,
  mountedAt: born + minute,
  changes: { ...on16, ...mounter },
} as const;

judgeEach([
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
  // (a) on 1.6 an old mount may have made the Secret, and a new one written it again after the pods came.
  {
    says: "(a) 1.6 off, nothing tells of older mounts",
    ...madeAnew,
    is: "fresh",
  },
  {
    says: "(a) 1.6 off, the bridge had restarted it or a mounter: there were older mounts",
    ...madeAnew,
    restartedBefore: true,
    is: "unknown",
  },
  {
    says: "(a) of an unknown generation, the same",
    ...madeAnew,
    restartedBefore: true,
    changes: { driver: driverOf("unknown", "off") },
    is: "unknown",
  },
  {
    says: "(a) 1.5 off, the same: nobody else would have put it right",
    ...madeAnew,
    restartedBefore: true,
    changes: { driver: driverOf("1.5", "off") },
    is: "fresh",
  },
  {
    says: "(a) 1.6 off, a mount of the version made the Secret",
    ...madeAnew,
    restartedBefore: true,
    madeByNewMount: true,
    is: "fresh",
  },
  {
    says: "(a) 1.6 off, a pod that came after the last write",
    ...madeAnew,
    pods: [at(4 * minute + 2 * second)],
    restartedBefore: true,
    is: "fresh",
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
    says: "(c) 1.6 off, it waited for a Secret that its own mount had not made",
    ...waited,
    is: "unknown",
  },
  {
    says: "(c) 1.6 off, the mount of another new pod made the Secret that it waited for",
    ...waited,
    madeByNewMount: true,
    is: "fresh",
  },
  {
    says: "(c) 1.6 off, its own mount made the Secret",
    ...waited,
    secretAt: born + minute + second,
    is: "fresh",
  },
  {
    says: "(c) 1.6 off, what it had waited for was deleted since, and the Secret made anew",
    ...waited,
    secretAt: born + minute + 31 * second,
    madeByNewMount: true,
    is: "unknown",
  },
  {
    says: "(c) 1.6 off, it started right after its mount, and the Secret was made anew later",
    ...waited,
    pods: [at(minute, { lastStartedAt: born + minute + 3 * second })],
    is: "fresh",
  },
  {
    says: "(c) 1.6 off, it waited for such a Secret, and started again long after the youngest mounter had come",
    ...waited,
    pods: [at(minute, { lastStartedAt: born + 15 * minute })],
    youngestMounterAt: born + 5 * minute,
    is: "fresh",
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
    says: "(c) 1.6 off, such a reader waited for a Secret that no new mount made",
    pods: [at(2 * minute, { lastStartedAt: born + 2 * minute + 30 * second })],
    writers: driverWrote(4 * minute),
    secretAt: born + 2 * minute + 20 * second,
    oldestMounterAt: born + minute,
    changes: on16,
    is: "unknown",
  },
  {
    says: "(c) 1.6 off, such a reader waited for a Secret that a new mount made",
    pods: [at(2 * minute, { lastStartedAt: born + 2 * minute + 30 * second })],
    writers: driverWrote(4 * minute),
    secretAt: born + 2 * minute + 20 * second,
    oldestMounterAt: born + minute,
    madeByNewMount: true,
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
]);

test("the margin is 10 minutes, at least the poll interval and 2 minutes", () => {
  assert.equal(freshnessMargin({ ...driverOf("1.5", "on"), pollIntervalMs: 2 * minute }), 10 * minute);
  assert.equal(freshnessMargin({ ...driverOf("1.5", "on"), pollIntervalMs: hour }), hour + 2 * minute);
});
