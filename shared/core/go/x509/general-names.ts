/** Names of hosts, mailboxes, addresses and URIs in extensions (crypto/x509/parser.go). */

import { bytesToText } from "../binary-text.ts";
import { ByteString, contextTag, tags } from "../cryptobyte.ts";
import { DerError } from "../der-content.ts";
import { Refusal } from "../refusal.ts";

const email = contextTag(1);
const dns = contextTag(2);
const uri = contextTag(6);
const address = contextTag(7);

/** `parseSANExtension`. Throws Refusal. */
export function checkAlternativeNames(value: ByteString): void {
  const names = value.inside();
  while (!names.empty) {
    const { tag, content } = names.any();
    if (tag === email || tag === dns || tag === uri) checkAscii(content);
    if (tag === uri && !plainUri.test(bytesToText(content)))
      throw new Refusal("unsupported", "a URI in it is not plain enough to be sure that Go reads it");
    if (tag === address && content.length !== 4 && content.length !== 16)
      throw new DerError("an IP address in it is not of 4 or 16 bytes");
  }
}

/** `parseNameConstraintsExtension`. Throws Refusal. */
export function checkNameConstraints(value: ByteString): void {
  const fields = value.inside();
  const permitted = fields.optional(contextTag(0, true));
  const excluded = fields.optional(contextTag(1, true));
  if (!value.empty || !fields.empty) throw new DerError("invalid name constraints");
  if ((permitted?.length ?? 0) + (excluded?.length ?? 0) === 0) throw new DerError("empty name constraints");
  for (const subtrees of [permitted, excluded]) {
    const reader = new ByteString(subtrees ?? new Uint8Array());
    while (!reader.empty) {
      const { tag, content } = reader.inside(tags.sequence).any();
      checkConstraint(tag, content);
    }
  }
}

function checkConstraint(tag: number, content: Uint8Array): void {
  if (tag === address) {
    if ((content.length !== 8 && content.length !== 32) || !isMask(content.subarray(content.length / 2)))
      throw new DerError("an IP constraint in it is invalid");
    return;
  }
  if (tag !== dns && tag !== email && tag !== uri) return;
  checkAscii(content);
  // What is a domain has changed within Go 1.25; mailboxes and numbers that look like addresses are read by rules of their own.
  if (!(tag === email ? plainMailbox : plainDomain).test(bytesToText(content)))
    throw new Refusal("unsupported", "a name constraint in it is not plain enough to be sure that Go reads it");
}

// Surely read by Go: letters, digits and the signs that need no escape.
const plainUri =
  /^[A-Za-z][A-Za-z0-9+.-]*:(?:\/\/[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*(?::\d{1,5})?(?:\/[A-Za-z0-9._~\-/:@]*)?|(?!\/\/)[A-Za-z0-9._~\-/:@]*)$/;
const plainDomain = /^(?:\.?[A-Za-z_][A-Za-z0-9_-]*(?:\.[A-Za-z_][A-Za-z0-9_-]*)*)?$/;
const plainMailbox = /^(?:[A-Za-z0-9]+@)?(?:\.?[A-Za-z_][A-Za-z0-9_-]*(?:\.[A-Za-z_][A-Za-z0-9_-]*)*)?$/;

function checkAscii(content: Uint8Array): void {
  if (content.some((byte) => byte >= 0x80)) throw new DerError("a name in it is not ASCII");
}

/** Ones, then zeros. */
function isMask(mask: Uint8Array): boolean {
  return /^1*0*$/.test(Array.from(mask, (byte) => byte.toString(2).padStart(8, "0")).join(""));
}
