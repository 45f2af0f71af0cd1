/** The certificates of one vault (public part, DER) through @azure/keyvault-certificates. Loaded late (vault.ts). */

import type { TokenCredential } from "@azure/identity";
import { CertificateClient, type KeyVaultCertificate } from "@azure/keyvault-certificates";
import { SecretValue } from "../../core/secret-value.ts";
import type { ObjectVersion } from "../../core/vault-object.ts";
import { clientOptions } from "./client-options.ts";
import type { VaultEndpoint } from "./endpoint.ts";
import { type ClientOptions, isAsked, sdkCall } from "./sdk-call.ts";
import type { ObjectsApi } from "./vault-api.ts";
import { listedObjects, pagedCall } from "./listed-objects.ts";
import { versionEntries } from "./version-entries.ts";

export function certificatesApi(
  endpoint: VaultEndpoint,
  credential: TokenCredential,
  options: ClientOptions,
): ObjectsApi {
  const settings = clientOptions(endpoint, credential, options.timeoutMs);
  const client = new CertificateClient(endpoint.url, credential, settings);
  return {
    get: (name, version) =>
      sdkCall(options, async (call) =>
        objectVersion(
          version === undefined
            ? await client.getCertificate(name, call)
            : await client.getCertificateVersion(name, version, call),
          version,
        ),
      ),
    list: (name) => sdkCall(options, (call) => versionEntries(client.listPropertiesOfCertificateVersions(name, call))),
    listed: (names, atMostRequests) =>
      sdkCall(pagedCall(options, atMostRequests), (call) =>
        listedObjects(client.listPropertiesOfCertificates(call), names, atMostRequests),
      ),
  };
}

/** Undefined where the answer is not the version that was asked for, or has no certificate yet (a pending request). */
function objectVersion({ cer, properties }: KeyVaultCertificate, asked: string | undefined): ObjectVersion | undefined {
  const { version } = properties;
  if (!(cer instanceof Uint8Array) || version === undefined || !isAsked(version, asked)) return undefined;
  return {
    version,
    createdOn: properties.createdOn?.getTime(),
    value: SecretValue.fromBytes(cer),
    contentType: undefined,
    keyId: undefined,
    notBefore: properties.notBefore?.getTime(),
    expiresOn: properties.expiresOn?.getTime(),
  };
}
