/** What a look sees of a namespace in which another instance acts between its reads, and after them. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { parseMarker } from "../../../shared/core/marker.ts";
import { emptyMemory } from "../../../shared/core/memory.ts";
import type { Memory } from "../../../shared/core/memory.ts";
import type { Pod, PodStatus, Workload } from "../../../shared/core/observed.ts";
import { restartKey, rightKey, wroteKey } from "../../../shared/core/plan/memory-keys.ts";
import { plan } from "../../../shared/core/plan/plan.ts";
import type { Plan } from "../../../shared/core/plan/plan-types.ts";
import { recordDone } from "../../../shared/core/plan/record.ts";
import {
  classOf,
  driverOf,
  envRead,
  hour,
  minute,
  noon,
  ours,
  planInput,
  podStatus,
  second,
  syncedSecret,
  vaultView,
  workloadWithPods,
  writer,
} from "./builders.ts";
import { observedOf, secondLook } from "./observed.ts";

const born = new Map([["mail", noon]]);
const wroteAt = noon + 20 * minute;
const restartedAt = wroteAt + 2 * second;
const marked = [{ name: "mail", createdOn: noon }];
/** Restarted for `mail`; it mounts the class and reads nothing. */
const mounter = workloadWithPods({
  kind: "Deployment",
  name: "mounter",
  pods: 2,
  mounts: ["mails"],
  reads: [],
  startedAt: noon + 2 * minute,
  marked,
});
const readers = {
  kind: "StatefulSet",
  name: "reader",
  pods: 1,
  mounts: [],
  reads: [envRead("mails", "mail")],
} as const;
/** Its pods are older than our write. */
const oldReader = workloadWithPods({ ...readers, startedAt: noon - hour, marked: [] });
/** Restarted for `mail` as well. */
const newReader = workloadWithPods({ ...readers, startedAt: restartedAt, marked });
const present = restartKey("StatefulSet/reader", parseMarker(newReader.workload.marker));
const right = syncedSecret("mails", { mail: "mail-value" }, { writers: [writer(ours, wroteAt, "mail")] });

interface Case {
  /** The mounter's, as they are read after its status. */
  readonly pods?: readonly Pod[];
  readonly statuses?: readonly PodStatus[];
  readonly reader?: { readonly workload: Workload; readonly pods: readonly Pod[] };
  readonly memory?: Memory;
}

function inputOf({
  pods = mounter.pods,
  statuses = pods.map((pod) => podStatus(pod, "mails", ["mail"])),
  reader = oldReader,
  memory = emptyMemory,
}: Case) {
  const observed = observedOf({
    classes: [classOf("mails", ["mail"], { mails: { mail: "mail" } })],
    secrets: new Map([["mails", { kind: "present", secret: right }]]),
    workloads: [mounter.workload, reader.workload],
    pods: [...pods, ...reader.pods],
    podStatuses: statuses,
    driver: driverOf("1.6", "off"),
  });
  return planInput(observed, vaultView(born), { memory });
}

function restarted(decided: Plan): readonly string[] {
  return decided.steps.flatMap((step) => (step.kind === "restart" ? [step.workload.name] : []));
}

const ending = mounter.pods.map((pod) => ({ ...pod, deleting: true }));
const coming = mounter.pods.map((pod) => ({
  ...pod,
  uid: `${pod.uid}-next`,
  started: false,
  ready: false,
  lastStartedAt: undefined,
}));

test("a reader is restarted when all that the mounter's status counts as ready is there", () => {
  assert.deepEqual(restarted(secondLook(inputOf({}))), ["reader"]);
});

