/** What is known while a PFX is opened, and the fields that its parts share. */

import { DerReader } from "../../go/der.ts";
import { Refusal } from "../../go/refusal.ts";
import type { HashBudget } from "./derive.ts";

export interface Opening {
  /** Two zero bytes or none: both are written for the empty password. */
  readonly password: Uint8Array;
  /** More than so many are refused: driver 1.6.1 has such a limit, 1.5.6 and the provider have none. */
  readonly iterationsAtMost: number | undefined;
  readonly budget: HashBudget;
}

/** `pkix.AlgorithmIdentifier`; `parameters` is empty where there are none. */
export interface Algorithm {
  readonly oid: string;
  readonly parameters: Uint8Array;
}

export function readAlgorithm(reader: DerReader): Algorithm {
  const fields = reader.sequence();
  const oid = fields.oid();
  return { oid, parameters: fields.atEnd ? new Uint8Array() : fields.raw().full };
}

/** `unmarshal` of golang.org/x/crypto/pkcs12: one value, and nothing after it. */
export function readWhole<T>(bytes: Uint8Array, read: (reader: DerReader) => T): T {
  const reader = new DerReader(bytes);
  const value = read(reader);
  if (!reader.atEnd) throw new Refusal("invalid", "bytes follow where it should end");
  return value;
}

export function checkIterations(iterations: number, { iterationsAtMost }: Opening): void {
  if (iterationsAtMost !== undefined && (iterations < 0 || iterations > iterationsAtMost))
    throw new Refusal("invalid", `an iteration count of it is not from 0 to ${iterationsAtMost}`);
}
