import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import type { Observed, SecretRead, SecretSeen } from "../../../shared/core/observed.ts";
import { plan } from "../../../shared/core/plan/plan.ts";
import type { PlanInput } from "../../../shared/core/plan/plan-types.ts";
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
  policyOf,
  second,
  syncedSecret,
  vaultView,
  workloadWithPods,
  writer,
} from "./builders.ts";
import { observedOf } from "./observed.ts";

/** A workload of the generated namespace: what it mounts and reads of the classes, and how it came to be right. */
interface Member {
  readonly kind: "Deployment" | "StatefulSet" | "DaemonSet";
  readonly pods: number;
  readonly mounts: readonly number[];
  readonly reads: readonly { readonly of: number; readonly by: SecretRead["by"]; readonly whole: boolean }[];
  /** `marked`: by our restart. `fresh`: its pods came after our write. */
  readonly standing: "marked" | "fresh";
}

const member: fc.Arbitrary<Member> = fc.record({
  kind: fc.constantFrom("Deployment", "StatefulSet", "DaemonSet"),
  pods: fc.integer({ min: 0, max: 3 }),
  mounts: fc.uniqueArray(fc.integer({ min: 0, max: 2 }), { maxLength: 2 }),
  reads: fc.array(
    fc.record({
      of: fc.integer({ min: 0, max: 2 }),
      by: fc.constantFrom("env", "subPath", "volume"),
      whole: fc.boolean(),
    }),
    { maxLength: 3 },
  ),
  standing: fc.constantFrom("marked", "fresh"),
});

/** A namespace with three classes of two objects each, in which everything is right since an hour. */
function convergedWorld(
  members: readonly Member[],
  driver: Observed["driver"],
  changes: Partial<PlanInput>,
): PlanInput {
  const numbers = [0, 1, 2];
  const objects = (index: number) => [`user-${index}`, `password-${index}`];
  const createdOn = new Map(
    numbers.flatMap((index) => objects(index).map((name) => [name, noon - index * hour] as const)),
  );
  const classes = numbers.map((index) =>
    classOf(`class-${index}`, objects(index), {
      [`secret-${index}`]: { user: `user-${index}`, password: `password-${index}` },
    }),
  );
  const data = (index: number) => ({ user: `user-${index}-value`, password: `password-${index}-value` });
  const writtenAt = noon + minute;
  const startedAt = writtenAt + 2 * second;
  const made = members.map((wish, number) =>
    workloadWithPods({
      kind: wish.kind,
      name: `app-${number}`,
      pods: wish.pods,
      mounts: wish.mounts.map((index) => `class-${index}`),
      reads: wish.reads.map(({ of, by, whole }) => ({
        ...envRead(`secret-${of}`, whole ? undefined : "password"),
        by,
      })),
      startedAt,
      marked: wish.standing === "fresh" ? [] : [...createdOn].map(([name, at]) => ({ name, createdOn: at })),
    }),
  );
  // A Secret that nobody mounts or reads is not there; one that a pod needs is.
  const needed = new Set(
    members.flatMap((wish) => (wish.pods > 0 ? [...wish.mounts, ...wish.reads.map(({ of }) => of)] : [])),
  );
  const secrets = new Map<string, SecretSeen>(
    numbers.map((index) => {
      const writers = [writer(ours, writtenAt, "user", "password")];
      const secret = syncedSecret(`secret-${index}`, data(index), { createdAt: noon - 3 * hour, writers });
      return [`secret-${index}`, needed.has(index) ? { kind: "present", secret } : { kind: "missing" }];
    }),
  );
  const pods = made.flatMap((item) => item.pods);
  const podStatuses = pods.flatMap((one) =>
    one.uses.mounts.map(({ className }) => podStatus(one, className, objects(Number(className.slice(-1))))),
  );
  const workloads = made.map((item) => item.workload);
  const observed = observedOf({ classes, secrets, workloads, pods, podStatuses, revisions: undefined, driver });
  return planInput(observed, vaultView(createdOn), changes);
}

const drivers = fc
  .tuple(fc.constantFrom("1.5", "1.6", "unknown"), fc.constantFrom("on", "off", "unknown"))
  .map(([generation, rotation]) => driverOf(generation, rotation));

test("a converged world needs nothing: no step, no wait, no fact", () => {
  const restarts = fc.constantFrom("auto", "always", "never");
  fc.assert(
    fc.property(
      fc.array(member, { maxLength: 5 }),
      drivers,
      restarts,
      fc.constantFrom("act", "observe"),
      (members, driver, restart, mode) => {
        const decided = plan(convergedWorld(members, driver, { policy: policyOf({ restart, mode }) }));
        assert.deepEqual([...decided.steps, ...decided.wouldDo], []);
        assert.deepEqual(decided.needs, []);
        assert.deepEqual(
          [...decided.outcomes.values()].filter((outcome) => outcome.kind !== "converged"),
          [],
        );
        assert.deepEqual([...decided.outcomes.keys()].sort(), ["class-0", "class-1", "class-2"]);
        assert.deepEqual(decided.next, { kind: "end" });
      },
    ),
    { numRuns: 300 },
  );
});

test("it still needs nothing when it is asked again with the memory of the last answer", () => {
  fc.assert(
    fc.property(fc.array(member, { maxLength: 5 }), drivers, (members, driver) => {
      const { memory } = plan(convergedWorld(members, driver, {}));
      const again = plan(convergedWorld(members, driver, { memory, now: noon + 2 * hour }));
      assert.deepEqual(again.steps, []);
      assert.deepEqual(again.next, { kind: "end" });
      assert.deepEqual(again.memory.counts, memory.counts);
    }),
  );
});
