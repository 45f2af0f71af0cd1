/** What the driver makes of a file for `tls.crt` and `tls.key` (getCert and getPrivateKey of its pkg/util/secretutil). */

import { marshalSec1 } from "../go/ec-key.ts";
import { decodePem, encodePem, pemOf } from "../go/pem.ts";
import type { PemBlock } from "../go/pem.ts";
import { parsePrivateKey } from "../go/private-key.ts";
import type { RenderError } from "../provider-class.ts";
import type { SecretValue } from "../secret-value.ts";
import { tlsFromPfx } from "./pkcs12/tls-from-pfx.ts";
import type { TlsPfxAnswer } from "./pkcs12/tls-from-pfx.ts";
import type { ProviderSettings } from "./provider-settings.ts";

export type TlsPart =
  | {
      readonly ok: true;
      readonly bytes: Uint8Array;
      /** The DER of each block of `bytes`. */
      readonly blocks: readonly Uint8Array[];
    }
  /** `problem` is the rest of a sentence about the file. */
  | { readonly ok: false; readonly kind: RenderError["kind"]; readonly problem: string };

/** Every CERTIFICATE block of the file, unread, with its headers; without one, those of the PFX that the file is. */
export function tlsCertificate(content: SecretValue, settings: ProviderSettings): TlsPart {
  const { blocks, rest } = decodePem(content.reveal());
  const certificates = blocks.filter(isCertificate);
  if (certificates.length > 0) return written(certificates);
  const pfx = pfxOf(content, rest, settings);
  if (pfx.ok) return written(pfx.certificates);
  return refuse(pfx.error.kind, `the file has no CERTIFICATE block, and as a PFX ${pfx.error.message}.`);
}

/**
 * The last block that is no CERTIFICATE, whatever it is called, or the last key of a PFX; written as PKCS #1 or SEC 1.
 * What is no key becomes an empty block, without an error: see `tlsHarm`.
 */
export function tlsKey(content: SecretValue, settings: ProviderSettings): TlsPart {
  const { blocks, rest } = decodePem(content.reveal());
  const last = blocks.findLast((block) => !isCertificate(block));
  if (last !== undefined) return keyPart(last.bytes);
  const pfx = pfxOf(content, rest, settings);
  if (pfx.ok) return keyPart(pfx.key ?? new Uint8Array());
  return refuse(pfx.error.kind, `the file has no block with a key, and as a PFX ${pfx.error.message}.`);
}

/** What follows the last PEM block, as a PFX. One file mostly feeds both keys, and opening it can take a while. */
function pfxOf(content: SecretValue, rest: Uint8Array, settings: ProviderSettings): TlsPfxAnswer {
  const known = opened.get(content);
  if (known?.driver === settings.driver) return known.answer;
  const answer = tlsFromPfx(rest, settings);
  opened.set(content, { driver: settings.driver, answer });
  return answer;
}

/** The answer hangs on nothing but the content and the driver, so that keeping it changes nothing. */
const opened = new WeakMap<
  SecretValue,
  { readonly driver: ProviderSettings["driver"]; readonly answer: TlsPfxAnswer }
>();

function keyPart(der: Uint8Array): TlsPart {
  const key = parsePrivateKey(der);
  switch (key?.kind) {
    case undefined:
      return writtenAs("PRIVATE KEY", new Uint8Array());
    case "rsa":
      return writtenAs("RSA PRIVATE KEY", key.pkcs1);
    case "ec":
      return writtenAs("EC PRIVATE KEY", marshalSec1(key));
    case "edwards":
      return refuse("invalid", "the driver takes no Ed25519 or X25519 key; use RSA or a NIST curve.");
    case "too-large":
      return refuse("unsupported", "a number of the RSA key has more than 16384 bits.");
  }
}

function isCertificate(block: PemBlock): boolean {
  return block.type === "CERTIFICATE";
}

function written(blocks: readonly PemBlock[]): TlsPart {
  return { ok: true, bytes: Buffer.concat(blocks.map(encodePem)), blocks: blocks.map(({ bytes }) => bytes) };
}

function writtenAs(type: string, der: Uint8Array): TlsPart {
  return { ok: true, bytes: pemOf(type, der), blocks: [der] };
}

function refuse(kind: RenderError["kind"], problem: string): TlsPart {
  return { ok: false, kind, problem };
}
