/** RSA private keys as Go reads and writes them (crypto/x509 and crypto/rsa of Go 1.24 to 1.26). */

import { derInteger, derSequence } from "./der-write.ts";
import { DerError, integerOf } from "./der-content.ts";
import { DerReader, derTypes } from "./der.ts";

/**
 * `x509.ParsePKCS1PrivateKey`, then `x509.MarshalPKCS1PrivateKey`: the key's PKCS #1 in Go's own form. Undefined where Go
 * gives an error. `too-large` for numbers beyond what OpenSSL takes for a modulus: they would cost too much time here.
 */
export function normalPkcs1(der: Uint8Array): Uint8Array | "too-large" | undefined {
  try {
    const key = read(der);
    const numbers = [key.n, key.d, key.p, key.q, ...(key.crt ?? []), ...key.morePrimes];
    if (numbers.some((number) => bitLength(number) > mostBits)) return "too-large";
    if (numbers.some((number) => number <= 0n)) return undefined;
    return key.morePrimes.length === 0 ? twoPrimes(key) : severalPrimes(key);
  } catch (error) {
    if (error instanceof DerError) return undefined;
    throw error;
  }
}

/** OPENSSL_RSA_MAX_MODULUS_BITS. */
const mostBits = 16_384;

interface Read {
  readonly n: bigint;
  readonly e: bigint;
  readonly d: bigint;
  readonly p: bigint;
  readonly q: bigint;
  /** dP, dQ and qInv if all three are there; Go makes all three anew if one is missing. */
  readonly crt: readonly [bigint, bigint, bigint] | undefined;
  readonly morePrimes: readonly bigint[];
}

function read(der: Uint8Array): Read {
  const whole = new DerReader(der);
  const key = whole.sequence();
  const version = key.int();
  const [n, e, d, p, q] = [key.integer(), BigInt(key.int()), key.integer(), key.integer(), key.integer()];
  const [dP, dQ, qInv] = [optionalInteger(key), optionalInteger(key), optionalInteger(key)];
  const more = key.takeOptional(derTypes.sequence);
  const morePrimes: bigint[] = [];
  const list = new DerReader(more ?? new Uint8Array());
  while (!list.atEnd) {
    const item = list.sequence();
    morePrimes.push(item.integer());
    item.integer();
    item.integer();
  }
  if (!whole.atEnd) throw new DerError("trailing data");
  if (version > 1) throw new DerError("unsupported private key version");
  if ([dP, dQ, qInv].some((number) => number !== undefined && number <= 0n))
    throw new DerError("zero or negative value");
  const crt = dP === undefined || dQ === undefined || qInv === undefined ? undefined : ([dP, dQ, qInv] as const);
  return { n, e, d, p, q, crt, morePrimes };
}

function optionalInteger(reader: DerReader): bigint | undefined {
  const content = reader.takeOptional(derTypes.integer);
  return content === undefined ? undefined : integerOf(content);
}

/** `checkPublicKey`, and what `bigmod` wants of a modulus and of what is reduced by it. */
function passes({ n, e, d }: Read): boolean {
  return n > 1n && n % 2n === 1n && d < n && e >= 2n && e % 2n === 1n && e < 2n ** 31n;
}

/** `checkPrivateKey` of crypto/internal/fips140/rsa. */
function twoPrimes(key: Read): Uint8Array | undefined {
  const { n, e, d, p, q } = key;
  // With a prime of 2 the modulus p - 1 would be 1, which Go refuses.
  if (!passes(key) || p <= 2n || q <= 2n || p >= n || q >= n || p === q) return undefined;
  if (key.crt === undefined && p % 2n === 0n) return undefined;
  const [dP, dQ, qInv] = key.crt ?? [d % (p - 1n), d % (q - 1n), power(q % p, p - 2n, p)];
  const consistent =
    (p * q) % n === 0n &&
    dP === d % (p - 1n) &&
    dQ === d % (q - 1n) &&
    (dP * e) % (p - 1n) === 1n &&
    (dQ * e) % (q - 1n) === 1n &&
    qInv < p &&
    (qInv * q) % p === 1n;
  if (!consistent) return undefined;
  const half = Math.trunc(bitLength(n) / 2);
  if (bitLength(p > q ? p - q : q - p) <= half - 100 || bitLength(d) <= half) return undefined;
  return marshal(0n, [n, e, d, p, q, dP, dQ, qInv], []);
}

/** `precomputeLegacy`: with more than two primes Go checks little and makes all the rest anew. */
function severalPrimes(key: Read): Uint8Array | undefined {
  const { n, e, d, p, q } = key;
  if (!passes(key) || [p, q, ...key.morePrimes].some((prime) => prime <= 1n)) return undefined;
  const qInv = inverse(q, p);
  if (qInv === undefined) return undefined;
  const more: Uint8Array[] = [];
  let product = p * q;
  for (const prime of key.morePrimes) {
    const coefficient = inverse(product, prime);
    if (coefficient === undefined) return undefined;
    more.push(derSequence(derInteger(prime), derInteger(d % (prime - 1n)), derInteger(coefficient)));
    product *= prime;
  }
  return marshal(1n, [n, e, d, p, q, d % (p - 1n), d % (q - 1n), qInv], more);
}

function marshal(version: bigint, numbers: readonly bigint[], more: readonly Uint8Array[]): Uint8Array {
  const fields = [version, ...numbers].map((number) => derInteger(number));
  return more.length === 0 ? derSequence(...fields) : derSequence(...fields, derSequence(...more));
}

function bitLength(number: bigint): number {
  if (number <= 0n) return 0;
  const hex = number.toString(16);
  return 4 * hex.length - Math.clz32(Number.parseInt(hex.charAt(0), 16)) + 28;
}

function power(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = 1n;
  for (const bit of exponent.toString(2)) {
    result = (result * result) % modulus;
    if (bit === "1") result = (result * base) % modulus;
  }
  return result;
}

/** `big.Int.ModInverse`: undefined where there is none. */
function inverse(number: bigint, modulus: bigint): bigint | undefined {
  let [a, b] = [number % modulus, modulus];
  let [x, y] = [1n, 0n];
  while (b !== 0n) {
    const quotient = a / b;
    [a, b] = [b, a - quotient * b];
    [x, y] = [y, x - quotient * y];
  }
  return a === 1n ? ((x % modulus) + modulus) % modulus : undefined;
}
