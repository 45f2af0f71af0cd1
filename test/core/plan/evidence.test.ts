/** What counts as evidence of what pods got at their start, and what is remembered of a restart. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { parseMarker } from "../../../shared/core/marker.ts";
import { emptyMemory } from "../../../shared/core/memory.ts";
import type { Memory } from "../../../shared/core/memory.ts";
import type { Driver, Observed, Pod, SecretSeen, SyncedSecret, Workload } from "../../../shared/core/observed.ts";
import { ownedKey, restartKey, rollingKey } from "../../../shared/core/plan/memory-keys.ts";
import { Notebook } from "../../../shared/core/plan/notebook.ts";
import { plan } from "../../../shared/core/plan/plan.ts";
import type { Plan } from "../../../shared/core/plan/plan-types.ts";
import { recordDone } from "../../../shared/core/plan/record.ts";
import { pollOf } from "../../../shared/core/plan/rollout.ts";
import type { TargetPolicy } from "../../../shared/core/policy.ts";
import type { ProviderClass } from "../../../shared/core/provider-class.ts";
import type { VersionAnswer } from "../../../shared/core/vault-object.ts";
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
  policyOf,
  second,
  syncedSecret,
  vaultView,
  versionOf,
  workloadWithPods,
  writer,
} from "./builders.ts";

const born = new Map([["mail", noon]]);
const restartedAt = noon + 2 * minute;
const mails = classOf("mails", ["mail"], { mails: { mail: "mail" } });
/** Restarted by the bridge for `mail`; it mounts the class and reads the Secret. */
const app = workloadWithPods({
  kind: "Deployment",
  name: "app",
  pods: 2,
  mounts: ["mails"],
  reads: [envRead("mails", "mail")],
  startedAt: restartedAt,
  marked: [{ name: "mail", createdOn: noon }],
});
const right = syncedSecret("mails", { mail: "mail-value" }, { writers: [writer(ours, noon + minute, "mail")] });

interface Case {
  readonly secret?: SyncedSecret;
  readonly memory?: Partial<Memory>;
  readonly classes?: readonly ProviderClass[];
  readonly policy?: TargetPolicy;
  /** The version of `mail` that all pods show. */
  readonly shows?: string;
  readonly driver?: Driver;
  readonly others?: readonly (readonly [string, SecretSeen])[];
  readonly pods?: readonly Pod[];
  readonly workload?: Workload;
  /** What the vault says of versions that are shown. */
  readonly versions?: ReadonlyMap<string, VersionAnswer>;
  /** On the template of `app`. */
  readonly marker?: string | undefined;
}

function decide({
  secret = right,
  memory = {},
  classes = [mails],
  policy,
  shows = "v-mail",
  others = [],
  driver = driverOf("1.5", "off"),
  pods = app.pods,
  workload = app.workload,
  versions = new Map(),
  marker = app.workload.marker,
}: Case): Plan {
  const observed: Observed = {
    target: { cluster: "blue", namespace: "default" },
    at: noon + hour,
    classes,
    secrets: new Map<string, SecretSeen>([["mails", { kind: "present", secret }], ...others]),
    workloads: [{ ...workload, marker }],
    pods,
    podStatuses: pods.map((pod) => ({
      ...podStatus(pod, "mails", []),
      versions: new Map([["secret/mail", shows]]),
    })),
    revisions: [],
    markersSince: undefined,
    driver,
  };
  const view = vaultView(new Map([...born, ["token", noon - hour]]));
  const earlier: VersionAnswer = { known: true, createdOn: noon - hour, held: undefined };
  const vault = { ...view, versions: new Map([["contoso/secret/mail@v-before", earlier], ...versions]) };
  const input = planInput(observed, vault, {
    memory: { ...emptyMemory, ...memory },
    ...(policy === undefined ? {} : { policy }),
  });
  const first = plan(input);
  return plan({ ...input, memory: first.memory, now: input.now + 2 * second });
}

function restartMarkers(decided: Plan): readonly string[] {
  return decided.steps.flatMap((step) => (step.kind === "restart" ? [step.marker] : []));
}

