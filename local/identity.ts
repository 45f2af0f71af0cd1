/**
 * A stand-in for the identity endpoint of App Service and Functions (IDENTITY_ENDPOINT, API 2019-08-01): the real
 * ManagedIdentityCredential gets tokens from it. The tokens look like Entra's and are signed by nobody.
 */

import { randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { listen, type Listening } from "./listening.ts";

export interface IdentityOptions {
  /** Client ids of user-assigned identities that exist. Without the list, any. */
  readonly clientIds?: readonly string[];
  /** Whether there is a system-assigned identity (a request without client_id). Default true. */
  readonly systemAssigned?: boolean;
  /** Default 24 hours, as in Azure. */
  readonly lifetimeSeconds?: number;
  readonly tokens?: "jwt" | "opaque";
  readonly now?: () => number;
}

export interface TokenRequest {
  readonly resource: string;
  readonly clientId: string | undefined;
}

export interface IdentityEndpoint extends Listening {
  /** What the environment of the app must hold. */
  readonly environment: { readonly IDENTITY_ENDPOINT: string; readonly IDENTITY_HEADER: string };
  /** Every token that was given out, in order. */
  readonly issued: readonly TokenRequest[];
  /** What a token was issued for, if it was issued here and has not expired. */
  issuedFor(token: string): TokenRequest | undefined;
  /** From now on every request fails with this status, until `undefined` is given. */
  failWith(status: number | undefined): void;
}

/** Listens on 127.0.0.1, any free port. */
export async function startIdentityEndpoint(options: IdentityOptions = {}): Promise<IdentityEndpoint> {
  const { tokens = "jwt", lifetimeSeconds = 86_400, now = () => Date.now() } = options;
  const secret = randomBytes(16).toString("hex");
  const issued: TokenRequest[] = [];
  const byToken = new Map<string, { readonly request: TokenRequest; readonly expires: number }>();
  let failing: number | undefined;

  const handler = (request: IncomingMessage, response: ServerResponse) => {
    request.resume();
    const url = new URL(request.url ?? "/", "http://localhost");
    const resource = url.searchParams.get("resource");
    const clientId = url.searchParams.get("client_id") ?? undefined;
    if (failing !== undefined) return refuse(response, failing, "The identity endpoint was told to fail.");
    if (request.headers["x-identity-header"] !== secret) return refuse(response, 401, "The identity header is wrong.");
    if (url.pathname !== "/msi/token" || resource === null) return refuse(response, 400, "The request is malformed.");
    if (!exists(options, clientId)) return refuse(response, 400, "Unable to load the proper managed identity.");
    const asked = { resource, clientId };
    const expires = Math.floor(now() / 1000) + lifetimeSeconds;
    const token = tokens === "jwt" ? jwt(asked, expires) : randomBytes(24).toString("base64url");
    issued.push(asked);
    byToken.set(token, { request: asked, expires });
    return answer(response, 200, {
      access_token: token,
      client_id: clientId ?? "00000000-0000-0000-0000-000000000001",
      expires_on: String(expires),
      not_before: String(expires - lifetimeSeconds),
      resource,
      token_type: "Bearer",
    });
  };

  const listening = await listen(createServer(handler), "http", 0);
  return {
    ...listening,
    environment: { IDENTITY_ENDPOINT: `${listening.url}/msi/token`, IDENTITY_HEADER: secret },
    issued,
    issuedFor: (token) => {
      const found = byToken.get(token);
      return found !== undefined && found.expires * 1000 > now() ? found.request : undefined;
    },
    failWith: (status) => {
      failing = status;
    },
  };
}

function exists(options: IdentityOptions, clientId: string | undefined): boolean {
  if (clientId === undefined) return options.systemAssigned ?? true;
  return options.clientIds?.includes(clientId) ?? true;
}

function jwt({ resource, clientId }: TokenRequest, expires: number): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const claims = { aud: resource, appid: clientId, exp: expires, iss: "https://sts.windows.net/local/" };
  return `${part({ alg: "none", typ: "JWT" })}.${part(claims)}.${randomBytes(24).toString("base64url")}`;
}

/** Error shape of the App Service endpoint. */
function refuse(response: ServerResponse, statusCode: number, message: string): void {
  answer(response, statusCode, { statusCode, message, correlationId: "00000000-0000-0000-0000-000000000000" });
}

function answer(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { "Content-Type": "application/json" });
  response.end(JSON.stringify(body));
}
