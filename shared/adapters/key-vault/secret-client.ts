/** The secrets of one vault through @azure/keyvault-secrets. Loaded late (vault.ts): the SDK costs some 100 ms. */

import type { TokenCredential } from "@azure/identity";
import { type KeyVaultSecret, SecretClient } from "@azure/keyvault-secrets";
import { SecretValue } from "../../core/secret-value.ts";
import type { ObjectVersion } from "../../core/vault-object.ts";
import { clientOptions } from "./client-options.ts";
import type { VaultEndpoint } from "./endpoint.ts";
import { type ClientOptions, isAsked, sdkCall } from "./sdk-call.ts";
import type { ObjectsApi } from "./vault-api.ts";
import { listedObjects, pagedCall } from "./listed-objects.ts";
import { versionEntries } from "./version-entries.ts";

export function secretsApi(endpoint: VaultEndpoint, credential: TokenCredential, options: ClientOptions): ObjectsApi {
  const client = new SecretClient(endpoint.url, credential, clientOptions(endpoint, credential, options.timeoutMs));
  return {
    get: (name, version) =>
      sdkCall(options, async (call) =>
        objectVersion(await client.getSecret(name, version === undefined ? call : { ...call, version }), version),
      ),
    list: (name) => sdkCall(options, (call) => versionEntries(client.listPropertiesOfSecretVersions(name, call))),
    listed: (names, atMostRequests) =>
      sdkCall(pagedCall(options, atMostRequests), (call) =>
        listedObjects(client.listPropertiesOfSecrets(call), names, atMostRequests),
      ),
  };
}

/** Undefined where the answer is not the secret's version that was asked for. */
function objectVersion({ value, properties }: KeyVaultSecret, asked: string | undefined): ObjectVersion | undefined {
  const { version } = properties;
  // The SDK hands on what came: a null is no value, and must not become an empty one.
  if (typeof value !== "string" || version === undefined || !isAsked(version, asked)) return undefined;
  return {
    version,
    createdOn: properties.createdOn?.getTime(),
    value: SecretValue.fromText(value),
    contentType: properties.contentType,
    keyId: properties.certificateKeyId,
    notBefore: properties.notBefore?.getTime(),
    expiresOn: properties.expiresOn?.getTime(),
  };
}
