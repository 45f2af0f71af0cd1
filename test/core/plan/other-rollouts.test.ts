/** A rollout that was not set going for a version may bring it all the same: it is watched, and nothing is restarted. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Pod, SecretSeen, Workload, WorkloadKind } from "../../../shared/core/observed.ts";
import { ownMarker } from "../../../shared/core/marker.ts";
import { emptyMemory } from "../../../shared/core/memory.ts";
import { restartKey } from "../../../shared/core/plan/memory-keys.ts";
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

const wroteAt = noon + minute;
const rolledAt = noon + 5 * minute;

interface Case {
  readonly kind?: WorkloadKind;
  readonly workload?: Partial<Workload>;
  readonly rollout?: Partial<Workload["rollout"]>;
  /** Versions of another object that it was restarted for by us. */
  readonly marked?: readonly string[];
  readonly oldPod?: Partial<Pod>;
  readonly newPod?: Partial<Pod>;
  /** What the new pod shows to have mounted; the wanted version by default. */
  readonly shown?: string;
  readonly now?: number;
  /** Pods of our restart were seen to meet old bytes. */
  readonly metOldBytes?: boolean;
}

/** Two pods of before the version serve, and the one of a rollout hangs. What is said, what is restarted, what follows. */
function said(given: Case): string {
  const { kind = "Deployment", marked = [] } = given;
  const made = workloadWithPods({
    kind,
    name: "app",
    pods: 3,
    mounts: ["kv"],
    reads: [envRead("kv", "db")],
    startedAt: noon - hour,
    marked: marked.map((name) => ({ name, createdOn: noon - hour })),
  });
  const restartedByUsAt = marked.length === 0 ? undefined : rolledAt;
  const workload: Workload = {
    ...made.workload,
    desired: 2,
    restartedByUsAt,
    ...given.workload,
    rollout: { ...made.workload.rollout, total: 3, updated: 1, ready: 2, available: 2, ...underWay, ...given.rollout },
  };
  const hangs = { ready: false, started: false, readyChangedAt: undefined, lastStartedAt: undefined } as const;
  const owner = { kind: kind === "Deployment" ? "ReplicaSet" : kind, name: kind === "Deployment" ? "app-r2" : "app" };
  const pods = made.pods.map((pod, index): Pod => {
    if (index < 2) return { ...pod, ...given.oldPod };
    const ofNew = { createdAt: rolledAt, revision: "r2", owner: { ...owner, uid: "uid-r2" } };
    return { ...pod, ...ofNew, ...hangs, ...given.newPod };
  });
  const podStatuses = pods.map((pod, index) => {
    const version = index === 2 ? (given.shown ?? "v-db") : "v-before";
    return {
      ...podStatus(pod, "kv", []),
      versions: new Map([
        ["secret/db", version],
        ["secret/mail", "v-mail"],
      ]),
    };
  });
  const secret = syncedSecret(
    "kv",
    { db: "db-value", mail: "mail-value" },
    { createdAt: noon - 3 * hour, writers: [writer(ours, wroteAt, "db", "mail")] },
  );
  const observed = observedOf({
    at: given.now ?? rolledAt + 4 * minute,
    classes: [classOf("kv", ["db", "mail"], { kv: { db: "db", mail: "mail" } })],
    secrets: new Map<string, SecretSeen>([["kv", { kind: "present", secret }]]),
    workloads: [workload],
    pods,
    podStatuses,
    driver: driverOf("1.6", "off"),
  });
  const born = new Map([
    ["db", noon],
    ["mail", noon - 2 * hour],
  ]);
  const reverted = given.metOldBytes === true ? [restartKey("Deployment/app", ownMarker(workload))] : [];
  const plan = secondLook(planInput(observed, vaultView(born), { memory: { ...emptyMemory, reverted } }));
  const outcome = plan.outcomes.get("kv");
  const word = outcome === undefined || outcome.kind === "converged" ? "converged" : outcome.reason;
  return [word, ...plan.steps.map(({ kind: step }) => step), plan.next.kind].join(", ");
}

const underWay = { completed: false, currentRevision: "r1", updateRevision: "r2" };
const exceeded = { deadlineExceeded: true } as const;
const restarted = "rollout-running, restart, soon";
const stuck = "rollout-stuck, end";

test("a rollout that brings the version is watched, whoever set it going", () => {
  for (const kind of ["Deployment", "StatefulSet", "DaemonSet"] as const)
    assert.equal(said({ kind }), "rollout-running, soon");
  assert.equal(said({ marked: ["mail"] }), "rollout-running, soon");
});

test("once it is stuck it is said to be, and not restarted to hang for as long again", () => {
  assert.equal(said({ rollout: exceeded }), stuck);
  assert.equal(said({ rollout: exceeded, marked: ["mail"] }), stuck);
  for (const kind of ["StatefulSet", "DaemonSet"] as const) assert.equal(said({ kind, now: rolledAt + hour }), stuck);
});

test("a stuck rollout whose pods lack the version, or will when they come up, is restarted", () => {
  assert.equal(said({ rollout: exceeded, shown: "v-before" }), restarted);
  const older = { createdAt: wroteAt - 10 * second };
  assert.equal(said({ rollout: exceeded, newPod: older }), restarted);
  assert.equal(said({ rollout: exceeded, oldPod: { ready: false, troubles: ["CrashLoopBackOff"] } }), restarted);
});

test("a stuck rollout whose pods may have something else is restarted: it may be stuck for that", () => {
  assert.equal(said({ rollout: exceeded, marked: ["mail"], metOldBytes: true }), restarted);
  const marker = "elsewhere/secret/db=v-db@1767268800";
  assert.equal(said({ rollout: exceeded, workload: { marker, restartedByUsAt: rolledAt } }), restarted);
});

test("what never finishes by itself is not sat and waited for, and whoever left it so is named", () => {
  assert.equal(said({ workload: { paused: true } }), "workload-paused, later");
  assert.equal(said({ kind: "DaemonSet", workload: { strategy: "on-delete" } }), "on-delete, later");
  assert.equal(said({ kind: "StatefulSet", workload: { partition: 1 } }), "partitioned, later");
  assert.equal(said({ workload: { ignored: true }, rollout: exceeded }), "old-mount, later");
});
