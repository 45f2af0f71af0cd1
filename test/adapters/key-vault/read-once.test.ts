/** What one version holds never changes, so a rotation asks the vault for it once. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { VirtualClock } from "../../../local/clock.ts";
import { vaultOver } from "../../../shared/adapters/key-vault/vault-answers.ts";
import type { ObjectsApi } from "../../../shared/adapters/key-vault/vault-api.ts";
import { SecretValue } from "../../../shared/core/secret-value.ts";
import type { VersionEntry } from "../../../shared/core/vault-object.ts";
import type { Vault } from "../../../shared/ports.ts";

const db = { vault: "shop", type: "secret", name: "db" } as const;
const start = Date.UTC(2026, 0, 1);

/** A vault whose object has these versions, oldest first, and the requests that it got. */
function shop(versions: readonly VersionEntry[]): { readonly vault: Vault; readonly requests: string[] } {
  const clock = new VirtualClock();
  const requests: string[] = [];
  const api: ObjectsApi = {
    async get(_, version) {
      requests.push(`get ${version ?? "current"}`);
      const found = versions.find((entry) => entry.version === (version ?? versions.at(-1)?.version));
      assert.ok(found?.enabled === true, "a request that the list had answered");
      const none = { contentType: undefined, keyId: undefined, notBefore: undefined, expiresOn: undefined };
      const { version: id, createdOn } = found;
      return { ok: true, value: { version: id, createdOn, value: SecretValue.fromText(id), ...none } };
    },
    listed: () => assert.fail("a rotation needs no list of all objects"),
    async list() {
      requests.push("list");
      return { ok: true, value: versions };
    },
  };
  return { vault: vaultOver(new Map([["shop", { secret: api, cert: api, key: api }]]), { clock }), requests };
}

function versionsOf(...enabled: readonly boolean[]): readonly VersionEntry[] {
  return enabled.map((on, index) => ({ version: `v${index + 1}`, createdOn: start + index * 60_000, enabled: on }));
}

test("a rotation's questions about the old version cost one list and one request for its value", async () => {
  const { vault, requests } = shop(versionsOf(true, true));
  const [named, before] = await Promise.all([vault.version(db, "v1"), vault.before(db, "v2")]);
  assert.ok(named.known && named.held !== undefined && before !== undefined);
  assert.ok(named.held.value.equals(before.value));
  assert.deepEqual(requests.toSorted(), ["get v1", "list"]);
  await vault.before(db, "v2");
  await vault.version(db, "v1");
  assert.deepEqual(requests.toSorted(), ["get v1", "list", "list"]);
});

test("what was the current version is not asked for again as the version before", async () => {
  const versions = [...versionsOf(true)];
  const { vault, requests } = shop(versions);
  await vault.current(db);
  versions.push({ version: "v2", createdOn: start + 60_000, enabled: true });
  await vault.current(db);
  assert.ok((await vault.before(db, "v2")) !== undefined);
  assert.deepEqual(requests, ["get current", "get current", "list"]);
});

test("a version that the list shows as disabled is not asked for", async () => {
  const { vault, requests } = shop(versionsOf(false, true));
  assert.equal(await vault.before(db, "v2"), undefined);
  assert.deepEqual(requests, ["list"]);
});
