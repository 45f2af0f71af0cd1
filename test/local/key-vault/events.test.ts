import assert from "node:assert/strict";
import { test } from "node:test";
import { VirtualClock } from "../../../local/clock.ts";
import { newVersionEvent } from "../../../local/key-vault/events.ts";
import { VaultStore } from "../../../local/key-vault/vault-store.ts";

const store = new VaultStore({ clock: new VirtualClock(Date.UTC(2026, 0, 1)) });
const version = store.setSecret("Shop", "newsecret", "sentinel", { expiresOn: Date.UTC(2027, 0, 1) });
const data = {
  Id: `https://shop.vault.azure.net/secrets/newsecret/${version.version}`,
  VaultName: "Shop",
  ObjectType: "Secret",
  ObjectName: "newsecret",
  Version: version.version,
  NBF: null,
  EXP: 1_798_761_600,
};
const vaultId =
  "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/local/providers/Microsoft.KeyVault/vaults/Shop";

test("both envelopes carry the same data in PascalCase, with the bare name as subject", () => {
  const common = { subject: "newsecret", data };
  const time = "2026-01-01T00:00:00.000Z";
  const type = "Microsoft.KeyVault.SecretNewVersionCreated";
  const { id: one, ...grid } = withId(newVersionEvent("Shop", "newsecret", version, "event-grid"));
  const { id: other, ...cloud } = withId(newVersionEvent("Shop", "newsecret", version, "cloud-events"));
  assert.equal(one, other);
  assert.match(one, /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/);
  const versions = { dataVersion: "1", metadataVersion: "1" };
  assert.deepEqual(grid, { ...common, topic: vaultId, eventType: type, eventTime: time, ...versions });
  assert.deepEqual(cloud, { ...common, source: vaultId, type, time, specversion: "1.0" });
});

test("a certificate's event names the certificate, and no event holds the value", () => {
  const text = JSON.stringify(newVersionEvent("Shop", "newsecret", version, "event-grid", "cert"));
  assert.match(text, /CertificateNewVersionCreated/);
  assert.match(text, /\/certificates\/newsecret\//);
  assert.ok(!text.includes("sentinel"));
});

function withId(event: object): { readonly id: string } {
  assert.ok("id" in event && typeof event.id === "string");
  return { ...event, id: event.id };
}
