/**
 * Key Vault events as they really arrive, turned into hints where to look.
 *
 * Contract: https://learn.microsoft.com/azure/event-grid/event-schema-key-vault, read with care: the documented
 * sample has stray spaces and quoted numbers, captured events have PascalCase data with numbers or null, and custom
 * topics delivered camelCase (azure-sdk-for-net #22932, azure-docs #75866, #78126). So keys and values are trimmed,
 * keys compare without regard to case, and fields that decide nothing here (NBF, EXP) are not read at all.
 * An event is data from outside: it names things, and nothing in it is ever asked for as a URL.
 */

import { objectFields, readEnvelope, type Envelope, type Fields } from "./event-envelope.ts";
import { openBody } from "./message-body.ts";
import { objectNamePattern, vaultNamePattern, versionPattern } from "./names.ts";
import { printable } from "./printable.ts";
import type { IgnoredReason } from "./reasons.ts";
import type { ObjectType, VaultObject } from "./vault-object.ts";

export interface ReadMessage {
  readonly events: readonly SecretEvent[];
  readonly ignored: readonly IgnoredPart[];
}

/** A message, or one event of it, that is dropped. `about` is short, printable, and safe to log. */
export interface IgnoredPart {
  readonly reason: IgnoredReason;
  readonly about: string;
}

export interface SecretEvent {
  readonly eventType: SecretEventType;
  /** In lower case. */
  readonly vault: string;
  /** What the event names, spelled as there (the vault in lower case). */
  readonly object: VaultObject;
  /**
   * What may have a new version with it: a certificate is also a secret and a key of the same name and version
   * (https://learn.microsoft.com/azure/key-vault/certificates/about-certificates).
   */
  readonly objects: readonly VaultObject[];
  /** In lower case; a hint only. */
  readonly version: string | undefined;
  /** The ARM id of the vault as the envelope gives it (`topic` or `source`). */
  readonly source: string | undefined;
  readonly eventId: string | undefined;
  /** Milliseconds since 1970. */
  readonly eventTime: number | undefined;
}

export type SecretEventType = "SecretNewVersionCreated" | "CertificateNewVersionCreated" | "KeyNewVersionCreated";

/** Event Grid sends at most this many events at once (maxEventsPerBatch). */
const maxEvents = 5000;

/**
 * Reads a queue message or a delivered event. In: what the trigger handed over (see `openBody`), one event or an
 * array, in the Event Grid schema or CloudEvents 1.0. Out: the events that can be looked at and, for each other
 * part, why not. Never throws.
 */
export function readMessage(body: unknown): ReadMessage {
  const opened = openBody(body);
  if (!opened.ok) return { events: [], ignored: [{ reason: opened.reason, about: "message" }] };
  const parts: readonly unknown[] = Array.isArray(opened.value) ? opened.value : [opened.value];
  if (parts.length > maxEvents) return { events: [], ignored: [{ reason: "too-large", about: "message" }] };
  if (parts.length === 0) return { events: [], ignored: [{ reason: "not-an-event", about: "empty array" }] };

  const events: SecretEvent[] = [];
  const ignored: IgnoredPart[] = [];
  for (const part of parts) {
    const read = readEvent(part);
    if ("reason" in read) ignored.push(read);
    else events.push(read);
  }
  return { events, ignored };
}

function readEvent(part: unknown): SecretEvent | IgnoredPart {
  const envelope = readEnvelope(part);
  if (envelope === undefined) return { reason: "not-an-event", about: "no envelope" };
  const kind = kinds.get(envelope.type.toLowerCase());
  if (kind === undefined) return { reason: "other-event", about: printable(envelope.type) };

  const data = objectFields(envelope.data);
  const named = readNames(envelope, data, kind);
  if (typeof named === "string") {
    return { reason: "incomplete-event", about: `event ${printable(envelope.id ?? "without id", 40)}: ${named}` };
  }
  const { vault, name, version } = named;
  return {
    eventType: kind.eventType,
    vault,
    object: { vault, type: kind.type, name },
    objects: kind.concerns.map((type) => ({ vault, type, name })),
    version,
    source: envelope.source,
    eventId: envelope.id,
    eventTime: envelope.time,
  };
}

