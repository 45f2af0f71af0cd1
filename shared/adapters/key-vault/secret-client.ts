/**
 * One vault through @azure/keyvault-secrets. Loaded late (vault.ts): the SDK costs some 100 ms. Nothing of the SDK's
 * errors is kept but status and code, and its own retries are off (retry.ts).
 */

import type { TokenCredential } from "@azure/identity";
import { type KeyVaultSecret, SecretClient } from "@azure/keyvault-secrets";
import { SecretValue } from "../../core/secret-value.ts";
import type { ObjectVersion } from "../../core/vault-object.ts";
import type { Clock } from "../../ports.ts";
import { clientOptions } from "./client-options.ts";
import type { VaultEndpoint } from "./endpoint.ts";
import { type Refusal, unanswered } from "./refusal.ts";
import { refusalFrom, type ResponseSeen } from "./sdk-refusal.ts";
import type { Reply, SecretsApi, VersionDate } from "./secrets-api.ts";

export interface ClientOptions {
  readonly clock: Clock;
  readonly timeoutMs: number;
}

/** Each reply comes within `timeoutMs`, whatever hangs: vault, connection or the credential. */
export function secretClientApi(
  endpoint: VaultEndpoint,
  credential: TokenCredential,
  options: ClientOptions,
): SecretsApi {
  const { clock, timeoutMs } = options;
  const client = new SecretClient(endpoint.url, credential, clientOptions(endpoint, credential, timeoutMs));

  async function call<T>(request: (options: CallOptions) => Promise<T | undefined>): Promise<Reply<T>> {
    const seen: ResponseSeen[] = [];
    const limit = new AbortController();
    let timer: NodeJS.Timeout | undefined;
    const timedOut = new Promise<typeof late>((resolve) => {
      timer = setTimeout(() => {
        resolve(late);
        limit.abort();
      }, timeoutMs);
    });
    const answered = request({
      abortSignal: limit.signal,
      onResponse: (response) => seen.push(response),
    }).then(
      (value) => (value === undefined ? refused(unanswered("Unreadable")) : { ok: true as const, value }),
      (problem: unknown) => refused(refusalFrom(problem, seen.at(-1), clock.now())),
    );
    try {
      const first = await Promise.race([answered, timedOut]);
      return first === late ? refused(unanswered("Timeout")) : first;
    } finally {
      clearTimeout(timer);
    }
  }

  return {
    get: (name, version) =>
      call(async (callOptions) => {
        const secret = await client.getSecret(name, version === undefined ? callOptions : { ...callOptions, version });
        return objectVersion(secret, version);
      }),
    list: (name) =>
      call(async (callOptions) => {
        const dates: VersionDate[] = [];
        for await (const { version, createdOn } of client.listPropertiesOfSecretVersions(name, callOptions)) {
          if (version !== undefined) dates.push({ version, createdOn: createdOn?.getTime() });
        }
        return dates;
      }),
  };
}

interface CallOptions {
  readonly abortSignal: AbortSignal;
  readonly onResponse: (response: ResponseSeen) => void;
}

const late = Symbol("late");

function refused(refusal: Refusal): { readonly ok: false; readonly refusal: Refusal } {
  return { ok: false, refusal };
}

/** Undefined where the answer is not the secret's version that was asked for. */
function objectVersion(secret: KeyVaultSecret, asked: string | undefined): ObjectVersion | undefined {
  const { value, properties } = secret;
  const { version } = properties;
  // The SDK hands on what came: a null is no value, and must not become an empty one.
  if (typeof value !== "string" || version === undefined) return undefined;
  if (asked !== undefined && asked.toLowerCase() !== version.toLowerCase()) return undefined;
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
