/** Somebody rolls out what the bridge was about to restart, and nothing proves what the new pods started with. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Memory } from "../../../shared/core/memory.ts";
import { emptyMemory } from "../../../shared/core/memory.ts";
import type { Workload } from "../../../shared/core/observed.ts";
import { plan } from "../../../shared/core/plan/plan.ts";
import type { Plan, PlanInput } from "../../../shared/core/plan/plan-types.ts";
import { recordDone } from "../../../shared/core/plan/record.ts";
import {
  classOf,
  drivers,
  driverOf,
  envRead,
  hour,
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

const mails = classOf("mails", ["mail"], { mails: { mail: "mail" } });
const old = noon - hour;
const rolled = noon + 4 * second;

/** A pod: when it was created, of which ReplicaSet, and whether it has started. */
type Given = readonly [createdAt: number, revision: "r1" | "r2", started: boolean];
const before: readonly Given[] = [
  [old, "r1", true],
  [old, "r1", true],
];
const underWay: readonly Given[] = [
  [old, "r1", true],
  [rolled, "r2", false],
];
const after: readonly Given[] = [
  [rolled, "r2", true],
  [rolled, "r2", true],
];

/** Driver 1.5 with rotation wrote the version of noon, and dates its entry anew for each ReplicaSet. */
function look(given: readonly Given[], at: number, memory: Memory, changes: Partial<Workload> = {}): PlanInput {
  const made = workloadWithPods({
    kind: "Deployment",
    name: "app",
    pods: given.length,
    mounts: ["mails"],
    reads: [envRead("mails", "mail")],
    startedAt: old,
    marked: [],
  });
  const pods = given.map(([createdAt, revision, started], index) =>
    pod(`app-${revision}-${index}`, createdAt, {
      owner: { kind: "ReplicaSet", name: `app-${revision}`, uid: `uid-app-${revision}` },
      uses: made.workload.uses,
      revision,
      ...(started ? {} : { started, ready: false, lastStartedAt: undefined, readyChangedAt: undefined }),
    }),
  );
  const ready = pods.filter(({ started }) => started).length;
  const rollout = { ...made.workload.rollout, updated: pods.length, ready, available: ready };
  const partly = given === underWay ? { ...rollout, updated: 1, completed: false } : rollout;
  const writers = [writer(drivers, rolled + 2 * second, "mail")];
  const secret = syncedSecret("mails", { mail: "mail-value" }, { createdAt: old, writers });
  const observed = observedOf({
    at,
    classes: [mails],
    secrets: new Map([["mails", { kind: "present", secret }]]),
    workloads: [{ ...made.workload, rollout: partly, ...changes }],
    pods,
    podStatuses: pods.filter(({ started }) => started).map((one) => podStatus(one, "mails", ["mail"])),
    driver: driverOf("1.5", "on"),
  });
  return planInput(observed, vaultView(new Map([["mail", noon]])), { memory });
}

function said({ outcomes, steps }: Plan): string {
  const outcome = outcomes.get("mails");
  const word = outcome === undefined || outcome.kind === "converged" ? "converged" : outcome.reason;
  return [word, ...steps.map(({ kind }) => kind)].join(", ");
}

/** What the last of these looks says and does; they come 15 seconds apart. */
function saidAtLast(...looks: readonly (readonly [given: readonly Given[], changes?: Partial<Workload>])[]): string {
  let memory = emptyMemory;
  let last = "";
  for (const [index, [given, changes]] of looks.entries()) {
    const made = plan(look(given, noon + (3 + 15 * index) * second, memory, changes));
    ({ memory } = made);
    last = said(made);
  }
  return last;
}

test("what a look finds unproven from the start is named, and not restarted", () => {
  assert.equal(saidAtLast([after], [after]), "start-unknown");
});

test("what was found old before is restarted, although somebody else rolled it out meanwhile", () => {
  assert.equal(saidAtLast([before], [before], [after], [after]), "rollout-running, restart");
  assert.equal(saidAtLast([before], [before], [underWay], [after], [after]), "rollout-running, restart");
});

test("where a person was waited for, what they rolled out is not restarted", () => {
  for (const changes of [{ paused: true }, { ignored: true }]) {
    assert.equal(saidAtLast([before, changes], [before, changes], [after], [after]), "start-unknown");
    assert.equal(saidAtLast([before, changes], [underWay], [after], [after]), "start-unknown");
  }
});

test("nor is a rollout of theirs that was on its way when the bridge came", () => {
  assert.equal(saidAtLast([underWay], [after], [after]), "start-unknown");
});

test("nor what a bridge that only observes would have restarted", () => {
  const watching = (given: readonly Given[], at: number, memory: Memory) => {
    const input = look(given, at, memory);
    return plan({ ...input, policy: { ...input.policy, mode: "observe" } });
  };
  const first = watching(before, noon + 3 * second, emptyMemory);
  const again = watching(before, noon + 7 * second, first.memory);
  assert.equal(said(secondLook(look(after, noon + 15 * second, again.memory), 15 * second)), "start-unknown");
});

test("what was due is due once, also where a webhook takes the marker out of the template", () => {
  const first = plan(look(before, noon + 3 * second, emptyMemory));
  const again = plan(look(before, noon + 5 * second, first.memory));
  const [step] = again.steps;
  assert.ok(step);
  let memory = recordDone(again.memory, step, rolled);
  for (const given of [underWay, after]) ({ memory } = plan(look(given, noon + 15 * second, memory)));
  assert.doesNotMatch(said(plan(look(after, noon + 17 * second, memory))), /restart$/);
});

test("where hundreds are due, they are restarted all the same", () => {
  const names = Array.from({ length: 300 }, (_, index) => `app-${index}`);
  const many = names.map((name) =>
    workloadWithPods({
      kind: "Deployment",
      name,
      pods: 1,
      mounts: ["mails"],
      reads: [envRead("mails", "mail")],
      startedAt: old,
      marked: [],
    }),
  );
  const pods = many.flatMap((one) => one.pods);
  const secret = syncedSecret(
    "mails",
    { mail: "mail-value" },
    { createdAt: old, writers: [writer(drivers, noon, "mail")] },
  );
  const observed = observedOf({
    at: noon + 10 * second,
    classes: [mails],
    secrets: new Map([["mails", { kind: "present", secret }]]),
    workloads: many.map(({ workload }) => workload),
    pods,
    podStatuses: pods.map((one) => podStatus(one, "mails", ["mail"])),
    driver: driverOf("1.5", "on"),
  });
  assert.equal(secondLook(planInput(observed, vaultView(new Map([["mail", noon]])))).steps.length, names.length);
});
