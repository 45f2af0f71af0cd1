/** The demo's vault over HTTP, and who may ask it. */

import { randomBytes } from "node:crypto";
import type { LocalClock } from "../clock.ts";
import type { IdentityEndpoint } from "../identity.ts";
import { startKeyVault, type KeyVaultServer } from "../key-vault/http-server.ts";
import { VaultStore } from "../key-vault/vault-store.ts";
import { vaultName } from "./lab-manifests.ts";

/** Stands for a password: never shown, and looked for in the app's log at the end. */
export const connectionString = `Server=db;Password=${randomBytes(12).toString("hex")}`;

/** Both secrets are a day old when the demo begins. */
export function createVaultStore(clock: LocalClock): VaultStore {
  const store = new VaultStore({ clock, vaults: [vaultName] });
  const createdOn = clock.now() - 24 * 60 * 60_000;
  store.setSecret(vaultName, "db-connection-string", connectionString, { createdOn });
  store.setSecret(vaultName, "color", "blue", { createdOn });
  return store;
}

/** Takes tokens that the identity endpoint gave out for Key Vault, and that of the person at the terminal. */
export function serveVault(store: VaultStore, identity: IdentityEndpoint, ownToken: string): Promise<KeyVaultServer> {
  const acceptToken = (token: string) =>
    token === ownToken || identity.issuedFor(token)?.resource.startsWith("https://vault.azure.net") === true;
  return startKeyVault({ store, vault: vaultName, acceptToken });
}

/** Sets the secret as `az keyvault secret set` would, over the vault's HTTP API. Throws if the vault does not take it. */
export async function setSecretOverHttp(vaultUrl: string, token: string, name: string, value: string): Promise<void> {
  const answer = await fetch(`${vaultUrl}/secrets/${name}?api-version=7.6`, {
    method: "PUT",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: JSON.stringify({ value }),
  });
  if (!answer.ok) throw new Error(`The vault answered ${answer.status} to a new version of ${name}.`);
}
