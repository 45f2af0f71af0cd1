/** A pod that could not mount for minutes has brought nothing to the Secret before it did. */

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  classOf,
  driverOf,
  drivers,
  envRead,
  hour,
  minute,
  noon,
  planInput,
  podStatus,
  syncedSecret,
  vaultView,
  workloadWithPods,
  writer,
} from "./builders.ts";
import { observedOf, secondLook } from "./observed.ts";

const mails = classOf("mails", ["mail"], { mails: { mail: "mail" } });

/**
 * Driver 1.6 without rotation, and nothing by the bridge: the version came at noon, the mounter's pods a minute later, and
 * the reader's at 12:05. `mountedAt`: when each of the mounter's pods had its mount; undefined is not yet.
 */
function said(mountedAt: readonly (number | undefined)[]): string | undefined {
  const app = (name: string, startedAt: number, mounts: readonly string[], reads: readonly string[]) => {
    const wish = { kind: "Deployment", name, pods: 2, mounts, startedAt, marked: [] } as const;
    return workloadWithPods({ ...wish, reads: reads.map((secret) => envRead(secret)) });
  };
  const mounter = app("mounter", noon + minute, ["mails"], []);
  const reader = app("reader", noon + 5 * minute, [], ["mails"]);
  const mounters = mounter.pods.map((pod, index) => ({ ...pod, started: mountedAt[index] !== undefined }));
  const writers = [writer(drivers, noon + 9 * minute, "mail")];
  const secret = syncedSecret("mails", { mail: "mail-value" }, { createdAt: noon - hour, writers });
  const observed = observedOf({
    at: noon + 15 * minute,
    classes: [mails],
    secrets: new Map([["mails", { kind: "present", secret }]]),
    workloads: [mounter.workload, reader.workload],
    pods: [...mounters, ...reader.pods],
    podStatuses: mounters.flatMap((pod, index) => {
      const createdAt = mountedAt[index];
      return createdAt === undefined ? [] : [{ ...podStatus(pod, "mails", ["mail"]), createdAt }];
    }),
    driver: driverOf("1.6", "off"),
  });
  const outcome = secondLook(planInput(observed, vaultView(new Map([["mail", noon]])))).outcomes.get("mails");
  return outcome?.kind === "converged" ? "converged" : outcome?.reason;
}

test("a reader is right that came a minute after the first mount of the version, and not after its pod", () => {
  const [early, late] = [noon + minute, noon + 8 * minute];
  assert.equal(said([early, early]), "converged");
  assert.equal(said([early, late]), "converged");
  assert.equal(said([late, late]), "start-unknown");
  assert.equal(said([undefined, late]), "start-unknown");
});
