import { test } from "node:test";
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import * as fc from "fast-check";
import { readMessage } from "../../shared/core/secret-event.ts";
import { objectNamePattern, vaultNamePattern } from "../../shared/core/names.ts";
import { objectKey } from "../../shared/core/vault-object.ts";

const folder = new URL("../fixtures/events/", import.meta.url);
const v1 = "ee059b2bb5bc48398a53b168c6cdcb10";
const v2 = "1f5f3a0c9f1b4b6db6a3c1e2d4f5a6b7";
const password = `secret kv-shop/secret/db-password@${v1}`;

/** Fixture -> what comes of it, event by event and then reason by reason. */
const table: Readonly<Record<string, readonly string[]>> = {
  "secret-as-delivered": [password],
  "secret-dates-as-numbers": [password],
  "secret-as-documented": [`secret sample-kv/secret/newsecret@${v1}`],
  "secret-camel-case": [password],
  "secret-wrong-casing": [password],
  "secret-name-from-subject": [password],
  "secret-only-id": [password],
  "secret-odd-version": ["secret kv-shop/secret/db-password@?"],
  "secret-versions-differ": ["secret kv-shop/secret/db-password@?"],
  "secret-sovereign-cloud": [password],
  "secret-other-vault": [`secret kv-other/secret/db-password@${v1}`],
  "cloud-event": [password],
  "cloud-event-array": [password, `secret kv-shop/secret/api-key@${v2}`],
  "cloud-event-dates-as-strings": [password],
  certificate: [`cert kv-shop/cert/shop-tls@${v2} kv-shop/secret/shop-tls@${v2} kv-shop/key/shop-tls@${v2}`],
  key: [`key kv-shop/key/signing@${v2}`],
  "array-of-one": [password],
  "array-good-and-bad": [
    password,
    `secret kv-shop/secret/api-key@${v2}`,
    "other-event: Microsoft.KeyVault.SecretNearExpiry",
    "not-an-event: no envelope",
    "not-an-event: no envelope",
    "not-an-event: no envelope",
    "incomplete-event: event 00eccf70-95a7-4e7c-8299-2eb17ee9ad64: no valid ObjectName",
  ],
  "empty-array": ["not-an-event: empty array"],
  "near-expiry": ["other-event: Microsoft.KeyVault.SecretNearExpiry"],
  expired: ["other-event: Microsoft.KeyVault.CertificateExpired"],
  "access-policy-changed": ["other-event: Microsoft.KeyVault.VaultAccessPolicyChanged"],
  "validation-handshake": ["other-event: Microsoft.EventGrid.SubscriptionValidationEvent"],
  "storage-event": ["other-event: Microsoft.Storage.BlobCreated"],
  "malformed-no-type": ["not-an-event: no envelope"],
  "malformed-type-number": ["not-an-event: no envelope"],
  "malformed-no-data": ["incomplete-event: event 00eccf70-95a7-4e7c-8299-2eb17ee9ad64: no valid ObjectName"],
  "malformed-data-array": ["incomplete-event: event 00eccf70-95a7-4e7c-8299-2eb17ee9ad64: no valid ObjectName"],
  "malformed-no-vault": ["incomplete-event: event 00eccf70-95a7-4e7c-8299-2eb17ee9ad64: no valid VaultName"],
  "malformed-vault-name": ["incomplete-event: event 00eccf70-95a7-4e7c-8299-2eb17ee9ad64: no valid VaultName"],
  "malformed-object-name": ["incomplete-event: event 00eccf70-95a7-4e7c-8299-2eb17ee9ad64: no valid ObjectName"],
  "malformed-long-name": ["incomplete-event: event 00eccf70-95a7-4e7c-8299-2eb17ee9ad64: no valid ObjectName"],
  "malformed-id": ["incomplete-event: event 00eccf70-95a7-4e7c-8299-2eb17ee9ad64: Id is not a Key Vault id"],
  "mismatch-id-of-other-vault": [
    "incomplete-event: event 00eccf70-95a7-4e7c-8299-2eb17ee9ad64: Id is of another vault",
  ],
  "mismatch-id-of-other-object": [
    "incomplete-event: event 00eccf70-95a7-4e7c-8299-2eb17ee9ad64: Id is of another object",
  ],
  "mismatch-id-of-other-type": ["incomplete-event: event 00eccf70-95a7-4e7c-8299-2eb17ee9ad64: Id is of another type"],
  "mismatch-topic": ["incomplete-event: event 00eccf70-95a7-4e7c-8299-2eb17ee9ad64: topic is another vault"],
  "mismatch-object-type": [
    "incomplete-event: event 00eccf70-95a7-4e7c-8299-2eb17ee9ad64: ObjectType is not that of the event type",
  ],
  "cloud-event-other-specversion": ["not-an-event: no envelope"],
  "target-message": ["not-an-event: no envelope"],
  "text-json": [password],
  "text-base64": [password],
  "text-base64-array": [password],
  "text-not-json": ["not-json: message"],
  "text-empty": ["not-json: message"],
  number: ["not-json: message"],
  "hostile-log-text": [`other-event: ?[31mrotated??level=error ? ${"x".repeat(52)}…`],
  "hostile-prototype": [password],
};

