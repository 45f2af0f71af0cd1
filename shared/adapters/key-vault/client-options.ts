/** How the SDKs' clients are set up: bounded, and lenient only towards a stand-in on this machine. */

import type { TokenCredential } from "@azure/identity";
import type { SecretClientOptions } from "@azure/keyvault-secrets";
import type { VaultEndpoint } from "./endpoint.ts";

/**
 * One request is one request: no second tries, and a vault redirects nowhere. `timeout` reaches the later pages of a list too, to which the SDK does
 * not hand the abort signal. The SDK logs (AZURE_LOG_LEVEL) neither bodies nor the Authorization header.
 */
export function clientOptions(endpoint: VaultEndpoint, credential: TokenCredential, timeoutMs: number): SharedOptions {
  const timeout: AdditionalPolicy = {
    position: "perCall",
    policy: {
      name: "rotationBridgeTimeout",
      sendRequest: (request, next) => {
        request.timeout = timeoutMs;
        return next(request);
      },
    },
  };
  const common = { retryOptions: { maxRetries: 0 }, redirectOptions: { maxRetries: 0 } };
  if (!endpoint.loopback) return { ...common, additionalPolicies: [timeout] };
  return {
    ...common,
    allowInsecureConnection: endpoint.plainHttp,
    disableChallengeResourceVerification: true,
    additionalPolicies: endpoint.plainHttp ? [timeout, plainBearer(credential)] : [timeout],
  };
}

/** What the clients of secrets, certificates and keys take alike. */
type SharedOptions = Omit<SecretClientOptions, "serviceVersion">;

type AdditionalPolicy = NonNullable<SecretClientOptions["additionalPolicies"]>[number];

/** The SDK (keyvault-common 2.1.1) sends no token over plain HTTP, to no host. A stand-in on this machine wants one. */
function plainBearer(credential: TokenCredential): AdditionalPolicy {
  return {
    position: "perCall",
    policy: {
      name: "rotationBridgeLoopbackToken",
      sendRequest: async (request, next) => {
        const token = await credential.getToken("https://vault.azure.net/.default");
        if (token !== null) request.headers.set("Authorization", `Bearer ${token.token}`);
        return next(request);
      },
    },
  };
}
