/** One object, pinned by a class whose Secret is read and followed by another one: the marker names one version of it. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { parseMarker } from "../../../shared/core/marker.ts";
import type { Pod, Revision, Workload } from "../../../shared/core/observed.ts";
import type { Plan } from "../../../shared/core/plan/plan-types.ts";
import type { ProviderClass } from "../../../shared/core/provider-class.ts";
import type { ObjectVersion } from "../../../shared/core/vault-object.ts";
import {
  classOf,
  driverOf,
  drivers,
  envRead,
  hour,
  minute,
  noon,
  ours,
  planInput,
  pod,
  podStatus,
  second,
  syncedSecret,
  vaultView,
  versionOf,
  workloadWithPods,
  writer,
} from "./builders.ts";
import { observedOf, secondLook } from "./observed.ts";

const now = noon + hour;
const db = "contoso/secret/db";
/** The driver's rotation may still be about to bring either of the two versions. */
const bornAt = now - 7 * minute;
const older: ObjectVersion = { ...versionOf("db", now - 8 * minute), version: "v-older" };

/** The pin was moved after the bridge restarted `both` for the newer version: nothing proves what it reads. */
const movedAt = now - 4 * minute;
const follow = classOf("follow", ["db"], { follow: { db: "db" } });
const held = pinned("held", older.version, movedAt);

function pinned(name: string, pin: string, changedAt: number): ProviderClass {
  const made = classOf(name, ["db"], { [name]: { db: "db" } });
  assert.ok(made.content.ok);
  return {
    ...made,
    changedAt,
    content: { ...made.content, objects: made.content.objects.map((item) => ({ ...item, pin })) },
  };
}

const made = workloadWithPods({
  kind: "Deployment",
  name: "both",
  pods: 1,
  mounts: ["follow"],
  reads: [envRead("held", "db")],
  startedAt: now - 5 * minute,
  marked: [{ name: "db", createdOn: bornAt }],
});
const holder = workloadWithPods({
  kind: "Deployment",
  name: "holder",
  pods: 1,
  mounts: ["held"],
  reads: [],
  startedAt: movedAt + minute,
  marked: [],
});

interface Seen {
  readonly classes?: readonly ProviderClass[];
  readonly workload?: Workload;
  readonly pods?: readonly Pod[];
  readonly askedAt?: number;
  readonly revisions?: readonly Revision[];
  /** When each Secret was last written, and by whom. */
  readonly wroteAt?: number;
  readonly writes?: string;
  /** How long after the first look it is decided. */
  readonly afterMs?: number;
}

function decide({
  classes = [follow, held],
  workload = made.workload,
  pods = made.pods,
  askedAt,
  revisions = [],
  wroteAt = movedAt + 90 * second,
  writes = drivers,
  afterMs,
}: Seen): Plan {
  const writers = [writer(writes, wroteAt, "db")];
  const secrets = classes.map(({ name }) =>
    syncedSecret(name, { db: "db-value" }, { createdAt: noon - 3 * hour, writers }),
  );
  const all = [...pods, ...holder.pods];
  const observed = observedOf({
    at: now,
    classes,
    secrets: new Map(secrets.map((secret) => [secret.name, { kind: "present", secret }])),
    workloads: [workload, holder.workload],
    pods: all,
    podStatuses: all.flatMap((one) =>
      one.uses.mounts.map(({ className }) => {
        const content = classes.find(({ name }) => name === className)?.content;
        const pin = content?.ok === true ? content.objects[0]?.pin : undefined;
        return { ...podStatus(one, className, []), versions: new Map([["secret/db", pin ?? "v-db"]]) };
      }),
    ),
    revisions,
    driver: driverOf("1.5", "on"),
  });
  const view = vaultView(new Map([["db", bornAt]]));
  const vault = {
    ...view,
    answers: new Map([
      ...view.answers,
      [`${db}@v-older`, { ok: true, current: older }] as const,
      [`${db}@v-db`, { ok: true, current: versionOf("db", bornAt) }] as const,
    ]),
  };
  return secondLook(planInput(observed, vault, askedAt === undefined ? {} : { byHand: { [db]: askedAt } }), afterMs);
}

function restarts(decided: Plan): readonly string[] {
  return decided.steps.flatMap((step) => (step.kind === "restart" ? [step.marker] : []));
}

