/** A Secret that was made after the version: of a mount of it, or of an older one that has been replaced since? */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { SecretSeen, Workload } from "../../../shared/core/observed.ts";
import type { Plan } from "../../../shared/core/plan/plan-types.ts";
import {
  classOf,
  driverOf,
  drivers,
  envRead,
  minute,
  noon,
  planInput,
  pod,
  podStatus,
  second,
  syncedSecret,
  vaultView,
  workloadWithPods,
  writer,
} from "./builders.ts";
import { observedOf, secondLook } from "./observed.ts";

const madeAt = noon + 3 * minute;
const mails = classOf("mails", ["mail"], { mails: { mail: "mail" } });
const reads = [envRead("mails", "mail")];
const restarted = [{ name: "mail", createdOn: noon }];

interface Case {
  /** `restarted`: the bridge has restarted the mounter for the version; `reader`: its template names the version before. */
  readonly marked: "none" | "mounter" | "reader";
  /** When the mounter that is there now came. */
  readonly mountedAt?: number;
  /** When the bridge restarted it, where it is marked. */
  readonly restartedAt?: number;
  /** The reader is a pod without a workload. */
  readonly bare?: boolean;
}

/** Somebody started the reader five seconds after the Secret had been made; what mounts the class now shows the version. */
function decide({ marked, mountedAt = madeAt + 10 * second, restartedAt = noon + minute, bare = false }: Case): Plan {
  const ours = (item: Workload) => ({
    ...item,
    restartedByUsAt: item.marker === undefined ? undefined : restartedAt,
  });
  const mounter = workloadWithPods({
    kind: "StatefulSet",
    name: "mounter",
    pods: 1,
    mounts: ["mails"],
    reads: [],
    startedAt: mountedAt,
    marked: marked === "mounter" ? restarted : [],
  });
  const reader = workloadWithPods({
    kind: "Deployment",
    name: "reader",
    pods: 1,
    mounts: [],
    reads,
    startedAt: madeAt + 5 * second,
    marked: marked === "reader" ? restarted : [],
  });
  const before = reader.workload.marker?.replace("v-mail", "v-before");
  const readers = bare
    ? [pod("bare", madeAt + 5 * second, { uses: { mounts: [], reads }, owner: undefined })]
    : reader.pods;
  const writers = [writer(drivers, Math.max(mountedAt, madeAt + 10 * second), "mail")];
  const secret = syncedSecret("mails", { mail: "mail-value" }, { createdAt: madeAt, writers });
  const observed = observedOf({
    classes: [mails],
    secrets: new Map<string, SecretSeen>([["mails", { kind: "present", secret }]]),
    workloads: [ours(mounter.workload), ...(bare ? [] : [ours({ ...reader.workload, marker: before })])],
    pods: [...mounter.pods, ...readers],
    podStatuses: mounter.pods.map((one) => podStatus(one, "mails", ["mail"])),
    driver: driverOf("1.6", "off"),
  });
  const view = vaultView(new Map([["mail", noon]]));
  const versions = new Map([
    ["contoso/secret/mail@v-before", { known: true, createdOn: noon - minute, held: undefined } as const],
  ]);
  return secondLook(planInput(observed, { ...view, versions }));
}

const said = (one: Case) => decide(one).outcomes.get("mails");
const unknown = { kind: "waiting", reason: "start-unknown", about: ["Deployment/reader"] };
const proven = { kind: "converged", idle: false };

test("a reader came between a Secret made anew and its mounters, and a marker tells of older mounts: nothing proves it", () => {
  assert.deepEqual(said({ marked: "reader" }), unknown);
  assert.deepEqual(said({ marked: "mounter" }), unknown);
  assert.deepEqual(decide({ marked: "reader" }).steps, []);
});

test("a pod without a workload is doubted as well", () => {
  assert.deepEqual(said({ marked: "mounter", bare: true }), {
    ...unknown,
    reason: "unmanaged-pod",
    about: ["Pod/bare"],
  });
  assert.deepEqual(said({ marked: "none", bare: true }), proven);
});

test("where no marker tells of older mounts, the Secret is as young as it looks", () => {
  assert.deepEqual(said({ marked: "none" }), proven);
});

test("a restart since the Secret was made, for another object of the class, tells nothing of older mounts", () => {
  assert.deepEqual(said({ marked: "mounter", restartedAt: madeAt + minute }), proven);
});

test("a mount of the version made the Secret, and is still there", () => {
  assert.deepEqual(said({ marked: "reader", mountedAt: madeAt - second }), proven);
  assert.deepEqual(said({ marked: "mounter", mountedAt: madeAt }), proven);
});