function fixture(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`${name}.json`, folder), "utf8"));
}

function summary(body: unknown): readonly string[] {
  const { events, ignored } = readMessage(body);
  return [
    ...events.map(
      (event) =>
        `${event.object.type} ${event.objects.map((object) => `${objectKey(object)}@${event.version ?? "?"}`).join(" ")}`,
    ),
    ...ignored.map((part) => `${part.reason}: ${part.about}`),
  ];
}

for (const [name, expected] of Object.entries(table)) {
  test(`reads the event fixture ${name}`, () => {
    assert.deepEqual(summary(fixture(name)), expected);
  });
}

test("uses every event fixture", () => {
  const files = readdirSync(folder).map((file) => file.replace(/\.json$/, ""));
  assert.deepEqual(files.sort(), Object.keys(table).sort());
});

test("keeps what the envelope says of origin and time", () => {
  const [event] = readMessage(fixture("secret-as-delivered")).events;
  assert.equal(event?.eventType, "SecretNewVersionCreated");
  assert.equal(event?.eventId, "00eccf70-95a7-4e7c-8299-2eb17ee9ad64");
  assert.equal(event?.eventTime, Date.UTC(2026, 10, 2, 9, 31, 7, 471));
  assert.match(event?.source ?? "", /\/vaults\/kv-shop$/);
});

test("a prototype in an event changes no other object", () => {
  readMessage(fixture("hostile-prototype"));
  assert.equal(Reflect.get({}, "polluted"), undefined);
});

test("drops what is larger than any event, whether it comes as text or as data", () => {
  const event = fixture("secret-as-delivered");
  const padding = "x".repeat(1_100_000);
  const many = Array.from({ length: 5001 }, () => ({}));
  let deep: unknown = "end";
  for (let depth = 0; depth < 1_000_000; depth += 1) deep = [deep];
  const cyclic: unknown[] = [];
  cyclic.push(cyclic);
  for (const body of [padding, JSON.stringify({ event, padding }), { event, padding }, many, deep, cyclic]) {
    assert.deepEqual(summary(body), ["too-large: message"]);
  }
});

test("never throws, names only what Key Vault could hold, and says nothing unbounded, whatever JSON comes in", () => {
  fc.assert(
    fc.property(fc.oneof(fc.jsonValue(), fc.string(), almostAnEvent()), (body) => {
      const { events, ignored } = readMessage(body);
      for (const { vault, object } of events) {
        assert.match(vault, vaultNamePattern);
        assert.equal(vault, vault.toLowerCase());
        assert.match(object.name, objectNamePattern);
      }
      for (const { about } of ignored) assert.ok(about.length <= 160 && !/[\p{Cc}\p{Cf}]/u.test(about), about);
      assert.ok(events.length + ignored.length > 0, "Every message leaves a trace.");
    }),
    { numRuns: 500 },
  );
});

/** An event in which any field may be anything. */
function almostAnEvent(): fc.Arbitrary<unknown> {
  const text = fc.oneof(fc.constantFrom("kv-shop", "db-password", "Secret", v1), fc.string({ unit: "binary" }));
  const data = fc.record(
    { Id: fc.oneof(fc.webUrl(), fc.jsonValue()), VaultName: text, ObjectType: text, ObjectName: text, Version: text },
    { requiredKeys: [] },
  );
  return fc.record(
    {
      eventType: fc.oneof(fc.constant("Microsoft.KeyVault.SecretNewVersionCreated"), text),
      id: text,
      topic: text,
      subject: text,
      eventTime: fc.oneof(text, fc.date().map(String), fc.jsonValue()),
      data: fc.oneof(data, fc.jsonValue()),
    },
    { requiredKeys: [] },
  );
}