const askedAt = now - 20 * second;
const restartedAt = now - 15 * second;
const first = restarts(decide({ askedAt }));
const restarted: Workload = { ...made.workload, marker: first[0], restartedByUsAt: restartedAt };
const running: Workload = {
  ...restarted,
  rollout: { ...restarted.rollout, total: 2, updated: 1, available: 1, completed: false },
};
const [before] = made.pods;
assert.ok(before);
const owner = { kind: "ReplicaSet", name: "both-r2", uid: "uid-both-r2" };
const after = pod("both-after", restartedAt, { owner, uses: before.uses, revision: "r2" });

test("what nothing proves waits for a person's word", () => {
  const decided = decide({});
  assert.deepEqual(restarts(decided), []);
  assert.deepEqual(decided.outcomes.get("held"), {
    kind: "waiting",
    reason: "start-unknown",
    about: ["Deployment/both"],
  });
});

test("their word restarts it, under a marker that can name nothing new", () => {
  assert.equal(first.length, 1);
  assert.deepEqual(
    [...parseMarker(first[0]).entries].map(([object, { version }]) => `${object}=${version}`),
    [`${db}=v-db`],
  );
});

test("it comes when the times of write and start can tell its pods from older ones: nothing else proves them", () => {
  assert.deepEqual(restarts(decide({ askedAt, afterMs: 1900 })), []);
  assert.equal(restarts(decide({ askedAt, afterMs: 2000 })).length, 1);
});

test("that restart's rollout is watched and not started again", () => {
  const decided = decide({ askedAt, workload: running, pods: [before, after] });
  assert.deepEqual(decided.steps, []);
  assert.equal(decided.next.kind, "soon");
});

test("so is one of a workload that depends on the followed version by a volume only", () => {
  const uses = {
    mounts: [],
    reads: [envRead("held", "db"), { secret: "follow", key: undefined, by: "volume", optional: false } as const],
  };
  const workload = { ...running, uses };
  const decided = decide({
    askedAt,
    workload,
    pods: [
      { ...before, uses },
      { ...after, uses },
    ],
  });
  assert.deepEqual(decided.steps, []);
  assert.deepEqual(decided.outcomes.get("held"), {
    kind: "waiting",
    reason: "rollout-running",
    about: ["Deployment/both"],
  });
});

test("two classes that pin one object otherwise: one restart for what we wrote, and its rollout is watched", () => {
  const other = pinned("other", "v-db", movedAt);
  const uses = { ...before.uses, mounts: [], reads: [envRead("held", "db"), envRead("other", "db")] };
  const seen = { classes: [held, other], writes: ours, pods: [{ ...before, uses }] };
  const restart = restarts(decide({ ...seen, workload: { ...made.workload, uses, marker: undefined } }));
  assert.equal(restart.length, 1);
  // No pod of it has come yet.
  const rollout = { ...running.rollout, total: 1, updated: 0 };
  const decided = decide({ ...seen, workload: { ...running, rollout, uses, marker: restart[0] } });
  assert.deepEqual(decided.steps, []);
});

test("two classes that pin one object otherwise: after three restarts whose marker cannot change a person must look", () => {
  const other = pinned("other", "v-db", movedAt);
  const uses = { ...before.uses, mounts: [], reads: [envRead("held", "db"), envRead("other", "db")] };
  const seen = { classes: [held, other], writes: ours, pods: [{ ...before, uses }] };
  const [marker = ""] = restarts(decide({ ...seen, workload: { ...made.workload, uses, marker: undefined } }));
  const times = (attempt: number) => `${marker.replace(/ #\d$/, "")} #${attempt}`;
  const decided = (attempt: number) =>
    decide({
      ...seen,
      workload: {
        ...running,
        rollout: made.workload.rollout,
        generation: made.workload.generation,
        uses,
        marker: times(attempt),
      },
    });
  assert.equal(restarts(decided(2)).length, 1);
  assert.deepEqual(restarts(decided(3)), []);
  assert.deepEqual(decided(3).outcomes.get("held"), {
    kind: "waiting",
    reason: "start-unknown",
    about: ["Deployment/both"],
  });
});

test("its pods are proven by when the Secret was written", () => {
  const decided = decide({ askedAt, workload: restarted, pods: [after] });
  assert.deepEqual(decided.steps, []);
  assert.deepEqual(decided.outcomes.get("held"), { kind: "converged", idle: false });
});

