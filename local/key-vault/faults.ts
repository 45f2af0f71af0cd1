/** What a stand-in vault does wrong on demand: for a vault or one object of it, so many times. */

import type { ObjectType } from "../../shared/core/vault-object.ts";

export type VaultFault =
  | { readonly kind: "throttled"; readonly retryAfterSeconds?: number }
  /** Any 5xx; 500 where it is not said. */
  | { readonly kind: "server-error"; readonly status?: number }
  | { readonly kind: "forbidden" }
  | { readonly kind: "not-found" }
  /** No answer ever. */
  | { readonly kind: "hang" }
  /** The right answer, later. */
  | { readonly kind: "slow"; readonly ms: number }
  /** The connection breaks off. */
  | { readonly kind: "reset" };

/** Which requests a fault meets; what is left out meets all. Names are compared without regard to case. */
export interface FaultScope {
  readonly vault?: string;
  readonly name?: string;
  readonly type?: ObjectType;
  readonly call?: VaultCallKind;
}

/** `get`: an object's value, current or by version. `list`: the properties of its versions. `objects`: all objects. */
export type VaultCallKind = "get" | "list" | "objects";

export class VaultFaults {
  readonly #entries: { readonly scope: FaultScope; readonly fault: VaultFault; left: number }[] = [];

  /** Faults are met in the order in which they were added. The answer takes the fault away again. */
  add(scope: FaultScope, fault: VaultFault, times: number = Number.POSITIVE_INFINITY): () => void {
    const entry = { scope, fault, left: times };
    this.#entries.push(entry);
    return () => {
      entry.left = 0;
    };
  }

  clear(): void {
    this.#entries.length = 0;
  }

  /** The fault that this request meets, counted as met. */
  take(request: Required<FaultScope>): VaultFault | undefined {
    const entry = this.#entries.find(
      ({ scope, left }) =>
        left > 0 &&
        covers(scope.vault, request.vault) &&
        covers(scope.name, request.name) &&
        (scope.type === undefined || scope.type === request.type) &&
        (scope.call === undefined || scope.call === request.call),
    );
    if (entry === undefined) return undefined;
    entry.left -= 1;
    return entry.fault;
  }
}

function covers(asked: string | undefined, given: string): boolean {
  return asked === undefined || asked.toLowerCase() === given.toLowerCase();
}
