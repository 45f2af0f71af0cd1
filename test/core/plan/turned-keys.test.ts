/** A class that may have fed a key with another object when the pods that read it started. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { fedEntry, formatMarker, parseMarker } from "../../../shared/core/marker.ts";
import { emptyMemory } from "../../../shared/core/memory.ts";
import type { Driver, Pod, SecretRead, SecretSeen, SyncedSecret, Workload } from "../../../shared/core/observed.ts";
import { restartKey } from "../../../shared/core/plan/memory-keys.ts";
import type { PlanInput } from "../../../shared/core/plan/plan-types.ts";
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
  podStatus,
  second,
  syncedSecret,
  vaultView,
  workloadWithPods,
  writer,
} from "./builders.ts";
import { observedOf, secondLook } from "./observed.ts";

const monthAgo = noon - 720 * hour;
const born = { db: noon, mail: monthAgo, color: monthAgo };
/** For a new version of `db`. */
const restartedAt = noon + 2 * minute;
const changedAt = noon + 10 * minute;
/** The next poll of a driver that rotates. */
const refreshedAt = changedAt + minute;

type Name = keyof typeof born;

interface Case {
  /** Which object feeds the key now. */
  readonly key?: Name;
  readonly objects?: readonly Name[];
  readonly changed?: number;
  readonly wrote?: SyncedSecret["writers"][number];
  readonly made?: number;
  readonly marked?: readonly Name[];
  /** Which object fed it when the bridge restarted the pods; `undefined`: they did not read it. */
  readonly fed?: Name | undefined;
  readonly startedAt?: number;
  readonly mounts?: boolean;
  readonly read?: SecretRead;
  readonly driver?: Driver;
  readonly workload?: Partial<Workload>;
  readonly pod?: Partial<Pod>;
  readonly input?: Partial<PlanInput>;
}

/** What is said of the class, and the attempt of each restart. */
function said(given: Case): string {
  const { key = "db", objects = ["db", "mail"], marked = ["db", "mail"], startedAt = restartedAt } = given;
  const { mounts = true, read = envRead("turn", "main"), driver = driverOf("1.5", "on") } = given;
  const turn = { ...classOf("turn", objects, { turn: { main: key } }), changedAt: given.changed ?? changedAt };
  const secret = syncedSecret(
    "turn",
    { main: `${key}-value` },
    {
      createdAt: given.made ?? monthAgo,
      writers: [given.wrote ?? writer(drivers, refreshedAt, "main")],
    },
  );
  const gate = workloadWithPods({
    kind: "Deployment",
    name: "gate",
    pods: 1,
    mounts: mounts ? ["turn"] : [],
    reads: [read],
    startedAt,
    marked: marked.map((name) => ({ name, createdOn: born[name] })),
  });
  const mounter = workloadWithPods({
    kind: "Deployment",
    name: "mounter",
    pods: 1,
    mounts: ["turn"],
    reads: [],
    startedAt: monthAgo + hour,
    marked: [],
  });
  const pods = [...gate.pods.map((pod) => ({ ...pod, ...given.pod })), ...(mounts ? [] : mounter.pods)];
  const fed = "fed" in given ? given.fed : "mail";
  const before = parseMarker(gate.workload.marker);
  const marker = {
    ...before,
    fed: new Map(fed === undefined ? [] : [fedEntry("turn", "main", `contoso/secret/${fed}`)]),
  };
  const restartedByUsAt = marked.length === 0 ? undefined : restartedAt;
  const observed = observedOf({
    classes: [turn],
    secrets: new Map<string, SecretSeen>([["turn", { kind: "present", secret }]]),
    workloads: [
      { ...gate.workload, marker: formatMarker(marker), restartedByUsAt, ...given.workload },
      ...(mounts ? [] : [mounter.workload]),
    ],
    pods,
    podStatuses: pods.filter((pod) => pod.uses.mounts.length > 0).map((pod) => podStatus(pod, "turn", objects)),
    driver,
  });
  const plan = secondLook(planInput(observed, vaultView(new Map(Object.entries(born))), given.input));
  const outcome = plan.outcomes.get("turn");
  const restarts = plan.steps.flatMap((step) => (step.kind === "restart" ? [parseMarker(step.marker).attempt] : []));
  const word = outcome === undefined || outcome.kind === "converged" ? "converged" : outcome.reason;
  return [word, ...restarts.map((attempt) => `restart #${attempt}`)].join(", ");
}

const again = "rollout-running, restart #2";

test("a marker that names both objects: pods that were restarted with the other one are restarted again", () => {
  assert.equal(said({}), again);
  // The day after, and whatever the class was changed to since.
  assert.equal(said({ input: { now: noon + 24 * hour } }), again);
  assert.equal(said({ changed: noon + 50 * minute }), again);
  assert.equal(said({ driver: driverOf("1.6", "off") }), again);
  assert.equal(said({ wrote: writer(ours, refreshedAt, "main") }), again);
  assert.equal(said({ driver: driverOf("1.5", "off"), made: changedAt + second }), again);
});

