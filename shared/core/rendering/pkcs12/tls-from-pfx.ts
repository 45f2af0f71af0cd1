/** What the driver takes out of a binary PFX for a Secret of type kubernetes.io/tls. */

import type { PemBlock } from "../../go/pem.ts";
import type { Refused } from "../../go/refusal.ts";
import type { ProviderSettings } from "../provider-settings.ts";
import { pfxToPem } from "./pkcs12.ts";

export type TlsPfxAnswer =
  | {
      readonly ok: true;
      /** In the order of their bags, with the bags' attributes as headers. */
      readonly certificates: readonly PemBlock[];
      /** PKCS #1 or SEC 1 of the last key; undefined where there is none. */
      readonly key: Uint8Array | undefined;
    }
  | { readonly ok: false; readonly error: Refused };

/** `getCert` and `getPrivateKey` of the driver's pkg/util/secretutil, where a file has no PEM of the kind they look for. */
export function tlsFromPfx(bytes: Uint8Array, settings: ProviderSettings): TlsPfxAnswer {
  // golang.org/x/crypto v0.56, with which 1.6.1 is built, has this limit; v0.46 of 1.5.6 has none.
  const answer = pfxToPem(bytes, settings.driver === "1.6" ? 2 ** 20 : undefined);
  if (!answer.ok) return answer;
  const isCertificate = (block: PemBlock): boolean => block.type === "CERTIFICATE";
  return {
    ok: true,
    certificates: answer.blocks.filter(isCertificate),
    key: answer.blocks.findLast((block) => !isCertificate(block))?.bytes,
  };
}
