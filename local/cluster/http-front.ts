/**
 * A thin HTTP front over the store: the part of the Kubernetes API that the bridge's client speaks (get, list in
 * pages, watch, merge patch). What a real server would answer comes from the store; this file only translates.
 */

import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import { ApiError } from "./api-error.ts";
import { applyFault, statusBody } from "./http-faults.ts";
import type { Fault } from "./http-faults.ts";
import { listPage, ListSnapshots } from "./http-list.ts";
import { defaultUser, reviewed } from "./http-reviews.ts";
import type { AskedLeave } from "./http-reviews.ts";
import { routeOf } from "./http-route.ts";
import type { Route } from "./http-route.ts";
import { streamWatch } from "./http-watch.ts";
import { isObject, toJson } from "./json.ts";
import type { Json, JsonObject } from "./json.ts";
import type { Store } from "./store.ts";

/** One request as the API server's audit log would name it. */
export interface FrontRequest {
  readonly verb: "get" | "list" | "watch" | "patch";
  readonly route: Route;
}

export interface FrontOptions {
  /** Default: any free one. */
  readonly port?: number;
  /** The bearer token that every request must carry, or which ones are good; absent: none is asked for. */
  readonly token?: string | ((token: string) => boolean);
  /** The name of whoever signs in; `rotation-bridge` by default. */
  readonly user?: string;
  /** Answers access reviews; by default all is allowed. No request is refused by it. */
  readonly allows?: (asked: AskedLeave) => boolean;
  /** Asked before each request: what goes wrong with it. */
  readonly faults?: (request: FrontRequest) => Fault | undefined;
}

export interface Front {
  readonly url: string;
  /** How often each verb was asked of each kind, as in `patch Secret`. Requests with a fault count too. */
  readonly requests: ReadonlyMap<string, number>;
  /** Connections accepted so far. */
  readonly sockets: () => number;
  close(): Promise<void>;
}

/** Listens on 127.0.0.1. */
export async function startFront(store: Store, options: FrontOptions = {}): Promise<Front> {
  const requests = new Map<string, number>();
  const snapshots = new ListSnapshots();
  let sockets = 0;
  const server = createServer((request, response) => {
    handle(store, snapshots, requests, options, request, response).catch((error: unknown) => {
      if (response.headersSent) response.destroy();
      else sendError(response, error);
    });
  });
  server.on("connection", () => {
    sockets += 1;
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port ?? 0, "127.0.0.1", resolve);
  });
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    sockets: () => sockets,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function handle(
  store: Store,
  snapshots: ListSnapshots,
  requests: Map<string, number>,
  options: FrontOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(request.url ?? "/", "http://front");
  if (request.method === "POST") {
    sendJson(response, 201, review(url.pathname, await bodyOf(request), options, request));
    return;
  }
  const route = routeOf(url.pathname);
  if (route === undefined) throw new ApiError(404, "NotFound", "the server could not find the requested resource");
  const verb = verbOf(request.method ?? "", route, url.searchParams);
  const counted = `${verb} ${route.kind.kind}`;
  requests.set(counted, (requests.get(counted) ?? 0) + 1);
  const body = await bodyOf(request);
  const fault = options.faults?.({ verb, route });
  if (fault !== undefined && (await applyFault(fault, response)) === "done") return;
  if (!isSignedIn(options.token, request)) throw new ApiError(401, "Unauthorized", "Unauthorized");
  if (verb === "watch") {
    streamWatch(store, route, url.searchParams, response);
    return;
  }
  const answer = answered(store, snapshots, { verb, route }, url.searchParams, request, body);
  if (fault?.kind === "lost") response.socket?.resetAndDestroy();
  else sendJson(response, 200, answer);
}

function review(path: string, body: string, options: FrontOptions, request: IncomingMessage): JsonObject {
  if (!isSignedIn(options.token, request)) throw new ApiError(401, "Unauthorized", "Unauthorized");
  const { user = defaultUser, allows = () => true } = options;
  const answer = reviewed(path, objectIn(body), user, allows);
  if (answer === undefined) throw new ApiError(405, "BadRequest", "the front does not serve POST");
  return answer;
}

function isSignedIn(accepted: FrontOptions["token"], request: IncomingMessage): boolean {
  if (accepted === undefined) return true;
  const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? "")?.[1] ?? "";
  return typeof accepted === "string" ? token === accepted : accepted(token);
}

function answered(
  store: Store,
  snapshots: ListSnapshots,
  { verb, route }: FrontRequest,
  query: URLSearchParams,
  request: IncomingMessage,
  body: string,
): JsonObject {
  if (verb === "list") return listPage(store, snapshots, route, query);
  if (verb === "get") return store.get(route.kind.kind, route.namespace ?? "", route.name ?? "");
  return patched(store, route, query, request, body);
}

function verbOf(method: string, route: Route, query: URLSearchParams): FrontRequest["verb"] {
  if (method === "PATCH" && route.name !== undefined) return "patch";
  if (method !== "GET") throw new ApiError(405, "BadRequest", `the front does not serve ${method}`);
  if (route.name !== undefined) return "get";
  return ["true", "1"].includes(query.get("watch") ?? "") ? "watch" : "list";
}

function patched(
  store: Store,
  route: Route,
  query: URLSearchParams,
  request: IncomingMessage,
  body: string,
): JsonObject {
  if (request.headers["content-type"] !== "application/merge-patch+json") {
    throw new ApiError(415, "BadRequest", "the body of the request was in an unknown format");
  }
  // Without a fieldManager the API server takes the user agent up to its first slash.
  const agent = (request.headers["user-agent"] ?? "unknown").split("/")[0] ?? "unknown";
  return store.mergePatch(route.kind.kind, route.namespace ?? "", route.name ?? "", objectIn(body), {
    fieldManager: query.get("fieldManager") ?? agent,
    ...(route.subresource === "status" ? { subresource: "status" as const } : {}),
  });
}

function objectIn(body: string): JsonObject {
  const patch = parsed(body);
  if (!isObject(patch)) throw new ApiError(400, "BadRequest", "the patch is not a JSON object");
  return patch;
}

function parsed(body: string): Json | undefined {
  try {
    return toJson(JSON.parse(body));
  } catch {
    return undefined;
  }
}

/** As the API server: at most 3 MiB. */
async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request) {
    if (!(chunk instanceof Uint8Array)) continue;
    size += chunk.length;
    if (size <= 3 * 1024 * 1024) chunks.push(chunk);
  }
  if (size > 3 * 1024 * 1024) throw new ApiError(413, "RequestEntityTooLarge", "limit is 3145728");
  return Buffer.concat(chunks).toString("utf8");
}

function sendError(response: ServerResponse, error: unknown): void {
  const known =
    error instanceof ApiError ? error : new ApiError(500, "InternalError", "the front met something unexpected");
  sendJson(response, known.status, statusBody(known.status, known.reason, known.message));
}

function sendJson(response: ServerResponse, status: number, body: JsonObject): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}
