/** What a process keeps of its own looks. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { answerStamp, classesStamp, listedStamp, readStamps } from "../../../shared/core/reconcile/seen-target.ts";
import { firstDelayMs, noNotes, withFinding } from "../../../shared/core/reconcile/target-notes.ts";
import type { Finding } from "../../../shared/core/reconcile/target-notes.ts";
import { parseProviderClass } from "../../../shared/core/parse-provider-class.ts";
import type { Outcome } from "../../../shared/core/reasons.ts";
import { SecretValue } from "../../../shared/core/secret-value.ts";
import type { ObjectType, VaultObject } from "../../../shared/core/vault-object.ts";

const db = "contoso/secret/db";
const mail = "contoso/secret/mail";
const converged: Outcome = { kind: "converged", idle: false };
const waiting: Outcome = { kind: "waiting", reason: "old-mount", about: [] };

function finding(change: Partial<Finding> = {}): Finding {
  const objects = new Map([
    [db, "1"],
    [mail, "1"],
  ]);
  return {
    scope: "all",
    at: 1000,
    outcomes: new Map([["kv", converged]]),
    seen: { classes: "c1", objects },
    ...change,
  };
}

const full = withFinding(noNotes, finding());
const newer = { classes: "c1", objects: new Map([[db, "2"], [mail, "2"]]) }; // prettier-ignore

test("a look at everything is kept whole", () => {
  assert.deepEqual(full, { ...finding().seen, lookedAt: 1000, open: new Set(), asked: undefined });
});

test("an event's run that proved its classes is kept for what the event named, and for nothing else", () => {
  const scope = [{ object: db, version: undefined }];
  const after = withFinding(full, finding({ scope, at: 5000, seen: newer }));
  assert.deepEqual([...after.objects], [[db, "2"], [mail, "1"]]); // prettier-ignore
  assert.equal(after.lookedAt, 1000);
});

test("an event's run that proved nothing leaves the dates as they were, and its class open", () => {
  const scope = [{ object: db, version: undefined }];
  const outcomes = new Map([["kv", waiting]]);
  const after = withFinding(full, finding({ scope, at: 5000, seen: newer, outcomes }));
  assert.deepEqual(after.objects, full.objects);
  assert.deepEqual(after.open, new Set(["kv"]));
  assert.deepEqual(after.asked, { cause: "unfinished", at: 5000, delayMs: firstDelayMs });
  const done = withFinding(after, finding({ scope, at: 6000, seen: newer }));
  assert.deepEqual([done.open, done.objects.get(db), done.asked], [new Set(), "2", undefined]);
});

test("an event's run says nothing of classes that it did not look at", () => {
  const open = withFinding(full, finding({ outcomes: new Map([["other", waiting]]) }));
  const after = withFinding(open, finding({ scope: [{ object: db, version: undefined }] }));
  assert.deepEqual(after.open, new Set(["other"]));
});

test("a cluster that did not answer leaves the target open until it does", () => {
  const lost = withFinding(full, finding({ outcomes: new Map([["*", waiting]]), seen: undefined }));
  assert.deepEqual(lost.open, new Set(["*"]));
  assert.equal(lost.lookedAt, 1000);
  assert.deepEqual(withFinding(lost, finding({ scope: [] })).open, new Set());
});

function versionOf(type: ObjectType): VaultObject {
  return { vault: "contoso", type, name: "db" };
}

test("answers and lists say the same of the same state", () => {
  const current = { version: "v", createdOn: 7000, value: SecretValue.fromText("x") };
  const rest = { contentType: undefined, keyId: undefined, notBefore: undefined, expiresOn: undefined };
  const given = answerStamp({ ok: true, current: { ...current, ...rest } });
  for (const type of ["secret", "cert", "key"] as const) {
    assert.equal(listedStamp(versionOf(type), { createdOn: 7000, enabled: true }), given);
    assert.equal(listedStamp(versionOf(type), undefined), answerStamp({ ok: false, problem: "not-found" }));
  }
  const disabled = { createdOn: 7000, enabled: false };
  assert.equal(listedStamp(versionOf("secret"), disabled), answerStamp({ ok: false, problem: "disabled" }));
  assert.equal(listedStamp(versionOf("key"), disabled), given, "a disabled key is given all the same");
  for (const problem of ["forbidden", "throttled", "unavailable"] as const)
    assert.equal(answerStamp({ ok: false, problem }), undefined);
});

test("of an object with history the list of its versions tells the newest", () => {
  const objects = new Map([[db, versionOf("secret")]]);
  const entry = (version: string, createdOn: number, enabled: boolean) => ({ version, createdOn, enabled });
  const stampOf = (...versions: readonly ReturnType<typeof entry>[]) =>
    readStamps(objects, { answers: new Map(), lists: new Map([[db, { ok: true, versions }]]) }).get(db);
  assert.equal(stampOf(entry("a", 2000, true), entry("b", 9000, true), entry("c", 1000, true)), "9000");
  assert.equal(stampOf(entry("a", 2000, true), entry("b", 9000, false)), "disabled");
  assert.equal(stampOf(), "missing");
  assert.equal(readStamps(objects, { answers: new Map(), lists: new Map() }).get(db), undefined);
});

test("classes have one stamp whatever their order, and another one after any change", () => {
  const raw = (name: string, objects: string) => ({
    metadata: { namespace: "shop", name },
    spec: { provider: "azure", parameters: { keyvaultName: "contoso", tenantId: "t", objects } },
  });
  const named = (object: string) => `array:\n  - |\n    objectName: ${object}\n    objectType: secret\n`;
  const [a, b] = [parseProviderClass(raw("a", named("db"))), parseProviderClass(raw("b", named("db")))];
  assert.equal(classesStamp([a, b]), classesStamp([b, parseProviderClass(raw("a", named("db")))]));
  for (const others of [[a], [a, parseProviderClass(raw("b", named("mail")))], [a, { ...b, ignored: true }], []]) {
    assert.notEqual(classesStamp([a, b]), classesStamp(others));
  }
});
