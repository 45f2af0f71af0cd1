/** Old bytes that came back while an app was restarted: whom they harmed, and what is remembered of it. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { parseMarker } from "../../../shared/core/marker.ts";
import { emptyMemory } from "../../../shared/core/memory.ts";
import type { Driver, SyncedSecret } from "../../../shared/core/observed.ts";
import { metKey, ownedKey, restartKey, rollingKey } from "../../../shared/core/plan/memory-keys.ts";
import { recordDone } from "../../../shared/core/plan/record.ts";
import {
  classOf,
  driverOf,
  drivers,
  envRead,
  hour,
  minute,
  noon,
  ours,
  second,
  syncedSecret,
  versionOf,
  writer,
} from "./builders.ts";
import { app, decide, mails, restartedAt, restartMarkers, right } from "./one-mounter.ts";

const present = restartKey("Deployment/app", parseMarker(app.workload.marker));
const startedAt = restartedAt + second;

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

test("who started after the entry of whoever owns the key now got other bytes", () => {
  const wrongSince = (at: number) => syncedSecret("mails", { mail: "old" }, { writers: [writer(drivers, at, "mail")] });
  assert.deepEqual(decide({ secret: wrongSince(startedAt - 2 * second) }).memory.reverted, [present]);
  // The driver may have dated its entry anew since, when it added the pods' ReplicaSet as an owner.
  assert.deepEqual(decide({ secret: wrongSince(startedAt + 5 * second) }).memory.reverted, [present]);
  assert.deepEqual(decide({ secret: wrongSince(startedAt + minute) }).memory.reverted, []);
});

test("who started with bytes of somebody's is not proven while the restart for another object is awaited", () => {
  const reads = [...app.workload.uses.reads, envRead("tokens", "token")];
  const workload = { ...app.workload, uses: { ...app.workload.uses, reads } };
  const classes = [mails, classOf("tokens", ["token"], { tokens: { token: "token" } })];
  const token = syncedSecret("tokens", { token: "token-value" }, { writers: [writer(ours, noon + hour, "token")] });
  const others = [["tokens", { kind: "present", secret: token }]] as const;
  const theirs = writer("kubectl", startedAt - 2 * second, "mail");
  const byHand = syncedSecret("mails", { mail: "by hand" }, { writers: [theirs] });
  const seen = decide({ secret: byHand, classes, workload, others });
  assert.deepEqual(seen.memory.reverted, [present]);
  const written = syncedSecret("mails", { mail: "mail-value" }, { writers: [writer(ours, noon + hour, "mail")] });
  const next = decide({ secret: written, classes, workload, others, memory: seen.memory });
  assert.equal(next.outcomes.get("mails")?.kind, "waiting");
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

const met = metKey(present, "mails", "contoso/secret/mail");

test("pods that met old bytes are remembered while their class must be left alone", () => {
  // The vault says nothing of one of its objects.
  const classes = [classOf("mails", ["mail", "unanswered"], { mails: { mail: "mail" } })];
  const theirs = syncedSecret("mails", { mail: "old" }, { writers: [writer(drivers, startedAt, "mail")] });
  const noted = (changes: Parameters<typeof decide>[0]) =>
    decide({ classes, driver: driverOf("1.6", "on"), secret: theirs, shows: "v-before", ...changes }).memory.reverted;
  assert.deepEqual(noted({}), [met]);
  // On 1.5 a mount writes nothing into a Secret that is there.
  assert.deepEqual(noted({ driver: driverOf("1.5", "on") }), []);
  assert.deepEqual(noted({ shows: "v-mail" }), []);
  // Our write has stood since before they started.
  assert.deepEqual(noted({ secret: right }), []);
  const before = app.pods.map((pod) => ({ ...pod, createdAt: restartedAt - minute }));
  assert.deepEqual(noted({ pods: before }), []);
});

test("a write that is lost on the rollout's way is remembered while its class must be left alone", () => {
  const classes = [classOf("mails", ["mail", "unanswered"], { mails: { mail: "mail" } })];
  const secret = syncedSecret("mails", { mail: "mail-value" }, { writers: [writer(drivers, startedAt, "mail")] });
  const counts = { [ownedKey(present, "mails", "mail", "v-mail")]: 1 };
  const firstSeen = { [rollingKey(present)]: restartedAt };
  assert.deepEqual(decide({ classes, secret, memory: { counts, firstSeen } }).memory.reverted, [met]);
  assert.deepEqual(decide({ classes, secret, memory: { counts } }).memory.reverted, []);
  assert.deepEqual(decide({ classes, secret: right, memory: { counts, firstSeen } }).memory.reverted, []);
});

test("what was met while a class was left alone is judged when it may be worked on again", () => {
  const again = writer(ours, startedAt, "mail");
  const secret = syncedSecret("mails", { mail: "mail-value" }, { writers: [again] });
  const judged = (changes: Parameters<typeof decide>[0]) =>
    decide({ driver: driverOf("1.6", "on"), secret, memory: { reverted: [met] }, ...changes }).memory.reverted;
  assert.deepEqual(judged({}), [met, present]);
  // Of another class, or of another restart, nothing is said.
  const other = metKey(present, "others", "contoso/secret/mail");
  assert.deepEqual(judged({ memory: { reverted: [other] } }), [other]);
  const before = metKey(
    restartKey("Deployment/app", parseMarker("contoso/secret/mail@v-before")),
    "mails",
    "contoso/secret/mail",
  );
  assert.deepEqual(judged({ memory: { reverted: [before] } }), []);
});

test("what was met while a class was left alone is forgotten once all have started since", () => {
  const wroteAt = (at: number) =>
    syncedSecret("mails", { mail: "mail-value" }, { writers: [writer(ours, at, "mail")] });
  const memory = { reverted: [met] };
  const forgiven = decide({ secret: wroteAt(startedAt - 2 * second), memory });
  assert.deepEqual([forgiven.steps, forgiven.memory.reverted], [[], []]);
  assert.equal(restartMarkers(decide({ secret: wroteAt(startedAt - second), memory })).length, 1);
});

test("what was met while a class was left alone counts too where the newest version holds the marked one's bytes", () => {
  const marker = `contoso/secret/mail=v-marked@${(noon - hour) / 1000}`;
  const equal = new Map([
    ["contoso/secret/mail@v-mail", { ...versionOf("mail", noon - hour), version: "v-marked" }],
    ["contoso/secret/mail@v-marked", { ...versionOf("mails", noon - 2 * hour), version: "v-before" }],
  ]);
  const restart = restartKey("Deployment/app", parseMarker(marker));
  const noted = metKey(restart, "mails", "contoso/secret/mail");
  const versions = new Map([
    ["contoso/secret/mail@v-marked", { known: true, createdOn: noon - hour, held: undefined }],
  ] as const);
  const wroteAt = (at: number) =>
    syncedSecret("mails", { mail: "mail-value" }, { writers: [writer(drivers, at, "mail")] });
  const judged = (reverted: readonly string[], secret = wroteAt(startedAt)) =>
    decide({ driver: driverOf("1.6", "on"), marker, secret, versions, before: equal, memory: { reverted } });
  assert.deepEqual(judged([]).outcomes.get("mails"), { kind: "converged", idle: false });
  assert.deepEqual(judged([noted]).memory.reverted, [noted, restart]);
  assert.equal(restartMarkers(judged([noted])).length, 1);
  // Nobody has written the key since before they started: whatever was noted, they got what it holds.
  assert.deepEqual(restartMarkers(judged([noted], wroteAt(startedAt - 2 * second))), []);
});

test("pods that started with other bytes than the marked version's are remembered while their class is left alone", () => {
  const classes = [{ ...mails, ignored: true }];
  const wrongSince = (at: number) => syncedSecret("mails", { mail: "old" }, { writers: [writer(drivers, at, "mail")] });
  const noted = (changes: Parameters<typeof decide>[0]) =>
    decide({ classes, secret: wrongSince(startedAt - 2 * second), ...changes }).memory.reverted;
  assert.deepEqual(noted({}), [met]);
  assert.deepEqual(noted({ secret: wrongSince(startedAt + minute) }), []);
  // A Secret that was made anew after the restart, and has been given the right bytes since.
  const rightNow = syncedSecret("mails", { mail: "mail-value" }, { createdAt: restartedAt });
  assert.deepEqual(noted({ secret: rightNow }), []);
  // Seen on the rollout's way, whoever owned the key when it began.
  const later = { firstSeen: { [rollingKey(present)]: restartedAt } };
  assert.deepEqual(noted({ secret: wrongSince(startedAt + minute), memory: later }), [met]);
  // The vault names another version: what the marked one's bytes are nobody can tell.
  assert.deepEqual(noted({ marker: "contoso/secret/mail=v-before@1", shows: "v-before" }), []);
});

test("pods that met old bytes are remembered while their Secret is refused, and judged once it is not", () => {
  const driver = driverOf("1.6", "on");
  const theirs = syncedSecret("mails", { mail: "old" }, { writers: [writer(drivers, startedAt, "mail")] });
  const refused = decide({ driver, secret: { ...theirs, managed: false }, shows: "v-before" });
  assert.deepEqual(refused.memory.reverted, [met]);
  // Its mounts have caught up before the Secret is the driver's again.
  const caughtUp = decide({ driver, secret: { ...theirs, managed: false }, memory: refused.memory });
  assert.deepEqual([caughtUp.steps, caughtUp.memory.reverted], [[], [met]]);
  const rightNow = syncedSecret("mails", { mail: "mail-value" }, { writers: [writer(drivers, startedAt, "mail")] });
  assert.match(restartMarkers(decide({ driver, secret: rightNow, memory: refused.memory }))[0] ?? "", / #2$/);
});

test("pods that somebody started with a Secret of their own are restarted once it is the driver's again", () => {
  const theirs = writer("kubectl", restartedAt - second, "mail");
  const byHand = syncedSecret("mails", { mail: "by hand" }, { managed: false, writers: [theirs] });
  const seen = decide({ secret: byHand });
  assert.deepEqual([seen.steps, seen.outcomes.get("mails")?.kind], [[], "refused"]);
  assert.deepEqual(seen.memory.reverted, [met]);
  // Deleted, and made anew by the driver.
  const remade = syncedSecret("mails", { mail: "mail-value" }, { createdAt: noon + hour - minute });
  assert.match(restartMarkers(decide({ secret: remade, memory: seen.memory }))[0] ?? "", / #2$/);
});

test("pods that nobody marked, and that started with what somebody wrote by hand, are restarted once the Secret is right", () => {
  const byHand = (at: number) =>
    syncedSecret("mails", { mail: "by hand" }, { writers: [writer("kubectl-patch", at, "mail")] });
  const unmarked = { ...app.workload, marker: undefined, restartedByUsAt: undefined };
  // Half an hour younger than the version: what the driver had written by then is right.
  const came = noon + 30 * minute;
  const pods = app.pods.map((pod) => ({ ...pod, createdAt: came, lastStartedAt: came }));
  const seen = { workload: unmarked, marker: undefined, pods, driver: driverOf("1.6", "on") };
  const noted = (secret: SyncedSecret) => decide({ ...seen, secret }).memory.reverted;
  const theirs = metKey(restartKey("Deployment/app", parseMarker(undefined)), "mails", "contoso/secret/mail");
  assert.deepEqual(noted(byHand(came - second)), [theirs]);
  assert.deepEqual(noted(byHand(came + minute)), [], "they started before that");
  // It was deleted before the bridge could write it, and the driver made it anew.
  const anew = syncedSecret(
    "mails",
    { mail: "mail-value" },
    { createdAt: came + minute, writers: [writer(drivers, came + minute, "mail")] },
  );
  assert.deepEqual(restartMarkers(decide({ ...seen, secret: anew })), []);
  const memory = { reverted: [theirs] };
  assert.equal(restartMarkers(decide({ ...seen, secret: anew, memory })).length, 1);
  // While their Secret is refused a restart would bring them the same bytes again.
  assert.deepEqual(restartMarkers(decide({ ...seen, secret: { ...anew, immutable: true }, memory })), []);
  // Nobody is known to have written it: nothing tells since when it has held this.
  assert.equal(restartMarkers(decide({ ...seen, secret: { ...anew, writers: [] }, memory })).length, 1);
  // Somebody has restarted them since.
  const young = app.pods.map((pod) => ({ ...pod, createdAt: came + 2 * minute, lastStartedAt: came + 2 * minute }));
  assert.deepEqual(restartMarkers(decide({ ...seen, secret: anew, memory, pods: young })), []);
});

test("what somebody wrote by hand is remembered of pods that start with it while their class must be left alone", () => {
  // The object is disabled: what it should be is not known.
  const classes = [classOf("mails", ["mail", "unanswered"], { mails: { mail: "mail" } })];
  const byHand = (at: number, manager = "kubectl-patch") =>
    syncedSecret("mails", { mail: "by hand" }, { writers: [writer(manager, at, "mail")] });
  const noted = (changes: Parameters<typeof decide>[0]) => decide({ classes, ...changes }).memory.reverted;
  assert.deepEqual(noted({ secret: byHand(startedAt - second) }), [met]);
  assert.deepEqual(noted({ secret: byHand(startedAt + minute) }), [], "they started before that");
  assert.deepEqual(noted({ secret: byHand(startedAt - second, drivers) }), []);
  const about = app.pods.map((pod) => ({ ...pod, started: false, lastStartedAt: undefined }));
  assert.deepEqual(noted({ secret: byHand(startedAt + minute), pods: about }), [met], "they are about to start");
  // Of pods that we have not restarted, too.
  const unmarked = { workload: { ...app.workload, marker: undefined, restartedByUsAt: undefined }, marker: undefined };
  const theirs = metKey(restartKey("Deployment/app", parseMarker(undefined)), "mails", "contoso/secret/mail");
  assert.deepEqual(noted({ ...unmarked, secret: byHand(startedAt - second) }), [theirs]);
});

test("what somebody wrote by hand while nobody could tell what it should be turns out right, and is forgotten", () => {
  const classes = [classOf("mails", ["mail", "unanswered"], { mails: { mail: "mail" } })];
  const byHand = (at: number, manager = "kubectl-patch") =>
    syncedSecret("mails", { mail: "mail-value" }, { writers: [writer(manager, at, "mail")] });
  const unmarked = { workload: { ...app.workload, marker: undefined, restartedByUsAt: undefined }, marker: undefined };
  for (const whose of [{}, { ...unmarked, driver: driverOf("1.6", "off") }]) {
    const seen = decide({ ...whose, classes, secret: byHand(noon) });
    assert.equal(seen.memory.reverted.length, 1);
    const judged = (secret: SyncedSecret) => decide({ ...whose, secret, memory: seen.memory });
    assert.deepEqual([judged(byHand(noon)).steps, judged(byHand(noon)).memory.reverted], [[], []]);
    // Written since they started, as by the driver, or in a Secret that is not there any more.
    assert.equal(restartMarkers(judged(byHand(startedAt - second, drivers))).length, 1);
    const made = { createdAt: startedAt, writers: [writer(drivers, noon, "mail")] };
    assert.equal(restartMarkers(judged(syncedSecret("mails", { mail: "mail-value" }, made))).length, 1);
  }
});

test("keys of a Secret that is gone turn out nothing", () => {
  const classes = [classOf("mails", ["mail"], { mails: { mail: "mail" }, gone: { mail: "mail" } })];
  const [one] = app.pods;
  assert.ok(one !== undefined);
  const uses = { ...one.uses, reads: [...one.uses.reads, envRead("gone", "mail")] };
  const pods = app.pods.map((of) => ({ ...of, uses }));
  const secret = syncedSecret("mails", { mail: "mail-value" }, { writers: [writer(drivers, noon, "mail")] });
  const seen = { classes, pods, secret, workload: { ...app.workload, uses } };
  assert.deepEqual(decide({ ...seen, memory: { reverted: [met] } }).memory.reverted, [met, present]);
});
