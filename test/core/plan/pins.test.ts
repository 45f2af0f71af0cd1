/** A class that pins a version under running pods: what proves that they got it. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Driver, Pod } from "../../../shared/core/observed.ts";
import { plan } from "../../../shared/core/plan/plan.ts";
import type { ProviderClass } from "../../../shared/core/provider-class.ts";
import {
  classOf,
  driverOf,
  drivers,
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
  writer,
} from "./builders.ts";
import { observedOf, secondLook } from "./observed.ts";
import { app, born, mails, proven, restartedAt, restartMarkers, unknown } from "./one-mounter.ts";

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
  const observed = observedOf({
    classes: [{ ...mails, changedAt, content: { ...mails.content, objects } }, ...others],
    secrets: new Map([["mails", { kind: "present", secret: syncedSecret("mails", { mail: "mail-value" }, written) }]]),
    workloads: [{ ...app.workload, uses }],
    pods,
    podStatuses: pods.flatMap((one) =>
      one.uses.mounts.map(({ className }) => status(one, className, className === "mails" ? "v-pin" : "v-mail")),
    ),
    driver,
  });
  const view = vaultView(born);
  const answers = new Map([...view.answers, ["contoso/secret/mail@v-pin", { ok: true, current } as const]]);
  return plan(planInput(observed, { ...view, answers })).outcomes.get("mails");
}

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
  // What the class named before its last change nobody knows: it followed the vault, or another pin.
  [
    "set to what the Secret held since they came, and nobody came a minute before them",
    {
      driver: off16,
      changedAt: since,
      mounterAt: restartedAt + second,
      madeAt: long,
      writtenAt: restartedAt + 2 * second,
    },
    unknown,
  ],
  [
    "set to what the Secret has held since it was made",
    {
      driver: off16,
      changedAt: since,
      mounterAt: restartedAt,
      madeAt: restartedAt,
      writtenAt: restartedAt + 5 * second,
    },
    proven,
  ],
  [
    "set to what the Secret has held since it was made, which they did not start with",
    { driver: off15, changedAt: since, mounterAt: long, madeAt: restartedAt + 30 * second },
    unknown,
  ],
  [
    "set to what its own mount wrote before they started",
    { driver: off16, changedAt: since, madeAt: long, writtenAt: restartedAt + 30 * second },
    proven,
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

test("a marker that is older than a class's moved pin proves nothing of it", () => {
  assert.ok(mails.content.ok);
  const objects = mails.content.objects.map((item) => ({ ...item, pin: "v-mail" }));
  const pinned = { ...mails, changedAt: restartedAt + minute, content: { ...mails.content, objects } };
  const wrote = writer(ours, restartedAt + 2 * minute, "mail");
  const answers = new Map([["contoso/secret/mail@v-mail", { ok: true, current: versionOf("mail", noon) } as const]]);
  const observed = observedOf({
    classes: [pinned],
    secrets: new Map([
      ["mails", { kind: "present", secret: syncedSecret("mails", { mail: "mail-value" }, { writers: [wrote] }) }],
    ]),
    workloads: [app.workload],
    pods: app.pods,
    podStatuses: app.pods.map((pod) => podStatus(pod, "mails", ["mail"])),
  });
  const input = planInput(observed, { ...vaultView(new Map()), answers });
  const decided = secondLook(input);
  assert.match(restartMarkers(decided)[0] ?? "", / #2$/);
});
