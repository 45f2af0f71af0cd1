/** Stands between the bridge and the real API server: tells of each request, and lets a test step in before or after. */

import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { pipeline } from "node:stream/promises";
import { Agent, request as forward } from "undici";
import type { FrontRequest } from "../../local/cluster/http-front.ts";
import { routeOf } from "../../local/cluster/http-route.ts";
import { type Listening, listen } from "../../local/listening.ts";

/** `drop`: the caller never hears of it. */
export type Verdict = "drop" | undefined;

export interface ApiFront extends Listening {
  readonly requests: readonly FrontRequest[];
  /** Asked before a request goes on to the server. */
  before: (request: FrontRequest) => Verdict | Promise<Verdict>;
  /** Asked when the server has answered and the caller does not know it yet. */
  after: (request: FrontRequest) => Verdict | Promise<Verdict>;
}

/** Plain HTTP on 127.0.0.1; tokens and bodies go through as they are. */
export async function startApiFront(rig: { readonly server: string; readonly ca: string }): Promise<ApiFront> {
  const dispatcher = new Agent({ connect: { ca: rig.ca }, bodyTimeout: 0 });
  const requests: FrontRequest[] = [];
  const server = createServer((incoming, response) => {
    serve(incoming, response).catch(() => response.destroy());
  });
  const listening = await listen(server, "http", 0);
  const front: ApiFront = {
    url: listening.url,
    requests,
    before: () => undefined,
    after: () => undefined,
    close: async () => {
      await listening.close();
      await dispatcher.destroy();
    },
  };

  async function serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const seen = requestOf(incoming);
    const body = await bytesOf(incoming);
    if (seen !== undefined) requests.push(seen);
    if (seen !== undefined && (await front.before(seen)) === "drop") return drop(response);
    const gone = new AbortController();
    response.on("close", () => gone.abort());
    const { host: _host, connection: _connection, "transfer-encoding": _encoding, ...headers } = incoming.headers;
    const answer = await forward(`${rig.server}${incoming.url ?? "/"}`, {
      dispatcher,
      method: incoming.method ?? "GET",
      headers,
      signal: gone.signal,
      ...(body.length === 0 ? {} : { body }),
    });
    if (seen !== undefined && (await front.after(seen)) === "drop") {
      answer.body.on("error", () => undefined).destroy();
      return drop(response);
    }
    const { connection: _closing, "transfer-encoding": _chunks, ...back } = answer.headers;
    response.writeHead(answer.statusCode, back);
    response.flushHeaders();
    return pipeline(answer.body, response);
  }

  return front;
}

function drop(response: ServerResponse): void {
  response.socket?.resetAndDestroy();
}

function requestOf({ method, url }: IncomingMessage): FrontRequest | undefined {
  const { pathname, searchParams } = new URL(url ?? "/", "http://localhost");
  const route = routeOf(pathname);
  if (route === undefined) return undefined;
  if (method === "PATCH") return { verb: "patch", route };
  if (method !== "GET") return undefined;
  if (route.name !== undefined) return { verb: "get", route };
  return { verb: searchParams.has("watch") ? "watch" : "list", route };
}

async function bytesOf(incoming: IncomingMessage): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of incoming) if (part instanceof Uint8Array) parts.push(part);
  return Buffer.concat(parts);
}
