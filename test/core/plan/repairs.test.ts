/** Somebody starts pods between the look that finds other bytes in the Secret and the moment at which the repair is seen. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Memory } from "../../../shared/core/memory.ts";
import { emptyMemory } from "../../../shared/core/memory.ts";
import type { Pod, SecretWriter } from "../../../shared/core/observed.ts";
import { plan } from "../../../shared/core/plan/plan.ts";
import type { Plan } from "../../../shared/core/plan/plan-types.ts";
import {
  classOf,
  driverOf,
  envRead,
  hour,
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
import { observedOf } from "./observed.ts";

const mails = classOf("mails", ["mail"], { mails: { mail: "mail" } });
/** The bridge restarted it ten minutes ago; somebody wrote the Secret by hand since, and is found out at noon. */
const restartedAt = noon - 600 * second;
const byHand = writer("kubectl", noon - 300 * second, "mail");
const repaired = writer(ours, noon + second, "mail");

function look(value: string, by: SecretWriter, at: number, memory: Memory, start: Partial<Pod> = {}): Plan {
  const { workload, pods } = workloadWithPods({
    kind: "Deployment",
    name: "app",
    pods: 2,
    mounts: ["mails"],
    reads: [envRead("mails", "mail")],
    startedAt: restartedAt,
    marked: [{ name: "mail", createdOn: noon - hour }],
  });
  const present = pods.map((pod, index) => (index === 0 ? pod : { ...pod, ...start }));
  const secret = syncedSecret("mails", { mail: value }, { createdAt: noon - 2 * hour, writers: [by] });
  const observed = observedOf({
    at,
    classes: [mails],
    secrets: new Map([["mails", { kind: "present", secret }]]),
    workloads: [workload],
    pods: present,
    podStatuses: present.map((pod) => podStatus(pod, "mails", ["mail"])),
    driver: driverOf("1.5", "on"),
  });
  return plan(planInput(observed, vaultView(new Map([["mail", noon - hour]])), { memory }));
}

/** The repair at noon, and what is said and done 4, 6 and `lastAfter` seconds later with a pod that started so. */
function afterwards(start: Partial<Pod>, lastAfter = 8): string {
  let last = look("other", byHand, noon, emptyMemory);
  assert.deepEqual(
    last.steps.map(({ kind }) => kind),
    ["write"],
  );
  for (const after of [4, 6]) last = look("mail-value", repaired, noon + after * second, last.memory);
  last = look("mail-value", repaired, noon + lastAfter * second, last.memory, start);
  const outcome = last.outcomes.get("mails");
  const word = outcome === undefined || outcome.kind === "converged" ? "converged" : outcome.reason;
  return [word, ...last.steps.map(({ kind }) => kind)].join(", ");
}

const from = (after: number): Partial<Pod> => ({ createdAt: noon, lastStartedAt: noon + after * second });

test("nothing is restarted where nobody started meanwhile", () => {
  assert.equal(afterwards({}), "converged");
});

test("whoever started between the look and two seconds after its write is restarted", () => {
  for (const after of [0, 1, 2]) assert.equal(afterwards(from(after)), "rollout-running, restart");
  assert.equal(afterwards({ createdAt: restartedAt, lastStartedAt: noon + 2 * second }), "rollout-running, restart");
});

test("whoever started later than that got what was written", () => {
  assert.equal(afterwards(from(3)), "converged");
});

test("half a minute after the look that found it right no start of then is heard of any more", () => {
  const wrong = look("other", byHand, noon, emptyMemory);
  let last = look("mail-value", repaired, noon + 4 * second, wrong.memory);
  last = look("mail-value", repaired, noon + 40 * second, last.memory);
  last = look("mail-value", repaired, noon + 42 * second, last.memory, from(2));
  assert.deepEqual(last.steps, []);
});

test("however long the Secret was wrong, half a minute counts from its repair", () => {
  const wrong = look("other", byHand, noon - 100 * second, emptyMemory);
  const still = look("other", byHand, noon, wrong.memory);
  const right = look("mail-value", repaired, noon + 4 * second, still.memory);
  const last = look("mail-value", repaired, noon + 6 * second, right.memory, from(2));
  assert.deepEqual(
    last.steps.map(({ kind }) => kind),
    ["restart"],
  );
});

test("a later write of another key makes no start between the two wrong", () => {
  const wrong = look("other", byHand, noon, emptyMemory);
  const right = look("mail-value", repaired, noon + 4 * second, wrong.memory);
  const started = look("mail-value", repaired, noon + 12 * second, right.memory, from(10));
  const other = writer(ours, noon + 15 * second, "mail", "other");
  const last = look("mail-value", other, noon + 16 * second, started.memory, from(10));
  assert.deepEqual([last.steps, last.memory.reverted], [[], []]);
});

test("who started right after one repair is not blamed for the next", () => {
  const wrong = look("other", byHand, noon, emptyMemory);
  let last = look("mail-value", repaired, noon + 4 * second, wrong.memory);
  last = look("mail-value", repaired, noon + 8 * second, last.memory, from(5));
  last = look("other", writer("kubectl", noon + 20 * second, "mail"), noon + 21 * second, last.memory, from(5));
  last = look("mail-value", writer(ours, noon + 21 * second, "mail"), noon + 24 * second, last.memory, from(5));
  assert.deepEqual([last.steps, last.memory.reverted], [[], []]);
});
