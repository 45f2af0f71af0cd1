/** What a stand-in vault says to a request, in the service's own words. */

import type { ObjectType } from "../../shared/core/vault-object.ts";
import type { VaultCallKind, VaultFault } from "./faults.ts";
import type { StoredVersion } from "./stored-version.ts";

/** What a vault says to one request, before any transport has its say. */
export type StoreAnswer =
  | { readonly kind: "found"; readonly version: StoredVersion }
  | { readonly kind: "list"; readonly versions: readonly StoredVersion[] }
  /** Each object with its current version, by name. */
  | {
      readonly kind: "objects";
      readonly objects: readonly { readonly name: string; readonly version: StoredVersion }[];
    }
  | StoreError
  | { readonly kind: "hang" }
  | { readonly kind: "reset" }
  | { readonly kind: "slow"; readonly ms: number; readonly answer: StoreAnswer };

/** An error in the service's own words: `error.code`, `error.innererror.code`, `error.message`. */
export interface StoreError {
  readonly kind: "error";
  readonly status: number;
  readonly code: string;
  readonly innerCode?: string;
  readonly message: string;
  readonly retryAfterSeconds?: number;
}

/** A slow answer is no answer of its own: the store wraps the right one. */
export function faultAnswer(
  fault: Exclude<VaultFault, { kind: "slow" }>,
  { type, name, call }: { readonly type: ObjectType; readonly name: string; readonly call: VaultCallKind },
): StoreAnswer {
  switch (fault.kind) {
    case "throttled":
      return {
        kind: "error",
        status: 429,
        code: "Throttled",
        message: "Request was not processed because too many requests were received.",
        ...(fault.retryAfterSeconds === undefined ? {} : { retryAfterSeconds: fault.retryAfterSeconds }),
      };
    case "server-error":
      return {
        kind: "error",
        status: fault.status ?? 500,
        code: "InternalServerError",
        message: "An internal server error has occurred.",
      };
    case "forbidden":
      return {
        kind: "error",
        status: 403,
        code: "Forbidden",
        innerCode: "ForbiddenByRbac",
        message: `Caller is not authorized to perform action on resource (${call}).`,
      };
    case "not-found":
      return notFound(type, name);
    default:
      return { kind: fault.kind };
  }
}

export function notFound(type: ObjectType, name: string): StoreError {
  const word = words[type];
  return {
    kind: "error",
    status: 404,
    code: `${word.slice(0, 1).toUpperCase()}${word.slice(1)}NotFound`,
    message: `A ${word} with (name/id) ${name} was not found in this key vault.`,
  };
}

const words: Readonly<Record<ObjectType, string>> = { secret: "secret", cert: "certificate", key: "key" };

export const disabled: StoreError = {
  kind: "error",
  status: 403,
  code: "Forbidden",
  innerCode: "SecretDisabled",
  message: "Operation get is not allowed on a disabled secret.",
};
