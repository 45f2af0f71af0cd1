/**
 * The webhook of the Event Grid extension, `/runtime/webhooks/eventgrid?functionName=<name>`, with the answers read in
 * azure-sdk-for-net (HttpRequestProcessor): an unknown `aeg-event-type` is 400, an unknown function 404, all events of
 * a body run in parallel, one failure makes the whole request a 500. The real host asks for a system key; this one
 * listens on 127.0.0.1 and does not.
 */

import type { IncomingMessage, ServerResponse } from "node:http";

export interface EventGridEndpointOptions {
  /** Names of the functions with an Event Grid trigger. */
  readonly has: (name: string) => boolean;
  readonly run: (name: string, eventJson: string) => Promise<void>;
}

export function eventGridEndpoint(options: EventGridEndpointOptions) {
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? "/", "http://127.0.0.1");
    if (url.pathname !== "/runtime/webhooks/eventgrid") return answer(response, 404);
    const name = url.searchParams.get("functionName") ?? "";
    if (!options.has(name)) return answer(response, 404, { error: `cannot find function: '${name}'` });
    if (request.method === "OPTIONS") return greet(request, response);

    const body = parse(await readBody(request));
    switch (request.headers["aeg-event-type"]) {
      case "SubscriptionValidation": {
        const validationCode = codeOf(body);
        if (validationCode === undefined) return answer(response, 400);
        return answer(response, 200, { validationResponse: validationCode });
      }
      case "Notification":
        return deliver(options, name, body, response);
      case "Unsubscribe":
        return answer(response, 202);
      default:
        return answer(response, 400);
    }
  };
}

async function deliver(
  options: EventGridEndpointOptions,
  name: string,
  body: unknown,
  response: ServerResponse,
): Promise<void> {
  if (typeof body !== "object" || body === null) return answer(response, 400);
  const events: readonly unknown[] = Array.isArray(body) ? body : [body];
  const results = await Promise.allSettled(events.map((event) => options.run(name, JSON.stringify(event))));
  const failed = results.find((result) => result.status === "rejected");
  if (failed === undefined) return answer(response, 202);
  const reason: unknown = failed.reason;
  return answer(response, 500, { error: reason instanceof Error ? reason.message : "failed" });
}

/** The handshake of CloudEvents 1.0 subscriptions. */
function greet(request: IncomingMessage, response: ServerResponse): void {
  const origin = request.headers["webhook-request-origin"];
  if (typeof origin !== "string") return answer(response, 400);
  response.setHeader("WebHook-Allowed-Origin", origin);
  answer(response, 200);
}

function answer(response: ServerResponse, status: number, body?: unknown): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(body === undefined ? "" : JSON.stringify(body));
}

async function readBody(request: IncomingMessage): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const part of request) {
    if (part instanceof Uint8Array) parts.push(part);
  }
  return Buffer.concat(parts).toString("utf8");
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function codeOf(body: unknown): string | undefined {
  const first: unknown = Array.isArray(body) ? body[0] : body;
  if (typeof first !== "object" || first === null || !("data" in first)) return undefined;
  const { data } = first;
  if (typeof data !== "object" || data === null || !("validationCode" in data)) return undefined;
  return typeof data.validationCode === "string" ? data.validationCode : undefined;
}
