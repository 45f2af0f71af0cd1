/**
 * X.509 certificates as Go's `x509.ParseCertificate` reads them (crypto/x509/parser.go, Go 1.25 and 1.26): one that it
 * refuses fails the provider's mount. Where its answer depends on Go's URL parser or on the version of Go, we refuse.
 */

import { ByteString, contextTag, tags } from "../cryptobyte.ts";
import { DerError, bitStringOf, integerOf, oidOf } from "../der-content.ts";
import { checkExtension } from "./extensions.ts";
import type { Extension } from "./extensions.ts";
import { checkName } from "./name.ts";
import { checkPublicKey } from "./public-key.ts";
import { checkValidity } from "./validity.ts";

/** What links a certificate to its issuer; undefined where it is not there, which is not the same as empty. */
export interface CertificateKeyIds {
  readonly subject: Uint8Array | undefined;
  readonly authority: Uint8Array | undefined;
}

/** Throws Refusal, and nothing else. */
export function parseCertificate(der: Uint8Array): CertificateKeyIds {
  const whole = new ByteString(der);
  const certificate = whole.inside();
  if (!whole.empty) throw new DerError("trailing data");
  const tbs = certificate.inside();
  const version = readVersion(tbs);
  if (integerOf(tbs.read(tags.integer)) < 0n) throw new DerError("negative serial number");
  const algorithm = tbs.read(tags.sequence);
  if (!equal(certificate.read(tags.sequence), algorithm)) throw new DerError("its signature algorithms differ");
  checkAlgorithm(algorithm);
  checkName(tbs.inside());
  checkValidity(tbs.inside());
  checkName(tbs.inside());
  checkPublicKey(tbs.element(tags.sequence));
  const ids = version > 1 ? readRest(tbs, version) : { subject: undefined, authority: undefined };
  bitStringOf(certificate.read(tags.bitString));
  return ids;
}

function readVersion(tbs: ByteString): number {
  const explicit = tbs.optional(contextTag(0, true));
  if (explicit === undefined) return 1;
  const inner = new ByteString(explicit);
  const version = integerOf(inner.read(tags.integer));
  if (!inner.empty || version < 0n || version > 2n) throw new DerError("invalid version");
  return Number(version) + 1;
}

function checkAlgorithm(content: Uint8Array): void {
  const fields = new ByteString(content);
  oidOf(fields.read(tags.oid));
  if (!fields.empty) fields.any();
}

function readRest(tbs: ByteString, version: number): CertificateKeyIds {
  tbs.optional(contextTag(1));
  tbs.optional(contextTag(2));
  const extensions = version === 3 ? readExtensions(tbs) : [];
  for (const extension of extensions) checkExtension(extension);
  return { subject: subjectKeyId(extensions), authority: authorityKeyId(extensions) };
}

function readExtensions(tbs: ByteString): readonly Extension[] {
  const explicit = tbs.optional(contextTag(3, true));
  if (explicit === undefined) return [];
  const list = new ByteString(explicit).inside();
  const extensions: Extension[] = [];
  while (!list.empty) {
    const fields = list.inside();
    const id = oidOf(fields.read(tags.oid));
    const critical = fields.next(tags.boolean) && fields.boolean();
    extensions.push({ id, critical, value: fields.read(tags.octetString) });
  }
  if (new Set(extensions.map(({ id }) => id)).size < extensions.length)
    throw new DerError("an extension is there twice");
  return extensions;
}

function subjectKeyId(extensions: readonly Extension[]): Uint8Array | undefined {
  const found = extensions.find(({ id }) => id === "2.5.29.14");
  return found === undefined ? undefined : new ByteString(found.value).read(tags.octetString);
}

function authorityKeyId(extensions: readonly Extension[]): Uint8Array | undefined {
  const found = extensions.find(({ id }) => id === "2.5.29.35");
  return found === undefined ? undefined : new ByteString(found.value).inside().optional(contextTag(0));
}

function equal(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, index) => byte === other[index]);
}
