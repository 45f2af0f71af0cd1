/** One entry of `secretObjects` and the mounted files -> the data of its Secret. */

import { quote } from "../go/text.ts";
import type { ClassObject, RenderError, SecretObject } from "../provider-class.ts";
import { SecretValue } from "../secret-value.ts";
import { defaultSettings } from "./provider-settings.ts";
import type { ProviderSettings } from "./provider-settings.ts";
import { tlsHarm } from "./tls-harm.ts";
import { tlsCertificate, tlsKey } from "./tls-secret.ts";
import type { TlsPart } from "./tls-secret.ts";

export type RenderedSecret =
  | {
      readonly ok: true;
      readonly type: string;
      readonly data: ReadonlyMap<string, SecretValue>;
      /** Key -> the object whose file feeds it. */
      readonly sources: ReadonlyMap<string, ClassObject>;
    }
  | { readonly ok: false; readonly error: RenderError };

type Files = ReadonlyMap<string, { readonly content: SecretValue; readonly object: ClassObject }>;

/** What the driver would make, unless it would do harm. */
export function renderSecret(
  entry: SecretObject,
  files: Files,
  settings: ProviderSettings = defaultSettings,
): RenderedSecret {
  const made = driverSecret(entry, files, settings);
  if (!made.ok) return made;
  const { parts, ...secret } = made;
  const harm = tlsHarm(parts.get("tls.crt"), parts.get("tls.key"));
  if (harm !== undefined) return refuse("harmful", `${whereOf(entry)}: ${harm}`);
  return secret;
}

/** A Secret as the driver makes it, harmful ones too: to compare with, never to write. */
export type DriverSecret =
  | (Extract<RenderedSecret, { ok: true }> & {
      readonly parts: ReadonlyMap<string, Extract<TlsPart, { ok: true }>>;
    })
  | Extract<RenderedSecret, { ok: false }>;

/**
 * GetSecretData of the driver (pkg/util/secretutil, the same in 1.5.6 and 1.6.1): a file's bytes unread, the last of
 * equal keys wins, any error fails the whole Secret. Only files of a `kubernetes.io/tls` Secret are read.
 */
export function driverSecret(entry: SecretObject, files: Files, settings: ProviderSettings): DriverSecret {
  if (entry.error !== undefined) return { ok: false, error: entry.error };
  const where = whereOf(entry);
  const tls = entry.type === "kubernetes.io/tls";
  const data = new Map<string, SecretValue>();
  const parts = new Map<string, Extract<TlsPart, { ok: true }>>();
  const sources = new Map<string, ClassObject>();
  for (const { objectName, key } of entry.data) {
    const file = files.get(objectName);
    if (file === undefined)
      return refuse(
        "invalid",
        `${where}: no object is mounted as ${quote(objectName)}; name its alias, else its name.`,
      );
    data.set(key, file.content);
    sources.set(key, file.object);
    if (!tls) continue;
    if (key !== "tls.crt" && key !== "tls.key")
      return refuse("invalid", `${where}: a Secret of type kubernetes.io/tls cannot have the key ${quote(key)}.`);
    const part = key === "tls.crt" ? tlsCertificate(file.content, settings) : tlsKey(file.content, settings);
    if (!part.ok) return refuse(part.kind, `${where}, ${key} from ${quote(objectName)}: ${part.problem}`);
    data.set(key, SecretValue.fromBytes(part.bytes));
    parts.set(key, part);
  }
  return { ok: true, type: entry.type, data, sources, parts };
}

function whereOf(entry: SecretObject): string {
  return `spec.secretObjects, Secret ${quote(entry.secretName)}`;
}

function refuse(kind: RenderError["kind"], message: string): Extract<RenderedSecret, { ok: false }> {
  return { ok: false, error: { kind, message } };
}
