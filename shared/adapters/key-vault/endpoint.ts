/** Where a vault may be asked, by the rules of core/endpoint.ts, and how strict the client has to be there. */

import { isLoopback, vaultUrlProblem } from "../../core/endpoint.ts";

export interface VaultEndpoint {
  /** Origin without a path. */
  readonly url: string;
  /** A stand-in on this machine: the challenge is not checked against the host. */
  readonly loopback: boolean;
  /** Only where `loopback` is true. */
  readonly plainHttp: boolean;
}

/**
 * Checks the address of the vault `name` once more, whoever checked the map. Throws an Error that names the vault and
 * the rule, never the address (it may carry what is not ours to print).
 */
export function vaultEndpoint(name: string, address: string): VaultEndpoint {
  const problem = vaultUrlProblem(name, address);
  if (problem !== undefined) throw new Error(`vault ${name}: ${problem.problem} ${problem.mend}`);
  const { origin, hostname, protocol } = new URL(address);
  return { url: origin, loopback: isLoopback(hostname), plainHttp: protocol === "http:" };
}