interface EventKind {
  readonly eventType: SecretEventType;
  readonly type: ObjectType;
  /** `data.ObjectType`, in lower case. */
  readonly objectType: string;
  readonly concerns: readonly ObjectType[];
}

const kinds: ReadonlyMap<string, EventKind> = new Map([
  [
    "microsoft.keyvault.secretnewversioncreated",
    { eventType: "SecretNewVersionCreated", type: "secret", objectType: "secret", concerns: ["secret"] },
  ],
  [
    "microsoft.keyvault.certificatenewversioncreated",
    {
      eventType: "CertificateNewVersionCreated",
      type: "cert",
      objectType: "certificate",
      concerns: ["cert", "secret", "key"],
    },
  ],
  [
    "microsoft.keyvault.keynewversioncreated",
    { eventType: "KeyNewVersionCreated", type: "key", objectType: "key", concerns: ["key"] },
  ],
]);

interface Names {
  readonly vault: string;
  readonly name: string;
  readonly version: string | undefined;
}

/** Vault, name and version, or what is wrong. The event says each more than once; what it says must agree. */
function readNames(envelope: Envelope, data: Fields, kind: EventKind): Names | string {
  const objectType = data.text("objecttype");
  if (objectType !== undefined && objectType.toLowerCase() !== kind.objectType) {
    return "ObjectType is not that of the event type";
  }
  const idText = data.text("id");
  const id = idText === undefined ? undefined : readObjectId(idText);
  if (idText !== undefined && id === undefined) return "Id is not a Key Vault id";
  if (id !== undefined && id.collection !== `${kind.objectType}s`) return "Id is of another type";

  const vault = (data.text("vaultname") ?? id?.vault ?? vaultOfSource(envelope.source))?.toLowerCase();
  if (vault === undefined || !vaultNamePattern.test(vault)) return "no valid VaultName";
  if (id !== undefined && id.vault !== vault) return "Id is of another vault";
  if ((vaultOfSource(envelope.source) ?? vault) !== vault) return "topic is another vault";

  const name = data.text("objectname") ?? id?.name ?? envelope.subject;
  if (name === undefined || !objectNamePattern.test(name)) return "no valid ObjectName";
  if (id !== undefined && id.name.toLowerCase() !== name.toLowerCase()) return "Id is of another object";
  return { vault, name, version: readVersion(data.text("version"), id?.version) };
}

/** A version is a hint, so a doubtful one is no reason to drop the event: the vault is asked what is current. */
function readVersion(said: string | undefined, inId: string | undefined): string | undefined {
  const version = (said ?? inId)?.toLowerCase();
  if (version === undefined || !versionPattern.test(version)) return undefined;
  return (inId?.toLowerCase() ?? version) === version ? version : undefined;
}

interface ObjectId {
  readonly vault: string;
  readonly collection: string;
  readonly name: string;
  readonly version: string | undefined;
}

/** `https://<vault>.<any cloud's suffix>/<collection>/<name>[/<version>]`, vault and collection in lower case. */
function readObjectId(text: string): ObjectId | undefined {
  const match =
    /^https?:\/\/([0-9a-z-]+)(?:\.[0-9a-z.-]*)?(?::\d+)?\/([a-z]+)\/([0-9a-z-]+)(?:\/([0-9a-z]*))?\/?$/i.exec(text);
  const [, vault, collection, name, version] = match ?? [];
  if (vault === undefined || collection === undefined || name === undefined) return undefined;
  return {
    vault: vault.toLowerCase(),
    collection: collection.toLowerCase(),
    name,
    version: version === undefined || version === "" ? undefined : version,
  };
}

/** The vault in lower case, if the event came straight from one and not through somebody's own topic. */
function vaultOfSource(source: string | undefined): string | undefined {
  return /\/vaults\/([^/]+)\/?$/i.exec(source ?? "")?.[1]?.toLowerCase();
}
