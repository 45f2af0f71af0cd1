/**
 * What every implementation of the Vault port owes, on the store of the stand-in: the in-process port and the real
 * adapter over HTTP run the same cases.
 */

import { test } from "node:test";
import { certificateAndKeyCases } from "./vault-certificates-and-keys.ts";
import { currentCases } from "./vault-current.ts";
import { faultCases } from "./vault-faults.ts";
import { listedCases } from "./vault-listed.ts";
import type { VaultUnderTest } from "./vault-subject.ts";
import { versionCases } from "./vault-versions.ts";

/** Registers one test for each case, each on vaults of its own. */
export function vaultContract(name: string, start: () => Promise<VaultUnderTest>): void {
  for (const { behaviour, check } of [
    ...currentCases,
    ...faultCases,
    ...versionCases,
    ...certificateAndKeyCases,
    ...listedCases,
  ]) {
    test(`${name} ${behaviour}`, async () => {
      const under = await start();
      try {
        await check(under);
      } finally {
        await under.close();
      }
    });
  }
}
