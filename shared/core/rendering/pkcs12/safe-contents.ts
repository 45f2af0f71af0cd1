/** The outside of a PFX: its MAC and the bags of its two safes, as golang.org/x/crypto/pkcs12 reads them. */

import { createHmac, timingSafeEqual } from "node:crypto";
import { intOf } from "../../go/der-content.ts";
import { DerReader, derTypes } from "../../go/der.ts";
import { Refusal } from "../../go/refusal.ts";
import { decrypt } from "./decrypt.ts";
import { deriveKeys } from "./derive.ts";
import { checkIterations, readAlgorithm, readWhole } from "./opening.ts";
import type { Algorithm, Opening } from "./opening.ts";

export interface SafeBag {
  readonly id: string;
  readonly value: Uint8Array;
  readonly attributes: readonly BagAttribute[];
}

export interface BagAttribute {
  readonly id: string;
  /** What is inside of the set of values. */
  readonly values: Uint8Array;
}

/** `getSafeContents`: the bags, and the password as this file uses it. Throws Refusal as Go errs. */
export function readSafeContents(
  pfx: Uint8Array,
  rules: Omit<Opening, "password">,
): { readonly bags: readonly SafeBag[]; readonly opening: Opening } {
  const { authSafe, mac } = readWhole(pfx, readPdu);
  const opening = openingFor(authSafe, mac, rules);
  const safes = readWhole(authSafe, (reader) => listOf(reader.sequence(), readContentInfo));
  if (safes.length !== 2) throw new Refusal("invalid", `it has ${safes.length} safes; the provider reads exactly two`);
  const bags = safes.flatMap((safe) =>
    readWhole(safeData(safe, opening), (reader) => listOf(reader.sequence(), readBag)),
  );
  return { bags, opening };
}

const dataType = "1.2.840.113549.1.7.1";
const encryptedDataType = "1.2.840.113549.1.7.6";
const sha1 = "1.3.14.3.2.26";

interface Mac {
  readonly algorithm: Algorithm;
  readonly digest: Uint8Array;
  readonly salt: Uint8Array;
  readonly iterations: number;
}

function readPdu(reader: DerReader): { readonly authSafe: Uint8Array; readonly mac: Mac | undefined } {
  const fields = reader.sequence();
  const version = fields.int();
  const outer = readContentInfo(fields);
  const mac = readMac(fields);
  if (version !== 3) throw new Refusal("invalid", "it is not of version 3");
  if (outer.type !== dataType) throw new Refusal("invalid", "it is not protected by a password");
  // Whatever kind of value this is: Go does not look at its tag.
  return { authSafe: readWhole(outer.content, (content) => content.raw().content), mac };
}

interface ContentInfo {
  readonly type: string;
  /** Empty where it is left out. */
  readonly content: Uint8Array;
}

function readContentInfo(reader: DerReader): ContentInfo {
  const fields = reader.sequence();
  return { type: fields.oid(), content: fields.rawExplicit(0)?.content ?? new Uint8Array() };
}

function readMac(reader: DerReader): Mac | undefined {
  const content = reader.takeOptional(derTypes.sequence);
  if (content === undefined) return undefined;
  const fields = new DerReader(content);
  const digestInfo = fields.sequence();
  const algorithm = readAlgorithm(digestInfo);
  const digest = digestInfo.octetString();
  const salt = fields.octetString();
  const iterations = fields.takeOptional(derTypes.integer);
  return { algorithm, digest, salt, iterations: iterations === undefined ? 1 : intOf(iterations) };
}

/** Finds the spelling of the empty password that the MAC is of. */
function openingFor(message: Uint8Array, mac: Mac | undefined, rules: Omit<Opening, "password">): Opening {
  if (mac === undefined) throw new Refusal("invalid", "it has no MAC");
  if (mac.algorithm.oid !== sha1)
    throw new Refusal("invalid", `the provider does not read its MAC (${mac.algorithm.oid}; it must be SHA-1)`);
  for (const password of [Uint8Array.of(0, 0), new Uint8Array()]) {
    const opening = { ...rules, password };
    checkIterations(mac.iterations, opening);
    const [key = new Uint8Array()] = deriveKeys({ ...mac, password }, [{ use: 3, size: 20 }], opening.budget);
    const expected = createHmac("sha1", key).update(message).digest();
    if (expected.length === mac.digest.length && timingSafeEqual(expected, mac.digest)) return opening;
  }
  throw new Refusal("invalid", "its MAC does not fit: it has a password, or is damaged");
}

function safeData(safe: ContentInfo, opening: Opening): Uint8Array {
  if (safe.type === dataType) return readWhole(safe.content, (reader) => reader.octetString());
  if (safe.type !== encryptedDataType) throw new Refusal("invalid", "a safe of it is neither data nor encrypted data");
  return readWhole(safe.content, (reader) => {
    const fields = reader.sequence();
    const version = fields.int();
    const info = fields.sequence();
    info.oid();
    const algorithm = readAlgorithm(info);
    const data = info.takeOptional(derTypes.octetString, { implicit: 0 }) ?? new Uint8Array();
    if (version !== 0) throw new Refusal("invalid", "its encrypted data are not of version 0");
    return decrypt(algorithm, data, opening);
  });
}

function readBag(reader: DerReader): SafeBag {
  const fields = reader.sequence();
  const id = fields.oid();
  const value = fields.rawExplicit(0);
  if (value === undefined) throw new Refusal("invalid", "a bag of it has no value");
  const set = fields.takeOptional(derTypes.set);
  const attributes = set === undefined ? [] : listOf(new DerReader(set), readAttribute);
  return { id, value: value.content, attributes };
}

function readAttribute(reader: DerReader): BagAttribute {
  const fields = reader.sequence();
  return { id: fields.oid(), values: fields.raw().content };
}

function listOf<T>(reader: DerReader, read: (reader: DerReader) => T): readonly T[] {
  const items: T[] = [];
  while (!reader.atEnd) items.push(read(reader));
  return items;
}
