/** What a PFX encrypts with its password: the two algorithms that golang.org/x/crypto/pkcs12 knows. */

import { createDecipheriv } from "node:crypto";
import rc2 from "node-forge/lib/rc2.js";
import util from "node-forge/lib/util.js";
import { Refusal } from "../../go/refusal.ts";
import { deriveKeys } from "./derive.ts";
import { checkIterations, readWhole } from "./opening.ts";
import type { Algorithm, Opening } from "./opening.ts";

/** `pbDecrypt`. Throws Refusal where Go gives an error. */
export function decrypt(algorithm: Algorithm, data: Uint8Array, opening: Opening): Uint8Array {
  const cipher = ciphers.get(algorithm.oid);
  if (cipher === undefined)
    throw new Refusal("invalid", `the provider does not read its encryption (${algorithm.oid})`);
  const fields = readWhole(algorithm.parameters, (reader) => reader.sequence());
  const salt = fields.octetString();
  const iterations = fields.int();
  checkIterations(iterations, opening);
  // Go looks at this after deriving the keys; the answer is the same.
  if (data.length === 0 || data.length % blockSize !== 0)
    throw new Refusal("invalid", "its encrypted data are not whole blocks");
  const wanted = [
    { use: 1, size: cipher.keySize },
    { use: 2, size: blockSize },
  ] as const;
  const [key = none, start = none] = deriveKeys(
    { salt, password: opening.password, iterations },
    wanted,
    opening.budget,
  );
  return withoutPadding(cipher.decrypt(key, start, data));
}

const blockSize = 8;
const none = new Uint8Array();

interface Cipher {
  readonly keySize: number;
  readonly decrypt: (key: Uint8Array, start: Uint8Array, data: Uint8Array) => Uint8Array;
}

const ciphers: ReadonlyMap<string, Cipher> = new Map<string, Cipher>([
  ["1.2.840.113549.1.12.1.3", { keySize: 24, decrypt: tripleDes }],
  ["1.2.840.113549.1.12.1.6", { keySize: 5, decrypt: rc2With40Bits }],
]);

function tripleDes(key: Uint8Array, start: Uint8Array, data: Uint8Array): Uint8Array {
  const cipher = createDecipheriv("des-ede3-cbc", key, start).setAutoPadding(false);
  return Buffer.concat([cipher.update(data), cipher.final()]);
}

// OpenSSL 3 keeps RC2 in its legacy provider, which Node does not load.
function rc2With40Bits(key: Uint8Array, start: Uint8Array, data: Uint8Array): Uint8Array {
  const cipher = rc2.createDecryptionCipher(buffer(key), 40);
  cipher.start(buffer(start));
  cipher.update(buffer(data));
  return Buffer.from(cipher.output.getBytes(), "latin1");
}

/** node-forge's own buffer, which takes bytes as a text of one character each. */
function buffer(bytes: Uint8Array): ReturnType<typeof util.createBuffer> {
  return util.createBuffer(Buffer.from(bytes).toString("latin1"));
}

function withoutPadding(data: Uint8Array): Uint8Array {
  const size = data.at(-1) ?? 0;
  if (size === 0 || size > blockSize || !data.subarray(-size).every((byte) => byte === size))
    throw new Refusal("invalid", "it cannot be decrypted");
  return data.subarray(0, -size);
}
