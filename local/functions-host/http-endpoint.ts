/**
 * HTTP triggers under `/api/<route>`, as the host serves them: the request goes to the worker as data, and what no
 * function is registered for, by route or by method, is 404. No keys are asked for, as no local host does
 * (https://learn.microsoft.com/azure/azure-functions/functions-bindings-http-webhook-trigger#authorization-keys).
 */

import type { IncomingMessage, ServerResponse } from "node:http";
import { type Authentication, checked } from "./app-service-authentication.ts";
import type { HttpAnswer, RegisteredFunction, TypedData } from "./protocol.ts";

export interface HttpEndpointOptions {
  readonly functions: readonly RegisteredFunction[];
  readonly authentication: Authentication | undefined;
  readonly run: (name: string, input: TypedData) => Promise<HttpAnswer | undefined>;
}

export const httpPrefix = "/api/";

export function httpEndpoint({ functions, authentication, run }: HttpEndpointOptions) {
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? "/", "http://127.0.0.1");
    const headers =
      authentication === undefined ? plainHeaders(request) : checked(plainHeaders(request), authentication);
    if (headers === undefined) return end(response, { statusCode: 401, headers: {}, body: "" });
    const route = url.pathname.slice(httpPrefix.length);
    const method = request.method ?? "GET";
    const found = functions.find(
      ({ name, trigger }) => (trigger.route ?? name) === route && (trigger.methods ?? []).includes(method),
    );
    if (found === undefined) return end(response, { statusCode: 404, headers: {}, body: "" });
    const body = (await readBytes(request)).toString("base64");
    // The host says nothing of why a function failed.
    const failed: HttpAnswer = { statusCode: 500, headers: {}, body: "" };
    const query = queryOf(url.searchParams);
    const http = { method, url: url.href, headers, query, body };
    end(response, (await run(found.name, { http }).catch(() => failed)) ?? failed);
  };
}

function plainHeaders(request: IncomingMessage): Readonly<Record<string, string>> {
  const pairs = Object.entries(request.headers).map(([name, value]) => [name, [value ?? []].flat().join(", ")]);
  return Object.fromEntries(pairs);
}

/** The host's protocol has one text for each name: what comes twice is joined. */
function queryOf(parameters: URLSearchParams): Readonly<Record<string, string>> {
  const names = new Set(parameters.keys());
  return Object.fromEntries([...names].map((name) => [name, parameters.getAll(name).join(",")]));
}

async function readBytes(request: IncomingMessage): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of request) {
    if (part instanceof Uint8Array) parts.push(part);
  }
  return Buffer.concat(parts);
}

function end(response: ServerResponse, { statusCode, headers, body }: HttpAnswer): void {
  response.writeHead(statusCode, { ...headers });
  response.end(Buffer.from(body, "base64"));
}
