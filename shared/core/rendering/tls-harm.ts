/**
 * Where the driver would make a TLS Secret that no server can load. The bridge writes none of these: the Secret that is
 * there still serves. docs/rendering.md lists them by the name of their vector.
 */

import { X509Certificate, createPrivateKey } from "node:crypto";
import type { KeyObject } from "node:crypto";
import { decodePem } from "../go/pem.ts";
import type { TlsPart } from "./tls-secret.ts";

type Given = Extract<TlsPart, { ok: true }>;

/** The harm as a sentence that says what to mend; undefined where certificate and key can be loaded together. */
export function tlsHarm(certificate: Given | undefined, key: Given | undefined): string | undefined {
  const keyObject = key === undefined ? undefined : readKey(key);
  if (key !== undefined && keyObject === undefined)
    return "the driver would write a tls.key that holds no key, because the last block of its file that is no certificate is no RSA or EC key that the driver reads; mend the object.";
  if (certificate === undefined) return undefined;
  const certificates = certificate.blocks.map((der) => readCertificate(der));
  const [first] = certificates;
  if (certificates.length === 0) return "the driver would write an empty tls.crt; put a certificate into the object.";
  if (certificates.includes(undefined) || first === undefined)
    return "a certificate of tls.crt cannot be read; mend the object.";
  // A name in a PFX becomes a header, and a line break in it can end the headers.
  if (decodePem(certificate.bytes).blocks.length !== certificates.length)
    return "a name in the PFX breaks the certificate that the driver would write; mend the object.";
  if (keyObject !== undefined && !first.checkPrivateKey(keyObject))
    return "the key does not fit the first certificate of tls.crt; put the server's own certificate first, or mend the object.";
  return undefined;
}

function readCertificate(der: Uint8Array): X509Certificate | undefined {
  try {
    return new X509Certificate(der);
  } catch {
    return undefined;
  }
}

function readKey({ bytes }: Given): KeyObject | undefined {
  try {
    return createPrivateKey(Buffer.from(bytes));
  } catch {
    return undefined;
  }
}