test("a revert that a poll saw during this very restart is answered by another one", () => {
  const reverted = [restartKey("Deployment/app", parseMarker(app.workload.marker))];
  const again = writer(ours, restartedAt + second, "mail");
  const secret = syncedSecret("mails", { mail: "mail-value" }, { writers: [again] });
  assert.match(restartMarkers(decide({ secret, memory: { reverted } }))[0] ?? "", / #2$/);
});

test("a revert of an earlier restart says nothing of the pods of this one", () => {
  const earlier = new Map([["contoso/secret/mail", { version: "v-before", createdOn: noon - hour }]]);
  const reverted = [restartKey("Deployment/app", { entries: earlier, attempt: 1 })];
  const decided = decide({ memory: { reverted } });
  assert.deepEqual(decided.steps, []);
  assert.deepEqual(decided.outcomes.get("mails"), { kind: "converged", idle: false });
});

test("a Secret that was made anew with old bytes after our restart may have fed the pods that came then", () => {
  const made = { createdAt: restartedAt, writers: [writer(drivers, restartedAt, "mail")] };
  const found = decide({ secret: syncedSecret("mails", { mail: "old" }, made) });
  assert.deepEqual(
    found.steps.map(({ kind }) => kind),
    ["write"],
  );
  assert.deepEqual(found.memory.reverted, [restartKey("Deployment/app", parseMarker(app.workload.marker))]);
});

test("a Secret that is older than our restart was right when the pods came", () => {
  const made = { createdAt: noon - hour, writers: [writer(drivers, noon + 30 * minute, "mail")] };
  assert.deepEqual(decide({ secret: syncedSecret("mails", { mail: "old" }, made) }).memory.reverted, []);
});

const present = restartKey("Deployment/app", parseMarker(app.workload.marker));
const startedAt = restartedAt + second;

test("who started after the entry of whoever owns the key now got other bytes", () => {
  const wrongSince = (at: number) => syncedSecret("mails", { mail: "old" }, { writers: [writer(drivers, at, "mail")] });
  assert.deepEqual(decide({ secret: wrongSince(startedAt - 2 * second) }).memory.reverted, [present]);
  // The driver may have dated its entry anew since, when it added the pods' ReplicaSet as an owner.
  assert.deepEqual(decide({ secret: wrongSince(startedAt + 5 * second) }).memory.reverted, [present]);
  assert.deepEqual(decide({ secret: wrongSince(startedAt + minute) }).memory.reverted, []);
});

test("a class that now feeds the key with another object, which the marker names as well: its pods got the one before", () => {
  const written = { writers: [writer(ours, noon + minute, "mail")] };
  const secret = syncedSecret("mails", { mail: "of another object" }, written);
  const changed = { ...mails, changedAt: restartedAt + minute };
  // The vault has had its time to name a newer version.
  const memory = { firstSeen: { "overtaken/contoso/secret/mail": noon + hour - 2 * minute } };
  const found = decide({ secret, classes: [changed], memory });
  assert.deepEqual(
    found.steps.map(({ kind }) => kind),
    ["write"],
  );
  assert.deepEqual(found.memory.reverted, [present]);
  // Changed while the look was under way that restarted the workload: it had read the class before.
  const meanwhile = [{ ...mails, changedAt: restartedAt - second }];
  assert.deepEqual(decide({ secret, classes: meanwhile, memory }).memory.reverted, [present]);
  const wrote = syncedSecret("mails", { mail: "mail-value" }, { writers: [writer(ours, noon + hour, "mail")] });
  assert.match(restartMarkers(decide({ secret: wrote, classes: [changed], memory: found.memory }))[0] ?? "", / #2$/);
  assert.deepEqual(decide({ secret, classes: [{ ...mails, changedAt: noon }], memory }).memory.reverted, []);
});

test("what our writes owned at a restart that was undone says nothing of the same restart, set again later", () => {
  const marker = app.workload.marker ?? "";
  const step = { kind: "restart", workload: app.workload, marker, counts: [], because: [] } as const;
  const memory = { ...emptyMemory, counts: { [ownedKey(present, "mails", "mail", "v-mail")]: 1 } };
  const again = recordDone(memory, step, restartedAt);
  // The driver has written the key between the two.
  const theirs = syncedSecret("mails", { mail: "mail-value" }, { writers: [writer(drivers, noon + minute, "mail")] });
  const decided = decide({ secret: theirs, memory: again });
  assert.deepEqual([decided.steps, decided.memory.reverted], [[], []]);
});

test("from 1.6 on, pods with an older mount got what that mount had written", () => {
  const driver = driverOf("1.6", "on");
  const later = syncedSecret("mails", { mail: "mail-value" }, { writers: [writer(ours, startedAt + 8000, "mail")] });
  const theirs = syncedSecret("mails", { mail: "mail-value" }, { writers: [writer(drivers, noon, "mail")] });
  for (const secret of [later, theirs])
    assert.deepEqual(decide({ driver, secret, shows: "v-before" }).memory.reverted, [present]);
  // Once the mounts have caught up, nothing else tells it any more.
  const caughtUp = decide({ driver, secret: later, memory: { reverted: [present] } });
  assert.match(restartMarkers(caughtUp)[0] ?? "", / #2$/);
});

test("an older mount that wrote nothing has harmed nobody", () => {
  assert.deepEqual(decide({ driver: driverOf("1.6", "on"), shows: "v-before" }).memory.reverted, []);
  const theirs = syncedSecret("mails", { mail: "mail-value" }, { writers: [writer(drivers, noon, "mail")] });
  const decided = decide({ driver: driverOf("1.5", "on"), secret: theirs, shows: "v-before" });
  assert.deepEqual(decided.memory.reverted, []);
});

test("old bytes that were replaced before any of the pods started have harmed nobody", () => {
  const wroteAt = (at: number) =>
    syncedSecret("mails", { mail: "mail-value" }, { writers: [writer(ours, at, "mail")] });
  const memory = { reverted: [present] };
  const forgiven = decide({ secret: wroteAt(startedAt - 2 * second), memory });
  assert.deepEqual([forgiven.steps, forgiven.memory.reverted], [[], []]);
  assert.deepEqual(forgiven.outcomes.get("mails"), { kind: "converged", idle: false });
  // Kubelets may see a write a second late, and times are whole seconds.
  assert.equal(restartMarkers(decide({ secret: wroteAt(startedAt - second), memory })).length, 1);
});

const goneNow = [["mails", { kind: "missing" }]] as const;

test("old bytes are not forgiven while the Secret that they were in is gone or refused", () => {
  const memory = { reverted: [present] };
  assert.deepEqual(decide({ others: goneNow, memory }).memory.reverted, [present]);
  const refused = { ...right, managed: false };
  assert.deepEqual(decide({ secret: refused, memory }).memory.reverted, [present]);
  // The driver has made it again since, so no write of ours tells when.
  const remade = syncedSecret("mails", { mail: "mail-value" }, { writers: [writer(drivers, noon + hour, "mail")] });
  assert.match(restartMarkers(decide({ secret: remade, memory }))[0] ?? "", / #2$/);
});

test("from 1.6 on, pods with an older mount have got its bytes, though the Secret is gone by now", () => {
  const gone = (driver: Driver) => decide({ driver, others: goneNow, shows: "v-before" }).memory.reverted;
  assert.deepEqual(gone(driverOf("1.6", "on")), [present]);
  assert.deepEqual(gone(driverOf("1.6", "off")), [present]);
  assert.deepEqual(gone(driverOf("1.5", "on")), []);
  // They wait for it, and have started with nothing yet.
  const waiting = app.pods.map((pod) => ({ ...pod, started: false, lastStartedAt: undefined }));
  const found = decide({ driver: driverOf("1.6", "on"), others: goneNow, shows: "v-before", pods: waiting });
  assert.deepEqual(found.memory.reverted, []);
});

test("the first look at a complete rollout still counts what happened on its way, later ones do not", () => {
  const lost = syncedSecret("mails", { mail: "mail-value" }, { writers: [writer(drivers, noon + hour, "mail")] });
  const owned = { [ownedKey(present, "mails", "mail", "v-mail")]: 1 };
  const watched = decide({
    secret: lost,
    memory: { counts: owned, firstSeen: { [rollingKey(present)]: restartedAt } },
  });
  assert.match(restartMarkers(watched)[0] ?? "", / #2$/);
  assert.deepEqual(decide({ secret: lost, memory: { counts: owned } }).steps, []);
});

test("pods that have only just come up are still on the rollout's way", () => {
  const writers = [writer(drivers, noon + 30 * minute, "mail")];
  const secret = syncedSecret("mails", { mail: "old" }, { createdAt: noon - hour, writers });
  const young = (since: number) => app.pods.map((pod) => ({ ...pod, readyChangedAt: since }));
  // Ready since a second: the rollout is complete, but not yet steady.
  assert.deepEqual(decide({ secret, pods: young(noon + hour - second) }).memory.reverted, [present]);
  assert.deepEqual(decide({ secret, pods: young(noon + 10 * minute) }).memory.reverted, []);
});

test("a restart that was done again or undone is not remembered", () => {
  const earlier = new Map([["contoso/secret/mail", { version: "v-before", createdOn: noon - hour }]]);
  const others = [restartKey("Deployment/app", { entries: earlier, attempt: 1 }), "Deployment/gone@1a2b"];
  // The Secret is wrong, so that nothing is restarted at this look.
  const secret = syncedSecret("mails", { mail: "old" }, { createdAt: noon - hour });
  assert.deepEqual(decide({ secret, memory: { reverted: [...others, present] } }).memory.reverted, [present]);
});

interface Pinned {
  readonly driver: Driver;
  readonly changedAt: number;
  /** Creation of the Secret. */
  readonly madeAt?: number;
  /** Time of the driver's entry in it. */
  readonly writtenAt?: number;
  /** Creation of the pod that mounts the class; absent: `app` mounts it itself. */
  readonly mounterAt?: number;
  /** Of `app`; absent: a second after it was created. */
  readonly lastStartedAt?: number;
  /** Creation of the pinned version. */
  readonly bornAt?: number;
  readonly others?: readonly ProviderClass[];
}

/** `app` runs since two minutes past noon; its class pins `mail` since `changedAt`. */
function pinned({
  driver,
  changedAt,
  madeAt = noon,
  writtenAt = madeAt,
  mounterAt,
  lastStartedAt = restartedAt + second,
  bornAt = noon - hour,
  others = [],
}: Pinned) {
  assert.ok(mails.content.ok);
  const objects = mails.content.objects.map((item) => ({ ...item, pin: "v-pin" }));
  const current = { ...versionOf("mail", bornAt), version: "v-pin" };
  const mount = (className: string) => ({ className, otherAttributes: [] });
  const own = mounterAt === undefined ? [mount("mails")] : [];
  const uses = { ...app.workload.uses, mounts: [...own, ...others.map(({ name }) => mount(name))] };
  const mounters =
    mounterAt === undefined ? [] : [pod("mounter", mounterAt, { uses: { mounts: [mount("mails")], reads: [] } })];
  const pods = [...app.pods.map((one) => ({ ...one, uses, lastStartedAt })), ...mounters];
  const written = { createdAt: madeAt, writers: [writer(drivers, writtenAt, "mail")] };
  const status = (of: Pod, className: string, version: string) => ({
    ...podStatus(of, className, []),
    versions: new Map([["secret/mail", version]]),
  });
  const observed: Observed = {
    target: { cluster: "blue", namespace: "default" },
    at: noon + hour,
    classes: [{ ...mails, changedAt, content: { ...mails.content, objects } }, ...others],
    secrets: new Map([["mails", { kind: "present", secret: syncedSecret("mails", { mail: "mail-value" }, written) }]]),
    workloads: [{ ...app.workload, uses }],
    pods,
    podStatuses: pods.flatMap((one) =>
      one.uses.mounts.map(({ className }) => status(one, className, className === "mails" ? "v-pin" : "v-mail")),
    ),
    revisions: [],
    markersSince: undefined,
    driver,
  };
  const view = vaultView(born);
  const answers = new Map([...view.answers, ["contoso/secret/mail@v-pin", { ok: true, current } as const]]);
  return plan(planInput(observed, { ...view, answers })).outcomes.get("mails");
}

const unknown = { kind: "waiting", reason: "start-unknown", about: ["Deployment/app"] } as const;
const proven = { kind: "converged", idle: false } as const;

const on15 = driverOf("1.5", "on");
const off15 = driverOf("1.5", "off");
const off16 = driverOf("1.6", "off");
/** The class was changed under the running pods. */
const since = restartedAt + minute;
const long = noon - hour;

const pinCases: readonly (readonly [what: string, facts: Pinned, outcome: typeof unknown | typeof proven])[] = [
  ["refreshed since by the driver", { driver: on15, changedAt: since, writtenAt: since + minute }, unknown],
  ["refreshed since, but the Secret held its bytes before they came", { driver: on15, changedAt: since }, proven],
  ["mounted by nobody's new pod", { driver: off15, changedAt: since }, proven],
  [
    "moved just before, refreshed after they came",
    { driver: on15, changedAt: noon + minute, writtenAt: since },
    unknown,
  ],
  [
    "moved just before, its own mount wrote it",
    { driver: driverOf("1.6", "on"), changedAt: noon + minute, writtenAt: since },
    proven,
  ],
  [
    "moved just before, its own mount wrote it long before it started",
    {
      driver: driverOf("1.6", "on"),
      changedAt: noon + minute,
      writtenAt: since + minute,
      lastStartedAt: since + second,
    },
    unknown,
  ],
  ["moved long before", { driver: on15, changedAt: long, writtenAt: since }, proven],
  [
    "older than the Secret",
    { driver: on15, changedAt: noon + minute, madeAt: noon + minute + second, writtenAt: since },
    proven,
  ],
  [
    "older than the Secret, which was made anew after they started",
    { driver: off15, changedAt: noon + minute, madeAt: since, mounterAt: long },
    unknown,
  ],
  // Readers, rotation off: what is mounted may be the pin's version since before the class was changed.
  [
    "went back just before they came, to what is mounted: a tick wrote it after they started",
    { driver: off16, changedAt: noon + minute, mounterAt: long, madeAt: long, writtenAt: since },
    unknown,
  ],
  [
    "went back after they came, to what is mounted: a tick wrote it",
    { driver: off16, changedAt: since, mounterAt: long, madeAt: long, writtenAt: since + minute },
    unknown,
  ],
  [
    "went back just before they came, and a tick had written it",
    { driver: off16, changedAt: noon + minute, mounterAt: long, madeAt: long, writtenAt: noon + 90 * second },
    proven,
  ],
  [
    "went back so long before they came that a tick must have written it",
    { driver: off16, changedAt: long, mounterAt: long - hour, madeAt: long - hour, writtenAt: since },
    proven,
  ],
  [
    "set to what the Secret held, and nobody has written it since",
    { driver: off16, changedAt: since, mounterAt: noon, madeAt: long, writtenAt: restartedAt + 30 * second },
    proven,
  ],
  [
    "moved just before they came, and mounted only after that",
    {
      driver: off16,
      changedAt: noon + minute,
      mounterAt: restartedAt + 10 * second,
      madeAt: long,
      writtenAt: restartedAt + 11 * second,
    },
    unknown,
  ],
  [
    "moved and mounted a minute before they came",
    { driver: off16, changedAt: noon + minute - second, mounterAt: noon + minute, madeAt: long, writtenAt: since },
    proven,
  ],
  [
    "set to a version that is younger than they are, and mounted before that",
    {
      driver: off16,
      changedAt: noon + 30 * minute,
      mounterAt: noon + 10 * minute,
      madeAt: long,
      writtenAt: noon + 10 * minute,
      bornAt: noon + 5 * minute,
    },
    unknown,
  ],
  [
    "moved just before they came: 1.5 writes over no Secret, its owner patches date its entry anew",
    { driver: off15, changedAt: noon + minute, mounterAt: restartedAt + 10 * second, madeAt: long, writtenAt: since },
    proven,
  ],
];
for (const [what, facts, outcome] of pinCases)
  test(`a pin under running pods: ${what}`, () => assert.deepEqual(pinned(facts), outcome));

test("a pin beside another class that follows the vault: no restart can prove it, so a person must know", () => {
  const others = [classOf("follows", ["mail"], {})];
  assert.deepEqual(pinned({ driver: on15, changedAt: since, writtenAt: since, others }), unknown);
  assert.deepEqual(pinned({ driver: on15, changedAt: long, writtenAt: since, others }), proven);
});

test("saved again with the same value, the version's restart is still to be proven", () => {
  const again = { ...versionOf("mail", noon + 30 * minute), version: "v-again" };
  const view = vaultView(born);
  const vault = {
    ...view,
    answers: new Map([["contoso/secret/mail", { ok: true, current: again } as const]]),
    before: new Map([
      ["contoso/secret/mail@v-again", versionOf("mail", noon)],
      ["contoso/secret/mail@v-mail", undefined],
    ]),
    versions: new Map([["contoso/secret/mail@v-mail", { known: true, createdOn: noon, held: undefined } as const]]),
  };
  const outcome = (rollout: Workload["rollout"]) => {
    const observed: Observed = {
      target: { cluster: "blue", namespace: "default" },
      at: noon + hour,
      classes: [mails],
      secrets: new Map([["mails", { kind: "present", secret: syncedSecret("mails", { mail: "mail-value" }) }]]),
      workloads: [{ ...app.workload, rollout }],
      pods: app.pods,
      podStatuses: app.pods.map((pod) => ({
        ...podStatus(pod, "mails", []),
        versions: new Map([["secret/mail", "v-again"]]),
      })),
      revisions: [],
      markersSince: undefined,
      driver: driverOf("1.5", "on"),
    };
    return plan(planInput(observed, vault)).outcomes.get("mails");
  };
  const { rollout } = app.workload;
  assert.deepEqual(outcome(rollout), proven);
  const running = outcome({ ...rollout, total: 3, completed: false });
  assert.ok(running?.kind === "waiting" && running.reason === "rollout-running");
});

test("bytes that we wrote after the answer's version was created speak for a newer one", () => {
  const written = (at: number) => syncedSecret("mails", { mail: "newer" }, { writers: [writer(ours, at, "mail")] });
  const held = decide({ secret: written(noon + 5 * minute) });
  assert.deepEqual(held.outcomes.get("mails"), {
    kind: "waiting",
    reason: "vault-stale",
    about: ["contoso/secret/mail"],
  });
  assert.deepEqual(held.steps, []);
  // The clocks of a vault and a cluster may differ.
  assert.deepEqual(
    decide({ secret: written(noon + 5 * second) }).steps.map(({ kind }) => kind),
    ["write"],
  );
});

test("a class that was changed since makes no stale answer of the vault a new one", () => {
  const writers = [writer(ours, noon + 5 * minute, "mail")];
  const changed = { ...mails, changedAt: noon + 10 * minute };
  const secret = syncedSecret("mails", { mail: "newer" }, { writers });
  const held = decide({ secret, classes: [changed] });
  assert.deepEqual(held.outcomes.get("mails"), {
    kind: "waiting",
    reason: "vault-stale",
    about: ["contoso/secret/mail"],
  });
  assert.deepEqual(held.steps, []);
  // The key may really have got another source: what the vault still says after its time is written.
  const firstSeen = { "overtaken/contoso/secret/mail": noon + hour - 2 * minute };
  const waited = decide({ secret, classes: [changed], memory: { firstSeen } });
  assert.deepEqual(
    waited.steps.map(({ kind }) => kind),
    ["write"],
  );
});

test("a marker that is older than a class's moved pin proves nothing of it", () => {
  assert.ok(mails.content.ok);
  const objects = mails.content.objects.map((item) => ({ ...item, pin: "v-mail" }));
  const pinned = { ...mails, changedAt: restartedAt + minute, content: { ...mails.content, objects } };
  const wrote = writer(ours, restartedAt + 2 * minute, "mail");
  const answers = new Map([["contoso/secret/mail@v-mail", { ok: true, current: versionOf("mail", noon) } as const]]);
  const observed: Observed = {
    target: { cluster: "blue", namespace: "default" },
    at: noon + hour,
    classes: [pinned],
    secrets: new Map([
      ["mails", { kind: "present", secret: syncedSecret("mails", { mail: "mail-value" }, { writers: [wrote] }) }],
    ]),
    workloads: [app.workload],
    pods: app.pods,
    podStatuses: app.pods.map((pod) => podStatus(pod, "mails", ["mail"])),
    revisions: [],
    markersSince: undefined,
    driver: driverOf("1.5", "off"),
  };
  const input = planInput(observed, { ...vaultView(new Map()), answers });
  const decided = plan({ ...input, memory: plan(input).memory, now: input.now + 2 * second });
  assert.match(restartMarkers(decided)[0] ?? "", / #2$/);
});

test("newObjects: restart writes first, as every restart does", () => {
  const gained = { ...classOf("mails", ["mail", "token"], { mails: { mail: "mail" } }), changedAt: noon + 30 * minute };
  const secret = syncedSecret("mails", { mail: "old" }, { createdAt: noon - hour });
  const policy = policyOf({ newObjects: "restart" });
  const decided = decide({ classes: [gained], secret, policy });
  assert.deepEqual(
    decided.steps.map(({ kind }) => kind),
    ["write"],
  );
  assert.equal(restartMarkers(decide({ classes: [gained], policy })).length, 1);
});

test("newObjects: restart leaves out of the marker what its pods get too late", () => {
  // The key that `app` reads is fed by the new object now: it is written once a pod has mounted that.
  const fed = { ...classOf("mails", ["mail", "token"], { mails: { mail: "token" } }), changedAt: noon + 30 * minute };
  const [marker = ""] = restartMarkers(decide({ classes: [fed], policy: policyOf({ newObjects: "restart" }) }));
  assert.match(marker, /secret\/mail=v-mail/);
  assert.doesNotMatch(marker, /token/);
});

test("how long a Secret has been missing is not forgotten at a look that is about something else", () => {
  const two = classOf("mails", ["mail"], { mails: { mail: "mail" }, gone: { mail: "mail" } });
  const old = syncedSecret("mails", { mail: "old" }, { createdAt: noon - hour });
  const decided = decide({
    classes: [two],
    secret: old,
    memory: { firstSeen: { "missing/gone": noon } },
    others: [["gone", { kind: "missing" }]],
  });
  assert.equal(decided.memory.firstSeen["missing/gone"], noon);
});

test("a rollout is looked at the less often the longer it stands still", () => {
  const item = {
    workload: app.workload,
    key: "Deployment/app",
    pods: app.pods,
    ending: [],
    reads: [],
    mounts: new Set<string>(),
  };
  const last = restartedAt + 2 * second;
  const polls = [0, 20, 60, 600].map((seconds) => {
    const now = last + seconds * second;
    return pollOf(item, { now, notebook: new Notebook(emptyMemory, now) });
  });
  assert.deepEqual(
    polls.map((poll) => (poll.kind === "soon" ? poll.ms : 0)),
    [1500, 1500, 3000, 10_000],
  );
});

test("a rollout whose pods come and go is looked at the less often the longer it is watched, at last by messages", () => {
  const now = noon + hour;
  const pods = app.pods.map((one) => ({ ...one, readyChangedAt: now - second }));
  const next = (watchedMs: number) => {
    const item = {
      workload: app.workload,
      key: "Deployment/app",
      pods,
      ending: [],
      reads: [],
      mounts: new Set<string>(),
    };
    const memory = { ...emptyMemory, firstSeen: { "watched/Deployment/app": now - watchedMs } };
    return pollOf(item, { now, notebook: new Notebook(memory, now) });
  };
  assert.deepEqual([minute, 10 * minute, 30 * minute, hour, 10 * hour].map(next), [
    { kind: "soon", ms: 1500 },
    { kind: "soon", ms: 6000 },
    { kind: "soon", ms: 10_000 },
    { kind: "later", atLeastMs: minute },
    { kind: "later", atLeastMs: 10 * minute },
  ]);
});

test("a rollout whose pods crash is looked at less and less often, too", () => {
  const crashing = app.pods.map((one) => ({
    ...one,
    createdAt: noon + 55 * minute,
    restarts: 3,
    lastEndedAt: noon + hour - 2 * second,
    ready: false,
  }));
  const restarted = { ...app.workload, restartedByUsAt: noon + 55 * minute };
  const decided = decide({ pods: crashing, workload: restarted });
  assert.deepEqual(decided.outcomes.get("mails"), {
    kind: "waiting",
    reason: "rollout-running",
    about: ["Deployment/app", "Pod/app-0", "Pod/app-1"],
  });
  assert.deepEqual(decided.next, { kind: "soon", ms: 10_000 });
});

test("a version that the vault does not know is asked for less and less often, and no longer than it may take", () => {
  const next = (waitedMs: number) => {
    const unknown = new Map<string, VersionAnswer>([
      ["contoso/secret/mail@v-gone", { known: false, problem: "not-found" }],
    ]);
    const firstSeen = { "unknown/contoso/secret/mail@v-gone": noon + hour - waitedMs };
    // The look that counts comes two seconds later.
    return decide({ shows: "v-gone", versions: unknown, memory: { firstSeen } }).next;
  };
  assert.deepEqual(
    [0, 18, 38, 53].map((seconds) => next(seconds * second)),
    [
      { kind: "soon", ms: 2000 },
      { kind: "soon", ms: 4000 },
      { kind: "soon", ms: 8000 },
      { kind: "soon", ms: 5000 },
    ],
  );
});

test("a restart for an object that its marker leaves out is not repeated while its pods are on their way", () => {
  // `token` is mounted through `other`; in `mails` it is new, and feeds a key that `app` reads: written once it is mounted.
  const fed = { ...classOf("mails", ["mail", "token"], { mails: { mail: "token" } }), changedAt: noon + 30 * minute };
  const other = classOf("other", ["token"], {});
  const mounts = ["mails", "other"].map((className) => ({ className, otherAttributes: [] }));
  const uses = { ...app.workload.uses, mounts };
  const shown = new Map([
    ["mails", new Map([["secret/mail", "v-mail"]])],
    ["other", new Map([["secret/token", "v-before"]])],
  ]);
  const steps = (workload: Workload) => {
    const observed: Observed = {
      target: { cluster: "blue", namespace: "default" },
      at: noon + hour + 10 * second,
      classes: [fed, other],
      secrets: new Map([["mails", { kind: "present", secret: right }]]),
      workloads: [{ ...workload, uses }],
      pods: app.pods.map((pod) => ({ ...pod, uses })),
      podStatuses: app.pods.flatMap((pod) =>
        [...shown].map(([name, versions]) => ({ ...podStatus(pod, name, []), versions })),
      ),
      revisions: [],
      markersSince: undefined,
      driver: driverOf("1.5", "off"),
    };
    const view = vaultView(new Map([...born, ["token", noon + hour - minute]]));
    const earlier: VersionAnswer = { known: true, createdOn: noon - hour, held: undefined };
    const vault = { ...view, versions: new Map([["contoso/secret/token@v-before", earlier]]) };
    const input = planInput(observed, vault);
    return restartMarkers(plan({ ...input, memory: plan(input).memory, now: input.now + 2 * second }));
  };
  const [marker = ""] = steps(app.workload);
  assert.doesNotMatch(marker, /token/);
  const restarted = { ...app.workload, marker, generation: 3, restartedByUsAt: noon + hour + 9 * second };
  assert.deepEqual(steps(restarted), []);
});

test("a class that names another vault than the marker does: its readers were started for that one's object", () => {
  const driver = driverOf("1.5", "off");
  const made = { createdAt: noon + minute, writers: [writer(drivers, noon + minute, "mail")] };
  const secret = syncedSecret("mails", { mail: "mail-value" }, made);
  const moved = { ...mails, changedAt: noon + 30 * minute };
  const marker = (app.workload.marker ?? "").replace("contoso/", "other/");
  const [restarted = "", ...more] = restartMarkers(decide({ classes: [moved], secret, driver, marker }));
  assert.match(restarted, /^contoso\/secret\/mail=v-mail@\d+,keys=\w+:\w+$/);
  assert.deepEqual(more, []);
  // A marker that says nothing of the object: the class may have gained it.
  assert.deepEqual(decide({ classes: [moved], secret, driver, marker: "" }).steps, []);
});