test("the same object fed it then: a class that was changed otherwise is no doubt, whoever wrote its Secret since", () => {
  assert.equal(said({ fed: "db" }), "converged");
  assert.equal(said({ fed: "db", wrote: writer(ours, refreshedAt, "main") }), "converged");
  assert.equal(said({ fed: "db", driver: driverOf("1.6", "off") }), "converged");
});

test("pods that came after the key was written, or long after the class was changed, got what it is now", () => {
  const at = (startedAt: number) => said({ startedAt });
  assert.equal(at(changedAt + second), again);
  assert.equal(at(refreshedAt + second), "converged");
  const redated = writer(drivers, changedAt + 30 * minute, "main");
  assert.equal(said({ startedAt: changedAt + 9 * minute, wrote: redated }), again);
  assert.equal(said({ startedAt: changedAt + 11 * minute, wrote: redated }), "converged");
  assert.equal(said({ startedAt: changedAt + 2 * minute, wrote: writer(ours, refreshedAt, "main") }), "converged");
  // On 1.6 its own mount writes the Secret before it starts.
  assert.equal(said({ startedAt: changedAt + second, driver: driverOf("1.6", "on") }), "converged");
  assert.equal(
    said({ startedAt: changedAt, driver: driverOf("1.6", "on") }),
    again,
    "it may have been a moment before",
  );
  assert.equal(said({ pod: { started: false, lastStartedAt: undefined } }), "converged");
});

/** `printf main=db-value | sha1sum` */
const heldNow = "7fd37d88906d40861f799689b34bad63e10e9e73";

test("pods of Reloader's restart for what the Secret holds now are proven", () => {
  const startedAt = changedAt + 2 * second;
  const restarted = (reloaderTraceAt: number, hash: string, wrote?: SyncedSecret["writers"][number]) =>
    said({
      startedAt,
      ...(wrote === undefined ? {} : { wrote }),
      workload: { reloaderTraceAt },
      pod: { reloaderTraces: new Map([["STAKATER_TURN_SECRET", hash]]) },
    });
  assert.equal(restarted(startedAt, heldNow), "converged");
  // We wrote it in that very second, and Reloader was quick.
  assert.equal(restarted(startedAt, heldNow, writer(ours, startedAt, "main")), "converged");
  assert.equal(restarted(startedAt, heldNow.replace("a", "b")), again);
  assert.equal(restarted(changedAt - second, heldNow), again);
});

test("a rollout of our restart is watched to its end first, and one that met other bytes is done again for that", () => {
  const { rollout } = workloadWithPods({ ...running }).workload;
  assert.equal(said({ workload: { rollout: { ...rollout, updated: 0, available: 0 } } }), "rollout-running");
  const marker = parseMarker(
    `contoso/secret/db=v-db@${born.db / second},contoso/secret/mail=v-mail@${born.mail / second}`,
  );
  const memory = { ...emptyMemory, reverted: [restartKey("Deployment/gate", marker)] };
  assert.equal(said({ input: { memory } }), again);
});

const running = {
  kind: "Deployment",
  name: "gate",
  pods: 1,
  mounts: ["turn"],
  reads: [],
  startedAt: restartedAt,
  marked: [],
} as const;

test("an object that the marker does not name, and that is old: its age makes nobody fresh who was there before", () => {
  // `mail` gave way to `color`, whose version is a month old.
  const turned = { key: "color", objects: ["color"], marked: ["mail"] } as const;
  assert.equal(said({ ...turned, mounts: false }), "rollout-running, restart #1");
  assert.equal(said({ ...turned, mounts: false, startedAt: refreshedAt + minute }), "converged");
  assert.equal(said({ ...turned, objects: ["color", "mail"] }), "rollout-running, restart #1");
});

test("a key that the pods did not read when they were restarted", () => {
  const gained = { key: "color", objects: ["color", "mail"], marked: ["mail"], fed: undefined } as const;
  // They came with somebody's rollout since, and what they started with may have been another object's.
  assert.equal(said(gained), "start-unknown");
  assert.equal(said({ ...gained, input: byHand }), "rollout-running, restart #1");
  // Not written since the class was changed, or not changed since.
  assert.equal(said({ ...gained, wrote: writer(drivers, changedAt - second, "main") }), "converged");
  assert.equal(said({ ...gained, changed: restartedAt - second }), "converged");
  // The class has just gained it: its pods waited for it, or took what there was.
  assert.equal(said({ ...gained, startedAt: changedAt + second }), "converged");
  assert.equal(said({ ...gained, read: envRead("turn") }), "converged");
  assert.equal(said({ ...gained, read: { ...envRead("turn", "main"), optional: true } }), "converged");
  assert.equal(said({ ...gained, marked: [] }), "converged");
});

const byHand = { byHand: { "contoso/secret/color": noon + 30 * minute } };
