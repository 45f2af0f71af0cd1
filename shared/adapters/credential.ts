/** The identity with which the app asks Azure: @azure/identity, loaded when a token is needed for the first time. */

import type { TokenCredential } from "@azure/identity";

/**
 * `clientId`: the managed identity that the map names; without it the system-assigned one. In Azure (an identity
 * endpoint is configured) nothing but that identity is tried, so that no other can be used by accident; elsewhere
 * DefaultAzureCredential finds the developer's sign-in. Errors are the SDK's: adapters translate them.
 */
export function createCredential(options: { readonly clientId?: string } = {}): TokenCredential {
  let credential: Promise<TokenCredential> | undefined;
  return {
    getToken: async (scopes, tokenOptions) =>
      (await (credential ??= load(options.clientId))).getToken(scopes, tokenOptions),
  };
}

async function load(clientId: string | undefined): Promise<TokenCredential> {
  const { DefaultAzureCredential, ManagedIdentityCredential } = await import("@azure/identity");
  if ((process.env["IDENTITY_ENDPOINT"] ?? "") !== "") {
    return clientId === undefined ? new ManagedIdentityCredential() : new ManagedIdentityCredential({ clientId });
  }
  return new DefaultAzureCredential(clientId === undefined ? {} : { managedIdentityClientId: clientId });
}
