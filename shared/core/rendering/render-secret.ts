/** One entry of `secretObjects` and the mounted files -> the data of its Secret. */

import { quote } from "../go/text.ts";
import type { ClassObject, RenderError, SecretObject } from "../provider-class.ts";
import type { SecretValue } from "../secret-value.ts";

export type RenderedSecret =
  | {
      readonly ok: true;
      readonly type: string;
      readonly data: ReadonlyMap<string, SecretValue>;
      /** Key -> the object whose file feeds it. */
      readonly sources: ReadonlyMap<string, ClassObject>;
    }
  | { readonly ok: false; readonly error: RenderError };

/**
 * GetSecretData of the driver (pkg/util/secretutil, the same in 1.5.6 and 1.6.1): a file's bytes unread, the last of
 * equal keys wins, any error fails the whole Secret. Only `kubernetes.io/tls` is read by the driver; that is not
 * rendered yet.
 */
export function renderSecret(
  entry: SecretObject,
  files: ReadonlyMap<string, { readonly content: SecretValue; readonly object: ClassObject }>,
): RenderedSecret {
  if (entry.error !== undefined) return { ok: false, error: entry.error };
  const where = `spec.secretObjects, Secret ${quote(entry.secretName)}`;
  const tls = entry.type === "kubernetes.io/tls";
  const data = new Map<string, SecretValue>();
  const sources = new Map<string, ClassObject>();
  for (const { objectName, key } of entry.data) {
    const file = files.get(objectName);
    if (file === undefined)
      return refuse(
        "invalid",
        `${where}: no object is mounted as ${quote(objectName)}; name its alias, else its name.`,
      );
    if (tls && key !== "tls.crt" && key !== "tls.key")
      return refuse("invalid", `${where}: a Secret of type kubernetes.io/tls cannot have the key ${quote(key)}.`);
    data.set(key, file.content);
    sources.set(key, file.object);
  }
  if (tls) return refuse("unsupported", `${where}: the type kubernetes.io/tls is not rendered yet.`);
  return { ok: true, type: entry.type, data, sources };
}

function refuse(kind: RenderError["kind"], message: string): RenderedSecret {
  return { ok: false, error: { kind, message } };
}
