/** The pages of an SDK's list of a vault's objects: of each its name and its current version's date. */

import type { ListedObject } from "../../core/vault-object.ts";
import type { ClientOptions } from "./sdk-call.ts";
import type { Listed } from "./vault-api.ts";

/** What the three SDKs say of an object in a list. The attributes are the current version's; its id is not given. */
interface ListedProperties {
  readonly name?: string | undefined;
  readonly createdOn?: Date | undefined;
  readonly enabled?: boolean | undefined;
}

interface Pages {
  byPage(settings: { readonly maxPageSize: number }): AsyncIterable<readonly ListedProperties[]>;
}

/** The most that the service gives: https://learn.microsoft.com/rest/api/keyvault/secrets/get-secrets/get-secrets */
export const pageSize = 25;

export async function listedObjects(
  list: Pages,
  names: ReadonlySet<string>,
  atMostRequests: number,
): Promise<Listed | undefined> {
  const objects = new Map<string, ListedObject>();
  let requests = 0;
  for await (const page of list.byPage({ maxPageSize: pageSize })) {
    requests += 1;
    for (const { name, createdOn, enabled } of page) {
      const key = name?.toLowerCase();
      if (key !== undefined && names.has(key)) {
        objects.set(key, { createdOn: createdOn?.getTime(), enabled: enabled !== false });
      }
    }
    if (objects.size === names.size) break;
    if (requests >= atMostRequests) return { objects, complete: false, requests };
  }
  return { objects, complete: true, requests };
}

/** Each page has the time of one request (client-options.ts sees to that), all of them at most a minute. */
export function pagedCall(options: ClientOptions, requests: number): ClientOptions {
  return {
    ...options,
    timeoutMs: Math.min(options.timeoutMs * Math.max(1, requests), Math.max(60_000, options.timeoutMs)),
  };
}
