import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { parseSecret } from "../../../shared/core/kubernetes/parse-secret.ts";
import { fixture } from "../../fixtures/fixture.ts";

test("A synced Secret gives its bytes and who owns which keys", async () => {
  const secret = parseSecret(await fixture("kubernetes/secret.json"));
  assert.equal(secret.name, "keyvault-secrets");
  assert.equal(secret.resourceVersion, "48211");
  assert.equal(secret.type, "Opaque");
  assert.equal(secret.managed, true);
  assert.equal(secret.immutable, false);
  assert.equal(secret.deleting, false);
  assert.equal(secret.createdAt, Date.parse("2026-11-01T08:00:03Z"));
  assert.deepEqual(
    [...secret.data].map(([key, value]) => [key, Buffer.from(value.reveal()).toString("hex")]),
    [
      ["color", Buffer.from("orange").toString("hex")],
      ["tls.crt", "00ff8041"],
      ["empty", ""],
    ],
  );
  assert.deepEqual(secret.writers, [
    { manager: "csi-secrets-store", at: Date.parse("2026-11-12T10:00:10Z"), keys: new Set(["tls.crt", "empty"]) },
    { manager: "rotation-bridge", at: Date.parse("2026-11-12T10:00:04Z"), keys: new Set(["color"]) },
  ]);
});

test("Every byte sequence comes through base64 unchanged", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      const secret = parseSecret({ data: { k: Buffer.from(bytes).toString("base64") } });
      assert.deepEqual(secret.data.get("k")?.reveal(), bytes);
    }),
  );
});

test("Data that is not base64 is refused without being shown", () => {
  assert.throws(
    () => parseSecret({ data: { k: "hunter2 !" } }),
    (error: Error) => !error.message.includes("hunter2"),
  );
});

test("A Secret without labels, type or data is an unmanaged, empty, Opaque one", () => {
  const secret = parseSecret({ metadata: { name: "s" }, immutable: true });
  assert.equal(secret.managed, false);
  assert.equal(secret.immutable, true);
  assert.equal(secret.type, "Opaque");
  assert.equal(secret.data.size, 0);
});
