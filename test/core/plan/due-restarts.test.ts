/** Somebody rolls out what the bridge was about to restart, and nothing proves what the new pods started with. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Memory } from "../../../shared/core/memory.ts";
import { emptyMemory } from "../../../shared/core/memory.ts";
import type { Workload } from "../../../shared/core/observed.ts";
import { plan } from "../../../shared/core/plan/plan.ts";
import type { Plan } from "../../../shared/core/plan/plan-types.ts";
import { recordDone } from "../../../shared/core/plan/record.ts";
import {
  classOf,
  drivers,
  driverOf,
  envRead,
  hour,
  noon,
  planInput,
  podStatus,
  second,
  syncedSecret,
  vaultView,
  workloadWithPods,
  writer,
} from "./builders.ts";
import { observedOf } from "./observed.ts";

const mails = classOf("mails", ["mail"], { mails: { mail: "mail" } });
const old = noon - hour;
const rolled = noon + 4 * second;

/** Driver 1.5 with rotation wrote the version of noon, and dates its entry anew for each ReplicaSet. */
function look(startedAt: number, at: number, memory: Memory, changes: Partial<Workload> = {}): Plan {
  const { workload, pods } = workloadWithPods({
    kind: "Deployment",
    name: "app",
    pods: 2,
    mounts: ["mails"],
    reads: [envRead("mails", "mail")],
    startedAt,
    marked: [],
  });
  const writers = [writer(drivers, rolled + 2 * second, "mail")];
  const secret = syncedSecret("mails", { mail: "mail-value" }, { createdAt: old, writers });
  const observed = observedOf({
    at,
    classes: [mails],
    secrets: new Map([["mails", { kind: "present", secret }]]),
    workloads: [{ ...workload, ...changes }],
    pods,
    podStatuses: pods.map((pod) => podStatus(pod, "mails", ["mail"])),
    driver: driverOf("1.5", "on"),
  });
  return plan(planInput(observed, vaultView(new Map([["mail", noon]])), { memory }));
}

function said({ outcomes, steps }: Plan): string {
  const outcome = outcomes.get("mails");
  const word = outcome === undefined || outcome.kind === "converged" ? "converged" : outcome.reason;
  return [word, ...steps.map(({ kind }) => kind)].join(", ");
}

/** Looks at 3, 5, 15 and 17 seconds past noon; before the third somebody has rolled the workload out. */
function afterwards(changes: Partial<Workload> = {}, done?: true): string {
  const first = look(old, noon + 3 * second, emptyMemory, changes);
  const again = look(old, noon + 5 * second, first.memory, changes);
  const [step] = again.steps;
  const memory = done && step !== undefined ? recordDone(again.memory, step, rolled) : again.memory;
  const third = look(rolled, noon + 15 * second, memory);
  return said(look(rolled, noon + 17 * second, third.memory));
}

test("what a look finds unproven from the start is named, and not restarted", () => {
  const first = look(rolled, noon + 15 * second, emptyMemory);
  assert.equal(said(look(rolled, noon + 17 * second, first.memory)), "start-unknown");
});

test("what was found old before is restarted, although somebody else rolled it out meanwhile", () => {
  assert.equal(afterwards(), "rollout-running, restart");
});

test("where a person was waited for, what they rolled out is not restarted", () => {
  assert.equal(afterwards({ paused: true }), "start-unknown");
});

test("what was due is due once, also where a webhook takes the marker out of the template", () => {
  assert.equal(afterwards({}, true), "start-unknown");
});
