/** What counts as evidence of what pods got at their start, and what is remembered of a restart. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { parseMarker } from "../../../shared/core/marker.ts";
import { emptyMemory } from "../../../shared/core/memory.ts";
import type { Memory } from "../../../shared/core/memory.ts";
import type { Observed, SecretSeen, SyncedSecret } from "../../../shared/core/observed.ts";
import { restartKey } from "../../../shared/core/plan/memory-keys.ts";
import { plan } from "../../../shared/core/plan/plan.ts";
import type { Plan } from "../../../shared/core/plan/plan-types.ts";
import { pollOf } from "../../../shared/core/plan/rollout.ts";
import type { TargetPolicy } from "../../../shared/core/policy.ts";
import type { ProviderClass } from "../../../shared/core/provider-class.ts";
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
  readonly shows?: readonly string[];
  readonly others?: readonly (readonly [string, SecretSeen])[];
}

function decide({ secret = right, memory = {}, classes = [mails], policy, shows = ["mail"], others = [] }: Case): Plan {
  const observed: Observed = {
    target: { cluster: "blue", namespace: "default" },
    at: noon + hour,
    classes,
    secrets: new Map<string, SecretSeen>([["mails", { kind: "present", secret }], ...others]),
    workloads: [app.workload],
    pods: app.pods,
    podStatuses: app.pods.map((pod) => podStatus(pod, "mails", shows)),
    revisions: [],
    markersSince: undefined,
    driver: driverOf("1.5", "off"),
  };
  const input = planInput(observed, vaultView(new Map([...born, ["token", noon - hour]])), {
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
  assert.match(restartMarkers(decide({ memory: { reverted } }))[0] ?? "", / #2$/);
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
  const polls = [0, 20, 60, 600].map((seconds) => pollOf(item, { now: last + seconds * second }));
  assert.deepEqual(
    polls.map((poll) => (poll.kind === "soon" ? poll.ms : 0)),
    [1500, 1500, 3000, 10_000],
  );
});
