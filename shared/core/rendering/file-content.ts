/** The bytes of one object's file, as the Azure provider makes them of the vault's value. */

import { decodeBase64, decodeHex } from "../go/binary-text.ts";
import { quote } from "../go/text.ts";
import type { ClassObject, RenderError } from "../provider-class.ts";
import { SecretValue } from "../secret-value.ts";
import type { ObjectVersion } from "../vault-object.ts";

export type FileAnswer =
  | { readonly ok: true; readonly content: SecretValue }
  | { readonly ok: false; readonly error: RenderError };

/** What the bridge can't render yet, by name; undefined where nothing stands in the way but the vault's answer. */
export function unsupportedObject(object: ClassObject): RenderError | undefined {
  const what = `spec.parameters.objects, ${quote(object.id)}`;
  if (object.object.type === "cert") return unsupported(`${what}: objectType cert is not rendered yet.`);
  if (object.object.type === "key") return unsupported(`${what}: objectType key is not rendered yet.`);
  if (object.history > 1) return unsupported(`${what}: objectVersionHistory above 1 is not rendered yet.`);
  if (object.format !== "") return unsupported(`${what}: objectFormat is not rendered yet.`);
  return undefined;
}

/**
 * The file of a plain secret: its text as UTF-8, or what base64 or hex decode to (`getContentBytes` of the provider,
 * pkg/provider/provider.go v1.8.2). `version` must be the answer for this object. Messages never hold the value.
 */
export function fileContent(object: ClassObject, version: ObjectVersion): FileAnswer {
  // An empty kid counts as none: the provider looks at its length.
  if (version.keyId !== undefined && version.keyId !== "")
    return {
      ok: false,
      error: unsupported(`${quote(object.id)} is the secret of a certificate, which is not rendered yet.`),
    };
  if (object.encoding === "utf-8") return { ok: true, content: version.value };
  const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(version.value.reveal());
  const bytes = object.encoding === "base64" ? decodeBase64(text) : decodeHex(text);
  if (bytes !== undefined) return { ok: true, content: SecretValue.fromBytes(bytes) };
  const message = `The value of ${quote(object.id)} is not ${object.encoding} as objectEncoding says; mend the value or the class.`;
  return { ok: false, error: { kind: "invalid", message } };
}

function unsupported(message: string): RenderError {
  return { kind: "unsupported", message };
}
