/** A vault of one namespace, and who asked it how often: the driver's provider by its token, else the bridge. */

import { type KeyVaultServer, startKeyVault } from "../../../local/key-vault/http-server.ts";
import type { VaultStore } from "../../../local/key-vault/vault-store.ts";

export interface Asked {
  readonly driver: number;
  readonly bridge: number;
}

export interface CountedVault extends KeyVaultServer {
  /** Requests between two moments, the second one left out. */
  asked(from: number, until: number): Asked;
}

/** The stand-in provider's token (provider/vault.go); the bridge's come from the identity endpoint. */
const providerToken = "provider";

export async function startCountedVault(store: VaultStore, vault: string): Promise<CountedVault> {
  const times: { readonly at: number; readonly driver: boolean }[] = [];
  const server = await startKeyVault({
    store,
    vault,
    acceptToken: (token) => {
      times.push({ at: Date.now(), driver: token === providerToken });
      return true;
    },
  });
  return {
    ...server,
    asked: (from, until) => {
      const within = times.filter(({ at }) => at >= from && at < until);
      const driver = within.filter((one) => one.driver).length;
      return { driver, bridge: within.length - driver };
    },
  };
}
