/** Where the bearer token of a cluster comes from. */

import { readFile } from "node:fs/promises";
import type { TokenCredential } from "@azure/identity";
import { RemoteProblem } from "../../core/remote-problem.ts";

/**
 * Asked before every request. `rejected` is the token that the API server has just refused (401): a source that
 * remembers tokens must not give it again if it can help it. Throws a RemoteProblem.
 */
export type TokenSource = (rejected?: string) => Promise<string>;

/** The AKS server application of Entra ID, the same in every tenant (docs/facts.md; kubelogin's documentation). */
export const aksScope = "6dae42f8-4368-4678-94ff-3960e28e3630/.default";

/** Tokens of an Azure identity. The credential keeps them until shortly before they end. */
export function entraToken(credential: TokenCredential, scope: string = aksScope): TokenSource {
  return async () => {
    const token = await credential.getToken(scope).catch((error: unknown) => {
      throw tokenProblem(error);
    });
    if (token === null) throw new RemoteProblem("unauthorized", "Entra ID gave no token for the cluster.");
    return token.token;
  };
}

/** A token file that somebody else keeps fresh, such as a projected service account token. Read every time. */
export function fileToken(path: string): TokenSource {
  return async () => {
    const token = await readFile(path, "utf8").then(
      (text) => text.trim(),
      () => "",
    );
    if (token === "") throw new RemoteProblem("unauthorized", "The token file of the cluster is empty or unreadable.");
    return token;
  };
}

/** One token that never changes: for local use. */
export function fixedToken(token: string): TokenSource {
  return async () => token;
}

/** Nothing of the identity SDK's error goes on: its text may hold ids and parts of requests. */
function tokenProblem(error: unknown): RemoteProblem {
  const status = error instanceof Error && "statusCode" in error ? error.statusCode : undefined;
  const name = error instanceof Error ? error.name : "";
  const refused = typeof status === "number" ? status >= 400 && status < 404 : refusals.has(name);
  return refused
    ? new RemoteProblem("unauthorized", "Entra ID refused a token for the cluster. Look at the bridge's identity.")
    : new RemoteProblem(
        "unavailable",
        "No token for the cluster could be had: the bridge's identity is missing, or Entra ID did not answer as it should.",
      );
}

/**
 * CredentialUnavailableError is none: ManagedIdentityCredential (identity 4.14.1) throws it, without a status, for every
 * failure of the identity endpoint, 500 and 429 too. A rotation that waits goes on by itself; a refused one does not.
 */
const refusals = new Set(["AggregateAuthenticationError", "AuthenticationRequiredError"]);
