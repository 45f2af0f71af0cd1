/** Storage errors in our words. Nothing of the SDK's error goes on: its message may hold URLs, keys and request ids. */

import { RemoteProblem, type RemoteProblemKind } from "../core/remote-problem.ts";

/**
 * Turns whatever the storage SDKs threw into a RemoteProblem. Status codes as in the "Common REST API error codes" of
 * Azure Storage; an error without a status never reached the service or was cut off by our own time-out.
 *
 * @param what names the call in our words: `send to queue rotations`.
 */
export function storageProblem(error: unknown, what: string): RemoteProblem {
  const status = statusOf(error);
  if (status === undefined) {
    const late = nameOf(error) === "AbortError" || nameOf(error) === "TimeoutError";
    return late
      ? new RemoteProblem("timeout", `Could not ${what}: storage did not answer in time.`)
      : new RemoteProblem("unavailable", `Could not ${what}: storage could not be reached.`);
  }
  return new RemoteProblem(kindOf(status), `Could not ${what}: storage answered ${status}.`, status);
}

/** The HTTP status that a storage SDK's error carries, if it carries one. */
export function statusOf(error: unknown): number | undefined {
  if (typeof error !== "object" || error === null || !("statusCode" in error)) return undefined;
  return typeof error.statusCode === "number" ? error.statusCode : undefined;
}

function nameOf(error: unknown): string | undefined {
  return error instanceof Error ? error.name : undefined;
}

function kindOf(status: number): RemoteProblemKind {
  switch (status) {
    case 401:
      return "unauthorized";
    case 403:
      return "forbidden";
    case 404:
      return "not-found";
    case 409:
    case 412:
      return "conflict";
    case 408:
      return "timeout";
    case 429:
    case 503: // ServerBusy: the account's or the partition's limit
      return "throttled";
    default:
      return status >= 500 ? "unavailable" : "rejected";
  }
}
