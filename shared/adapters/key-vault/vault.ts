/** Azure Key Vault behind the Vault port. The SDK is loaded when a vault is asked for the first time. */

import type { TokenCredential } from "@azure/identity";
import type { Clock, Log, Vault } from "../../ports.ts";
import { vaultEndpoint, type VaultEndpoint } from "./endpoint.ts";
import type { SecretsApi } from "./secrets-api.ts";
import { vaultOver } from "./vault-answers.ts";

export interface VaultOptions {
  /** By name; see {@link vaultEndpoint} for what a url may be. */
  readonly vaults: ReadonlyMap<string, { readonly url: string }>;
  /** One for all vaults, or one for each (by the name in the map): a vault belongs to one trust boundary. */
  readonly credential: TokenCredential | ((vault: string) => TokenCredential);
  readonly clock: Clock;
  readonly log?: Log;
  /** For one request, token included. Default 10 s. */
  readonly timeoutMs?: number;
  /** Requests at a time for each vault. Default 16. */
  readonly concurrency?: number;
  /** How long a version's date and bytes are remembered (default 10 min), and for how many versions (default 200). */
  readonly cacheForMs?: number;
  readonly cacheAtMost?: number;
}

/** Throws at once, with a sentence for a person, if an address breaks the rules. */
export function createVault(options: VaultOptions): Vault {
  const { vaults, credential, clock, timeoutMs = 10_000 } = options;
  const apis = new Map<string, SecretsApi>();
  for (const [name, { url }] of vaults) {
    const endpoint = vaultEndpoint(name, url);
    const credentialOf = () => (typeof credential === "function" ? credential(name) : credential);
    apis.set(name.toLowerCase(), loadedLate(endpoint, credentialOf, { clock, timeoutMs }));
  }
  return vaultOver(apis, options);
}

function loadedLate(
  endpoint: VaultEndpoint,
  credential: () => TokenCredential,
  options: { readonly clock: Clock; readonly timeoutMs: number },
): SecretsApi {
  let api: Promise<SecretsApi> | undefined;
  const load = async () => {
    const { secretClientApi } = await import("./secret-client.ts");
    return secretClientApi(endpoint, credential(), options);
  };
  const loaded = () => (api ??= load());
  return {
    get: async (name, version) => (await loaded()).get(name, version),
    list: async (name) => (await loaded()).list(name),
  };
}