test("where nothing proves them either, one word is one restart, and another word another", () => {
  // The driver has written the Secret again since.
  const seen = { workload: restarted, pods: [after], wroteAt: now - 10 * second };
  const decided = decide({ ...seen, askedAt });
  assert.deepEqual(decided.steps, []);
  assert.deepEqual(decided.outcomes.get("held"), {
    kind: "waiting",
    reason: "start-unknown",
    about: ["Deployment/both"],
  });
  assert.equal(restarts(decide({ ...seen, askedAt: now - 5 * second })).length, 1);
});

test("an older restart that named the pinned version is not one that somebody undid", () => {
  const revision = (marker: string | undefined, changedAt: number): Revision => ({
    kind: "ReplicaSet",
    name: "both-r0",
    uid: "uid-r0",
    ownerUid: made.workload.uid,
    marker,
    changedAt,
  });
  const olders = revision(`${db}=v-older@${older.createdOn === undefined ? 0 : older.createdOn / 1000}`, now - second);
  assert.equal(restarts(decide({ askedAt, revisions: [olders] })).length, 1);
});

test("an undo of the restart that was asked for is not fought, and another word overrules it", () => {
  const undone = [
    {
      kind: "ReplicaSet",
      name: "both-r2",
      uid: "uid-r2",
      ownerUid: made.workload.uid,
      marker: first[0],
      changedAt: now - 10 * second,
    } as const,
  ];
  const decided = decide({ askedAt, revisions: undone });
  assert.deepEqual(restarts(decided), []);
  assert.equal(decided.outcomes.get("held")?.kind, "refused");
  assert.equal(restarts(decide({ askedAt: now - 5 * second, revisions: undone })).length, 1);
});

/** What the bridge restarted while the class pinned the older version: the marker names the other one. */
const beside = restarted;
const again = `restart #${parseMarker(first[0]).attempt + 1}`;

/** The attempt of each restart, or what is said of the class instead. */
function saidOf(seen: Seen): string {
  const decided = decide(seen);
  const attempts = restarts(decided).map((text) => `restart #${parseMarker(text).attempt}`);
  const outcome = decided.outcomes.get("held");
  if (attempts.length > 0) return attempts.join(", ");
  return outcome === undefined || outcome.kind === "converged" ? "converged" : outcome.reason;
}

test("a marker that names a version for another class proves nothing of a pin that moved to it", () => {
  // The class was changed while the look was under way that restarted it.
  const moved = { classes: [follow, pinned("held", "v-db", restartedAt - second)], pods: [after] };
  for (const writes of [drivers, ours]) {
    const seen = { ...moved, workload: beside, wroteAt: now - 10 * second, writes };
    assert.equal(saidOf(seen), again);
    const [marker] = restarts(decide(seen));
    assert.equal(saidOf({ ...seen, workload: { ...beside, marker } }), "converged", "its marker says so");
  }
});

test("nor of a class that pins it no longer", () => {
  const freed = { ...classOf("held", ["db"], { held: { db: "db" } }), changedAt: restartedAt - second };
  const seen = { classes: [follow, freed], workload: beside, pods: [after] };
  assert.equal(saidOf({ ...seen, wroteAt: now - 10 * second }), again);
  assert.equal(saidOf({ ...seen, wroteAt: restartedAt - 10 * second, writes: ours }), "converged", "they came later");
});

test("a pin that is let go at the very version is nothing to restart for", () => {
  const at = pinned("held", "v-db", movedAt);
  const marker = restarts(
    decide({ classes: [follow, at], workload: { ...made.workload, marker: undefined }, writes: ours }),
  )[0];
  assert.ok(marker);
  const freed = { ...classOf("held", ["db"], { held: { db: "db" } }), changedAt: now - 10 * second };
  const seen = { workload: { ...beside, marker }, pods: [after], wroteAt: now - 5 * second };
  assert.equal(saidOf({ ...seen, classes: [follow, freed] }), "converged");
  assert.equal(saidOf({ ...seen, classes: [follow, at] }), "converged");
});

test("a pin that it did not read when it was restarted: who came with that since may have met what was there before", () => {
  const classes = [follow, pinned("held", "v-db", restartedAt - second)];
  const marker = `${db}=v-db@${bornAt / second}`;
  const seen = { classes, workload: { ...beside, marker }, pods: [after], wroteAt: now - 10 * second };
  assert.equal(saidOf(seen), "start-unknown");
  assert.equal(saidOf({ ...seen, writes: ours }), "restart #2", "its marker was the first for the version");
  assert.equal(saidOf({ ...seen, wroteAt: restartedAt - 10 * second, writes: ours }), "converged");
});
