/** Stands between the app and one service of Azurite, and lets requests fail on demand; keeps what was sent. */

import { once } from "node:events";
import { createServer, request as forward, IncomingMessage, type ServerResponse } from "node:http";
import { pipeline } from "node:stream/promises";
import { type Listening, listen } from "../../local/listening.ts";

/** `reset` breaks the connection off; a number is the status of an answer in the service's shape. */
export type StorageFault = "reset" | number;

/**
 * Asked with method and path (no query) before a request goes on, and when it is answered and the caller does not know
 * it yet; may take its time. `drop`: the caller never hears of it.
 */
export type StorageHook = (side: "before" | "after", method: string, path: string) => Promise<"drop" | undefined>;

export interface StorageFront extends Listening {
  /** Every request so far: method, URL and body, with queue messages as they are and decoded. */
  readonly requests: readonly string[];
  /** From now on, what goes wrong with a request; undefined: nothing. Asked with method and path (no query). */
  fault: ((method: string, path: string) => StorageFault | undefined) | undefined;
  /** Several may step in, each for its own. */
  readonly hooks: Set<StorageHook>;
}

/** `upstream` is a service of Azurite with its account, as in `http://127.0.0.1:10001/devstoreaccount1`. */
export async function startStorageFront(upstream: string): Promise<StorageFront> {
  const { hostname, port, pathname } = new URL(upstream);
  const requests: string[] = [];
  const hooks = new Set<StorageHook>();
  let front: StorageFront | undefined;

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = "", url = "/", headers } = request;
    const body = await bytesOf(request);
    requests.push(recordOf(method, url, body));
    const path = new URL(url, upstream).pathname;
    const fault = front?.fault?.(method, path);
    if (fault !== undefined) return fail(fault, body, response);
    if (await isDropped("before", method, path)) return drop(response);
    const onward = forward({ hostname, port, method, path: url, headers });
    onward.end(body);
    const [answer] = await once(onward, "response");
    if (!(answer instanceof IncomingMessage)) return drop(response);
    if (await isDropped("after", method, path)) {
      answer.resume();
      return drop(response);
    }
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    return pipeline(answer, response);
  }

  async function isDropped(side: "before" | "after", method: string, path: string): Promise<boolean> {
    const verdicts = await Promise.all([...hooks].map((hook) => hook(side, method, path)));
    return verdicts.includes("drop");
  }

  const server = createServer((request, response) => {
    serve(request, response).catch(() => response.destroy());
  });
  const listening = await listen(server, "http", 0);
  front = { url: `${listening.url}${pathname}`, close: () => listening.close(), requests, fault: undefined, hooks };
  return front;
}

async function bytesOf(request: IncomingMessage): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of request) if (part instanceof Uint8Array) parts.push(part);
  return Buffer.concat(parts);
}

function recordOf(method: string, url: string, bytes: Buffer): string {
  const body = bytes.toString("utf8");
  const message = /<MessageText>([^<]*)</.exec(body)?.[1] ?? "";
  return [method, url, body, Buffer.from(message, "base64").toString("utf8")].join("\n");
}

function drop(response: ServerResponse): void {
  response.socket?.resetAndDestroy();
}

function fail(fault: StorageFault, body: Buffer, response: ServerResponse): void {
  if (fault === "reset") return drop(response);
  // The body comes back to the caller, so that a client which logs answers is caught.
  const echo = body.toString("utf8").replaceAll(/[<>&]/g, "");
  response.writeHead(fault, { "content-type": "application/xml", "x-ms-error-code": "ServerBusy" });
  response.end(`<?xml version="1.0"?><Error><Code>ServerBusy</Code><Message>${echo}</Message></Error>`);
}
