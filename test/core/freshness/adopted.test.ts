/** Never written by us: the driver was faster, or was there before the bridge. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { freshnessMargin } from "../../../shared/core/freshness.ts";
import { driverOf, hour, minute, second } from "../plan/builders.ts";
import { at, born, driverWrote, judgeEach, margin, mounter, on16, pollsOn15 } from "./cases.ts";

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
]);

test("the margin is 10 minutes, at least the poll interval and 2 minutes", () => {
  assert.equal(freshnessMargin({ ...driverOf("1.5", "on"), pollIntervalMs: 2 * minute }), 10 * minute);
  assert.equal(freshnessMargin({ ...driverOf("1.5", "on"), pollIntervalMs: hour }), hour + 2 * minute);
});
