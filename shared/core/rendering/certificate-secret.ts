/** The text of a secret that backs a certificate, as the Azure provider mounts it, before `objectEncoding` is looked at. */

import { bytesToText, decodeBase64 } from "../go/binary-text.ts";
import { decodePem, encodePem, pemOf } from "../go/pem.ts";
import type { PemBlock } from "../go/pem.ts";
import { marshalPkcs8, parsePrivateKey } from "../go/private-key.ts";
import { Refusal } from "../go/refusal.ts";
import { orderChain } from "./pem-chain.ts";
import { pfxToPem } from "./pkcs12/pkcs12.ts";
import type { ProviderSettings } from "./provider-settings.ts";

/** What is mounted beside the whole where `--write-cert-and-key-in-separate-files` is on. */
export type PartSuffix = ".crt" | ".key";

export interface CertificateText {
  readonly whole: Uint8Array;
  readonly parts: ReadonlyMap<PartSuffix, Uint8Array>;
}

/**
 * The middle of the provider's `getSecret` (pkg/provider/provider.go v1.8.2). `wantsPfx`: objectFormat is pfx. Throws
 * Refusal, whose message is the rest of a sentence about the value, where the mount fails.
 */
export function certificateText(
  value: Uint8Array,
  contentType: string | undefined,
  wantsPfx: boolean,
  settings: ProviderSettings,
): CertificateText {
  // With no content type at all the provider's process ends in a panic.
  if (contentType !== pem && contentType !== pfx)
    throw new Refusal("invalid", "is of a certificate and has neither of the content types of certificates");
  const whole = contentType === pem || wantsPfx ? value : pfxAsPem(value, settings);
  return { whole, parts: settings.separateFiles ? partsOf(whole) : new Map() };
}

const pem = "application/x-pem-file";
const pfx = "application/x-pkcs12";

/** `decodePKCS12`: keys as PKCS #8, then certificates, without the attributes of their bags. */
function pfxAsPem(value: Uint8Array, settings: ProviderSettings): Uint8Array {
  const raw = decodeBase64(bytesToText(value));
  if (raw === undefined) throw new Refusal("invalid", "is a PFX that is not base64");
  const answer = pfxToPem(raw);
  if (!answer.ok) throw new Refusal(answer.error.kind, `is a PFX that cannot be read: ${answer.error.message}`);
  const certificates = answer.blocks.filter(isCertificate).map(({ bytes }) => bytes);
  const keys = answer.blocks.filter((block) => !isCertificate(block)).map(({ bytes }) => pkcs8Of(bytes));
  const ordered = settings.constructPemChain ? chainOf(certificates) : certificates;
  return Buffer.concat([
    ...keys.map((bytes) => pemOf("PRIVATE KEY", bytes)),
    ...ordered.map((bytes) => pemOf("CERTIFICATE", bytes)),
  ]);
}

function pkcs8Of(der: Uint8Array): Uint8Array {
  const key = parsePrivateKey(der);
  if (key?.kind !== "rsa" && key?.kind !== "ec")
    throw new Refusal("invalid", "is a PFX with a key that cannot be read");
  return marshalPkcs8(key);
}

function chainOf(certificates: readonly Uint8Array[]): readonly Uint8Array[] {
  try {
    return orderChain(certificates);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    throw new Refusal(error.kind, `is a PFX whose certificates cannot be put in order: ${error.message}`);
  }
}

/** `splitCertAndKey`: two empty parts for what is no PEM. */
function partsOf(whole: Uint8Array): ReadonlyMap<PartSuffix, Uint8Array> {
  const { blocks } = decodePem(whole);
  return new Map([
    [".crt", Buffer.concat(blocks.filter(isCertificate).map(encodePem))],
    [".key", Buffer.concat(blocks.filter((block) => !isCertificate(block)).map(encodePem))],
  ]);
}

function isCertificate(block: PemBlock): boolean {
  return block.type === "CERTIFICATE";
}
