/** The keys of one vault (public part, as a JWK) through @azure/keyvault-keys. Loaded late (vault.ts). */

import type { TokenCredential } from "@azure/identity";
import { KeyClient, type KeyVaultKey } from "@azure/keyvault-keys";
import { SecretValue } from "../../core/secret-value.ts";
import type { ObjectVersion } from "../../core/vault-object.ts";
import { clientOptions } from "./client-options.ts";
import type { VaultEndpoint } from "./endpoint.ts";
import { type ClientOptions, isAsked, sdkCall } from "./sdk-call.ts";
import type { ObjectsApi } from "./vault-api.ts";
import { listedObjects, pagedCall } from "./listed-objects.ts";
import { versionEntries } from "./version-entries.ts";

export function keysApi(endpoint: VaultEndpoint, credential: TokenCredential, options: ClientOptions): ObjectsApi {
  const client = new KeyClient(endpoint.url, credential, clientOptions(endpoint, credential, options.timeoutMs));
  return {
    get: (name, version) =>
      sdkCall(options, async (call) =>
        objectVersion(await client.getKey(name, version === undefined ? call : { ...call, version }), version),
      ),
    list: (name) => sdkCall(options, (call) => versionEntries(client.listPropertiesOfKeyVersions(name, call))),
    listed: (names, atMostRequests) =>
      sdkCall(pagedCall(options, atMostRequests), (call) =>
        listedObjects(client.listPropertiesOfKeys(call), names, atMostRequests),
      ),
  };
}

/** Undefined where the answer is not the key's version that was asked for. */
function objectVersion({ key, properties }: KeyVaultKey, asked: string | undefined): ObjectVersion | undefined {
  const { version } = properties;
  if (key?.kty === undefined || version === undefined || !isAsked(version, asked)) return undefined;
  return {
    version,
    createdOn: properties.createdOn?.getTime(),
    value: SecretValue.fromText(publicJwk(key)),
    contentType: undefined,
    keyId: undefined,
    notBefore: properties.notBefore?.getTime(),
    expiresOn: properties.expiresOn?.getTime(),
  };
}

/** The public members only, as the vault spelled them; the SDK has decoded the numbers. */
function publicJwk({ kty, crv, n, e, x, y }: NonNullable<KeyVaultKey["key"]>): string {
  const numbers = Object.entries({ n, e, x, y }).flatMap(([name, bytes]) =>
    bytes === undefined ? [] : [[name, Buffer.from(bytes).toString("base64url")] as const],
  );
  return JSON.stringify({ kty, ...(crv === undefined ? {} : { crv }), ...Object.fromEntries(numbers) });
}
