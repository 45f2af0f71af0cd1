/** `--secret VAULT/NAME`. */

import { objectNamePattern, vaultNamePattern } from "../shared/core/names.ts";

export interface NamedSecret {
  readonly vault: string;
  readonly name: string;
}

export const secretProblem = "--secret is not VAULT/NAME, as in contoso-prod/db-password: no version, no URL.";

/** Undefined for what is none. */
export function secretOf(text: string): NamedSecret | undefined {
  const [vault = "", name = "", ...rest] = text.split("/");
  if (rest.length > 0 || !vaultNamePattern.test(vault) || !objectNamePattern.test(name)) return undefined;
  return { vault: vault.toLowerCase(), name };
}