const between: readonly (readonly [string, readonly Pod[]])[] = [
  ["are being deleted", ending],
  ["are being deleted, and their successors have not started", [...ending, ...coming]],
  ["have not started", coming],
  ["are gone", []],
];
for (const [what, pods] of between) {
  test(`a class is not proven whose mounter's status counts pods as ready that ${what}`, () => {
    // What they are going to mount may be older still; from 1.6 on that writes it into the Secret.
    const decided = secondLook(inputOf({ pods, statuses: [] }));
    assert.deepEqual(restarted(decided), []);
    const outcome = decided.outcomes.get("mails");
    assert.ok(outcome?.kind === "waiting" && outcome.reason === "rollout-running");
    assert.equal(decided.next.kind, "soon");
  });
}

test("pods that take their leave slowly, and are still counted, are not waited for without end", () => {
  const firstSeen = { "between/Deployment/mounter": noon + 45 * minute };
  const memory = { ...emptyMemory, firstSeen };
  assert.deepEqual(restarted(secondLook(inputOf({ pods: ending, statuses: [], memory }))), ["reader"]);
});

/** What a chain remembers that has written `mail` just now. */
function afterWrite(version = "v-mail"): Memory {
  const counts = [wroteKey("mails", "mail", version)];
  const secret = { name: "mails", sources: new Map() };
  const step = { kind: "write", secret: "mails", data: new Map(), resourceVersion: "1", counts } as const;
  return recordDone(emptyMemory, { ...step, rightKey: rightKey(secret) }, wroteAt);
}

function restartedBy(at: number) {
  return { ...newReader, workload: { ...newReader.workload, restartedByUsAt: at } };
}

function met(at: number, memory: Memory): readonly string[] {
  // Its pods started a second after our write at the latest: what they met was there before.
  const reader = restartedBy(at);
  const pods = reader.pods.map((pod) => ({ ...pod, createdAt: at, lastStartedAt: wroteAt + second }));
  return plan(inputOf({ reader: { ...reader, pods }, memory })).memory.reverted;
}

test("a restart by another instance that is not younger than what this one has just written met what was there before", () => {
  assert.deepEqual(met(wroteAt, afterWrite()), [present]);
  assert.deepEqual(met(wroteAt - 5 * second, afterWrite()), [present]);
});

test("a restart after our write, or for another version than that of the write, met nothing else", () => {
  assert.deepEqual(met(wroteAt + second, afterWrite()), []);
  assert.deepEqual(met(wroteAt, afterWrite("v-before")), []);
  assert.deepEqual(met(wroteAt, emptyMemory), []);
});

test("a restart that this instance knew when it wrote has been judged by what was seen then", () => {
  const now = wroteAt + 10 * second;
  const known = plan({ ...inputOf({ reader: restartedBy(wroteAt) }), now }).memory;
  const memory = { ...afterWrite(), firstSeen: { ...known.firstSeen, ...afterWrite().firstSeen } };
  assert.deepEqual(met(wroteAt, memory), []);
  // An old mount wrote long after it.
  assert.deepEqual(met(wroteAt - minute, afterWrite()), []);
});

test("only the look after a write tells: a later write of other keys moves the time that ours has", () => {
  const next = plan(inputOf({ reader: restartedBy(wroteAt + second), memory: afterWrite() })).memory;
  assert.deepEqual(met(wroteAt, next), []);
});

test("a reader that met old bytes is restarted again when no old mount is left", () => {
  const memory = { ...emptyMemory, reverted: [present] };
  // It started within a second of our write, which forgives nothing.
  const pods = newReader.pods.map((pod) => ({ ...pod, lastStartedAt: wroteAt + second }));
  const reader = { ...newReader, pods };
  assert.deepEqual(restarted(secondLook(inputOf({ reader, memory }))), ["reader"]);
  const old = { versions: new Map([["secret/mail", "v-before"]]) };
  const statuses = mounter.pods.map((pod) => ({ ...podStatus(pod, "mails", []), ...old }));
  const input = inputOf({ reader, memory, statuses });
  const earlier = new Map([
    ["contoso/secret/mail@v-before", { known: true, createdOn: noon - hour, held: undefined } as const],
  ]);
  const decided = secondLook({ ...input, vault: { ...input.vault, versions: earlier } });
  assert.deepEqual(restarted(decided), []);
});
