/**
 * Azure Key Vault behind the Vault port. An SDK is loaded when a vault is asked for the first object of its type, so an
 * app whose classes name no certificate and no key never loads those two.
 */

import type { TokenCredential } from "@azure/identity";
import type { Clock, Log, Vault } from "../../ports.ts";
import { vaultEndpoint, type VaultEndpoint } from "./endpoint.ts";
import type { ClientOptions } from "./sdk-call.ts";
import type { ObjectsApi, VaultApi } from "./vault-api.ts";
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
  const apis = new Map<string, VaultApi>();
  for (const [name, { url }] of vaults) {
    const endpoint = vaultEndpoint(name, url);
    const credentialOf = () => (typeof credential === "function" ? credential(name) : credential);
    const made = (make: MakeApi) => make(endpoint, credentialOf(), { clock, timeoutMs });
    apis.set(name.toLowerCase(), {
      secret: loadedLate(async () => made((await import("./secret-client.ts")).secretsApi)),
      cert: loadedLate(async () => made((await import("./certificate-client.ts")).certificatesApi)),
      key: loadedLate(async () => made((await import("./key-client.ts")).keysApi)),
    });
  }
  return vaultOver(apis, options);
}

type MakeApi = (endpoint: VaultEndpoint, credential: TokenCredential, options: ClientOptions) => ObjectsApi;

function loadedLate(load: () => Promise<ObjectsApi>): ObjectsApi {
  let api: Promise<ObjectsApi> | undefined;
  const loaded = () => (api ??= load());
  return {
    get: async (name, version) => (await loaded()).get(name, version),
    list: async (name) => (await loaded()).list(name),
    listed: async (names, atMostRequests) => (await loaded()).listed(names, atMostRequests),
  };
}
