/** The events that Key Vault sends to Event Grid, in the shape in which they are really delivered. */

import { createHash } from "node:crypto";
import type { ObjectType } from "../../shared/core/vault-object.ts";
import type { StoredVersion } from "./stored-version.ts";

export type EventSchema = "event-grid" | "cloud-events";

/**
 * The JSON value of one `NewVersionCreated` event. `data` is in PascalCase with numbers or null for NBF and EXP, as
 * captured from the service (Azure/azure-sdk-for-net issue 22932), not as in the sample of the documentation. The id
 * follows from the content, so the same version gives the same event.
 */
export function newVersionEvent(
  vault: string,
  name: string,
  version: StoredVersion,
  schema: EventSchema,
  objectType: ObjectType = "secret",
): object {
  const source = `/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/local/providers/Microsoft.KeyVault/vaults/${vault}`;
  const { word, path } = words[objectType];
  const type = `Microsoft.KeyVault.${word}NewVersionCreated`;
  const time = new Date(version.createdOn).toISOString();
  const data = {
    Id: `https://${vault.toLowerCase()}.vault.azure.net/${path}/${name}/${version.version}`,
    VaultName: vault,
    ObjectType: word,
    ObjectName: name,
    Version: version.version,
    NBF: unixSeconds(version.notBefore),
    EXP: unixSeconds(version.expiresOn),
  };
  const id = uuidOf(`${type} ${data.Id}`);
  if (schema === "cloud-events") return { id, source, subject: name, type, time, data, specversion: "1.0" };
  return {
    id,
    topic: source,
    subject: name,
    eventType: type,
    data,
    dataVersion: "1",
    metadataVersion: "1",
    eventTime: time,
  };
}

const words = {
  secret: { word: "Secret", path: "secrets" },
  cert: { word: "Certificate", path: "certificates" },
  key: { word: "Key", path: "keys" },
} as const;

function unixSeconds(ms: number | undefined): number | null {
  return ms === undefined ? null : Math.floor(ms / 1000);
}

function uuidOf(text: string): string {
  const hex = createHash("sha256").update(text).digest("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join("-");
}
