/** A restart comes a second after the Secret was last changed, by whoever: kubelets resolve env from a cache that lags. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Memory } from "../../../shared/core/memory.ts";
import { emptyMemory } from "../../../shared/core/memory.ts";
import type { SyncedSecret } from "../../../shared/core/observed.ts";
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

const seenAt = noon + hour;
const mails = classOf("mails", ["mail"], { mails: { mail: "mail" } });
/** It was there before the version came. */
const { workload, pods } = workloadWithPods({
  kind: "Deployment",
  name: "app",
  pods: 2,
  mounts: ["mails"],
  reads: [envRead("mails", "mail")],
  startedAt: noon - hour,
  marked: [],
});

/** The driver wrote it, unless `changes` say otherwise. */
function secretWith(changes: Partial<SyncedSecret>, value = "mail-value"): SyncedSecret {
  return syncedSecret("mails", { mail: value }, { writers: [writer(drivers, noon, "mail")], ...changes });
}

/** A look at it; rotation is on, and all mounts are refreshed. */
function look(changes: Partial<SyncedSecret>, at: number, memory: Memory, value?: string): Plan {
  const secret = secretWith(changes, value);
  const observed = observedOf({
    classes: [mails],
    secrets: new Map([["mails", { kind: "present", secret }]]),
    workloads: [workload],
    pods,
    podStatuses: pods.map((pod) => ({
      ...podStatus(pod, "mails", []),
      versions: new Map([["secret/mail", "v-mail"]]),
    })),
    driver: driverOf("1.5", "on"),
  });
  return plan({ ...planInput(observed, vaultView(new Map([["mail", noon]])), { memory }), now: at });
}

test("a Secret that is right at two looks, and was changed in between, is given another second", () => {
  const first = look({ resourceVersion: "1" }, seenAt, emptyMemory);
  assert.deepEqual([first.steps, first.next], [[], { kind: "soon", ms: 1000 }]);
  // The driver wrote what an old mount had, and what a new one has a moment later: within the second of its first write.
  const again = look({ resourceVersion: "3" }, seenAt + 1200, first.memory);
  assert.deepEqual([again.steps, again.next], [[], { kind: "soon", ms: 1000 }]);
  const third = look({ resourceVersion: "3" }, seenAt + 2200, again.memory);
  assert.deepEqual(
    third.steps.map(({ kind }) => kind),
    ["restart"],
  );
});

test("a Secret that nobody has changed for a second is restarted for at once", () => {
  const { memory } = look({ resourceVersion: "1" }, seenAt, emptyMemory);
  assert.equal(look({ resourceVersion: "1" }, seenAt + second, memory).steps.length, 1);
});

/** As the API server answers our write. */
function written(resourceVersion: string): Partial<SyncedSecret> {
  return { resourceVersion, writers: [writer(ours, seenAt, "mail")] };
}

test("the second counts from our own write, unless somebody has written the key since", () => {
  const wrong = look({ resourceVersion: "1" }, seenAt, emptyMemory, "old");
  const [write] = wrong.steps;
  assert.ok(write?.kind === "write");
  const memory = recordDone(wrong.memory, write, seenAt, secretWith(written("2")));
  assert.equal(look(written("2"), seenAt + second, memory).steps.length, 1);
  // Owners were added, or another key.
  assert.equal(look(written("5"), seenAt + second, memory).steps.length, 1);
  assert.deepEqual(look({ resourceVersion: "4" }, seenAt + second, memory).steps, []);
  const anew = { ...written("4"), writers: [writer(ours, seenAt + second, "mail")] };
  assert.deepEqual(look(anew, seenAt + second, memory).steps, []);
});
