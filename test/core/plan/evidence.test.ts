/** What counts as evidence of what pods got at their start. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { emptyMemory } from "../../../shared/core/memory.ts";
import type { Workload } from "../../../shared/core/observed.ts";
import { Notebook } from "../../../shared/core/plan/notebook.ts";
import { plan } from "../../../shared/core/plan/plan.ts";
import { pollOf } from "../../../shared/core/plan/rollout.ts";
import type { VersionAnswer } from "../../../shared/core/vault-object.ts";
import {
  classOf,
  driverOf,
  drivers,
  hour,
  minute,
  noon,
  ours,
  planInput,
  podStatus,
  second,
  syncedSecret,
  vaultView,
  versionOf,
  writer,
} from "./builders.ts";
import { observedOf } from "./observed.ts";
import { app, born, decide, mails, proven, restartedAt, restartMarkers } from "./one-mounter.ts";

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
    const observed = observedOf({
      classes: [mails],
      secrets: new Map([["mails", { kind: "present", secret: syncedSecret("mails", { mail: "mail-value" }) }]]),
      workloads: [{ ...app.workload, rollout }],
      pods: app.pods,
      podStatuses: app.pods.map((pod) => ({
        ...podStatus(pod, "mails", []),
        versions: new Map([["secret/mail", "v-again"]]),
      })),
      driver: driverOf("1.5", "on"),
    });
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
  // But not the cluster's own: first it was restarted for this version, then other bytes were written.
  const workload = { ...app.workload, restartedByUsAt: noon + 3 * second };
  assert.deepEqual(decide({ secret: written(noon + 5 * second), workload }).steps, []);
  assert.equal(decide({ secret: written(noon + 3 * second), workload }).steps.length, 1);
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
    [1500, 1500, 4000, 30_000],
  );
});

test("a rollout whose pods come and go is looked at the less often the longer it is watched, at last by messages", () => {
  const now = noon + hour;
  const pods = app.pods.map((one) => ({ ...one, readyChangedAt: now - second }));
  const next = (watchedMs: number) => {
    const item = {
      workload: { ...app.workload, restartedByUsAt: now - 10 * hour },
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
    { kind: "soon", ms: 10_000 },
    { kind: "soon", ms: 30_000 },
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
  assert.ok(decided.next.kind === "soon" && decided.next.ms >= 20_000);
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
