/** A Kubernetes Secret -> SyncedSecret. The only parser that touches values; they go straight into SecretValue. */

import type { SecretWriter, SyncedSecret } from "../observed.ts";
import { SecretValue } from "../secret-value.ts";
import { managedEntries, ownedNames } from "./managed-fields.ts";
import { label, metadataOf } from "./metadata.ts";
import { managedLabel } from "./names.ts";
import { entries, field, text } from "./read.ts";

/** `data` is base64, as the API gives it. Throws (without the text) if it is not: an API server never sends that. */
export function parseSecret(raw: unknown): SyncedSecret {
  const { name, uid, resourceVersion, deleting, createdAt } = metadataOf(raw);
  return {
    name,
    uid,
    resourceVersion,
    type: text(field(raw, "type")) ?? "Opaque",
    managed: label(raw, managedLabel) === "true",
    immutable: field(raw, "immutable") === true,
    deleting,
    createdAt,
    data: new Map(entries(field(raw, "data")).map(([key, value]) => [key, decoded(text(value) ?? "")])),
    writers: writersOf(raw),
  };
}

/** The managedFields entries that own data keys; one manager may have several. */
function writersOf(raw: unknown): readonly SecretWriter[] {
  return managedEntries(raw)
    .map((entry) => ({ manager: entry.manager, at: entry.at, keys: new Set(ownedNames(entry, "f:data")) }))
    .filter((writer) => writer.keys.size > 0);
}

function decoded(base64: string): SecretValue {
  const binary = binaryOf(base64);
  const bytes = new Uint8Array(binary.length);
  for (let index = 0; index < binary.length; index += 1) bytes[index] = binary.charCodeAt(index);
  return SecretValue.fromBytes(bytes);
}

function binaryOf(base64: string): string {
  try {
    return atob(base64);
  } catch {
    throw new TypeError("A Secret's data is not base64.");
  }
}
