/** Pods of a restart waited for a Secret that was gone: whoever made it anew may have made it of an old mount. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Pod, PodStatus, SecretRead } from "../../../shared/core/observed.ts";
import { driverOf, drivers, envRead, minute, ours, second, syncedSecret, writer } from "./builders.ts";
import { app, decide, restartedAt, restartMarkers } from "./one-mounter.ts";

const madeAt = restartedAt + 4 * minute;
const [waited, later] = app.pods.map((pod, index) => ({
  ...pod,
  createdAt: index === 0 ? restartedAt : madeAt + 4 * second,
  lastStartedAt: index === 0 ? madeAt + 2 * second : madeAt + 5 * second,
}));

/** `statuses`: what is told of the pods' statuses, besides what they show. */
function restarts(
  made: { readonly at?: number; readonly wroteAt?: number } = {},
  first: Partial<Pod> = {},
  statuses: readonly Partial<PodStatus>[] = [],
  reads: readonly SecretRead[] = app.workload.uses.reads,
  driver = driverOf("1.6", "off"),
): readonly string[] {
  if (waited === undefined || later === undefined) return [];
  const { at = madeAt, wroteAt } = made;
  const by = wroteAt === undefined ? writer(drivers, at + 6 * second, "mail") : writer(ours, wroteAt, "mail");
  const secret = syncedSecret("mails", { mail: "mail-value" }, { createdAt: at, writers: [by] });
  const workload = { ...app.workload, uses: { ...app.workload.uses, reads } };
  const pods = [{ ...waited, ...first }, later];
  return restartMarkers(decide({ driver, secret, pods, workload, statuses }));
}

test("a pod that had to wait until somebody made its Secret anew may have got it of an old mount", () => {
  assert.match(restarts()[0] ?? "", / #2$/);
  assert.match(restarts({}, {}, [], undefined, driverOf("1.5", "on"))[0] ?? "", / #2$/);
  // Nobody but the bridge would have put it right.
  assert.deepEqual(restarts({}, {}, [], undefined, driverOf("1.5", "off")), []);
});

test("a Secret that a new mount made at once is right", () => {
  assert.deepEqual(restarts({ at: restartedAt + second }, { lastStartedAt: restartedAt + 3 * second }), []);
  // The mount of a pod that came meanwhile.
  assert.deepEqual(restarts({ at: madeAt + 4 * second }, { lastStartedAt: madeAt + 6 * second }), []);
});

test("a Secret that the driver made of a new mount because the bridge touched it is right", () => {
  assert.deepEqual(restarts({}, {}, [{ touchedAt: madeAt - second }]), []);
  assert.equal(restarts({}, {}, [{ touchedAt: madeAt - 3 * minute }]).length, 1);
});

test("a pod that had to wait for a Secret that has been deleted since may have got it of an old mount", () => {
  const anew = (at: number, driver = driverOf("1.5", "off")) => restarts({ at }, {}, [], undefined, driver);
  assert.match(anew(madeAt + 3 * minute)[0] ?? "", / #2$/);
  assert.match(anew(madeAt + 3 * minute, driverOf("1.6", "on"))[0] ?? "", / #2$/);
  // It started at once, so its own mount had made that.
  const soon = { lastStartedAt: restartedAt + 3 * second };
  assert.deepEqual(restarts({ at: madeAt }, soon, [], undefined, driverOf("1.5", "off")), []);
});

test("who started before the Secret was made anew, or again since, or after our write, has not met what it was made of", () => {
  assert.deepEqual(restarts({}, { lastStartedAt: restartedAt + second }), []);
  assert.deepEqual(restarts({}, { restarts: 1 }), []);
  assert.deepEqual(restarts({ wroteAt: madeAt - second }), []);
  assert.deepEqual(restarts({}, { started: false, lastStartedAt: undefined }), []);
});

test("files that are read from the Secret's volume follow it", () => {
  assert.deepEqual(restarts({}, {}, [], [{ ...envRead("mails", "mail"), by: "volume" }]), []);
});
