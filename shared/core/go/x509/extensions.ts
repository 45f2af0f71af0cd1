/** The extensions that Go reads (`processExtensions` of crypto/x509/parser.go). Only whether it can matters here. */

import { ByteString, contextTag, tags } from "../cryptobyte.ts";
import { DerError, bitStringOf, intOf, integerOf, oidOf } from "../der-content.ts";
import { Refusal } from "../refusal.ts";
import { checkAlternativeNames, checkNameConstraints } from "./general-names.ts";

export interface Extension {
  readonly id: string;
  readonly critical: boolean;
  readonly value: Uint8Array;
}

/** Throws Refusal. What Go does not know passes. */
export function checkExtension({ id, critical, value }: Extension): void {
  // RFC 5280 wants these not to be critical; older versions of Go did not mind.
  if (critical && neverCritical.has(id)) throw new Refusal("unsupported", "an extension of it is wrongly critical");
  checks.get(id)?.(new ByteString(value));
}

type Check = (value: ByteString) => void;

const subjectKeyId = "2.5.29.14";
const authorityKeyId = "2.5.29.35";
const authorityInfoAccess = "1.3.6.1.5.5.7.1.1";

const neverCritical: ReadonlySet<string> = new Set([subjectKeyId, authorityKeyId, authorityInfoAccess]);

const checks: ReadonlyMap<string, Check> = new Map<string, Check>([
  [subjectKeyId, (value) => void value.read(tags.octetString)],
  ["2.5.29.15", (value) => void bitStringOf(value.read(tags.bitString))],
  ["2.5.29.17", checkAlternativeNames],
  ["2.5.29.19", checkBasicConstraints],
  ["2.5.29.30", checkNameConstraints],
  ["2.5.29.31", checkDistributionPoints],
  ["2.5.29.32", checkPolicies],
  ["2.5.29.33", checkPolicyMappings],
  [authorityKeyId, (value) => void value.inside().optional(contextTag(0))],
  ["2.5.29.36", checkPolicyConstraints],
  ["2.5.29.37", checkKeyPurposes],
  ["2.5.29.54", (value) => void intOf(value.read(tags.integer))],
  [authorityInfoAccess, checkInfoAccess],
]);

function checkBasicConstraints(value: ByteString): void {
  const fields = value.inside();
  if (fields.next(tags.boolean)) fields.boolean();
  if (!fields.next(tags.integer)) return;
  const length = integerOf(fields.read(tags.integer));
  if (length < 0n || length > 0x7fffffffn) throw new Refusal("unsupported", "its path length is out of range");
}

function checkDistributionPoints(value: ByteString): void {
  const points = value.inside();
  while (!points.empty) {
    const name = points.inside().optional(contextTag(0, true));
    if (name === undefined) continue;
    const full = new ByteString(name).inside(contextTag(0, true));
    while (full.next(contextTag(6))) full.any();
  }
}

function checkPolicies(value: ByteString): void {
  const policies = value.inside();
  const seen = new Set<string>();
  while (!policies.empty) {
    const id = policies.inside().read(tags.oid);
    const hex = Buffer.from(id).toString("hex");
    if (seen.has(hex) || !isOid(id)) throw new DerError("invalid certificate policies");
    seen.add(hex);
  }
}

/** `newOIDFromDER`: arcs of any size. */
function isOid(content: Uint8Array): boolean {
  const last = content.at(-1);
  if (last === undefined || last >= 0x80) return false;
  return content.every((byte, index) => byte !== 0x80 || (content[index - 1] ?? 0) >= 0x80);
}

function checkPolicyMappings(value: ByteString): void {
  const mappings = value.inside();
  while (!mappings.empty) {
    const fields = mappings.inside();
    fields.read(tags.oid);
    fields.read(tags.oid);
  }
}

function checkPolicyConstraints(value: ByteString): void {
  const fields = value.inside();
  for (const number of [0, 1]) {
    const content = fields.optional(contextTag(number));
    if (content !== undefined) intOf(content);
  }
}

function checkKeyPurposes(value: ByteString): void {
  const purposes = value.inside();
  while (!purposes.empty) oidOf(purposes.read(tags.oid));
}

function checkInfoAccess(value: ByteString): void {
  const descriptions = value.inside();
  while (!descriptions.empty) {
    const fields = descriptions.inside();
    oidOf(fields.read(tags.oid));
    fields.optional(contextTag(6));
  }
}
