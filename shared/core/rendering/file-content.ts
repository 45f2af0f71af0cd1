/** The bytes of one object's file, as the Azure provider makes them of the vault's value. */

import { bytesToText, decodeBase64, decodeHex } from "../go/binary-text.ts";
import { Refusal } from "../go/refusal.ts";
import { quote } from "../go/text.ts";
import type { ClassObject, RenderError } from "../provider-class.ts";
import { SecretValue } from "../secret-value.ts";
import type { ObjectVersion } from "../vault-object.ts";
import { certificatePem } from "./certificate-pem.ts";
import { certificateText } from "./certificate-secret.ts";
import type { CertificateText, PartSuffix } from "./certificate-secret.ts";
import type { ProviderSettings } from "./provider-settings.ts";
import { publicKeyPem } from "./public-key.ts";

export type FileAnswer =
  | {
      readonly ok: true;
      readonly content: SecretValue;
      /** Files that are written beside it, by what their paths end with. */
      readonly extra: ReadonlyMap<PartSuffix, SecretValue>;
    }
  | { readonly ok: false; readonly error: RenderError };

/**
 * `getSecret`, `getKey` or `getCertificate`, then `getContentBytes` of the provider (pkg/provider/provider.go v1.8.2).
 * `version` must be the answer for this object. Messages never hold the value.
 */
export function fileContent(object: ClassObject, version: ObjectVersion, settings: ProviderSettings): FileAnswer {
  if (object.object.type === "cert") return { ok: true, content: certificatePem(version.value), extra: new Map() };
  if (object.object.type === "key") {
    const answer = publicKeyPem(version.value, object.id);
    return answer.ok ? { ok: true, content: answer.content, extra: new Map() } : answer;
  }
  try {
    const { whole, parts } = secretText(object, version, settings);
    const extra = [...parts].map(([suffix, text]) => [suffix, decoded(object, text)] as const);
    return { ok: true, content: decoded(object, whole), extra: new Map(extra) };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const message = `The value of ${quote(object.id)} ${error.message}; mend the value or the class.`;
    return { ok: false, error: { kind: error.kind, message } };
  }
}

function secretText(object: ClassObject, version: ObjectVersion, settings: ProviderSettings): CertificateText {
  const value = version.value.reveal();
  // An empty kid counts as none: the provider looks at its length. Without one objectFormat has no effect.
  if (version.keyId === undefined || version.keyId === "") return { whole: value, parts: new Map() };
  return certificateText(value, version.contentType, object.format === "pfx", settings);
}

/** `getContentBytes`: the text as UTF-8, or what base64 or hex decode to. */
function decoded(object: ClassObject, text: Uint8Array): SecretValue {
  if (object.encoding === "utf-8") return SecretValue.fromBytes(text);
  const packed = bytesToText(text);
  const bytes = object.encoding === "base64" ? decodeBase64(packed) : decodeHex(packed);
  if (bytes === undefined) throw new Refusal("invalid", `is not ${object.encoding} as objectEncoding says`);
  return SecretValue.fromBytes(bytes);
}
