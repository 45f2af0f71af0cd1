/** Stands between the app and one service of Azurite, and lets requests fail on demand; keeps what was sent. */

import { createServer, request as forward, type IncomingMessage, type ServerResponse } from "node:http";
import { type Listening, listen } from "../../local/listening.ts";

/** `reset` breaks the connection off; a number is the status of an answer in the service's shape. */
export type StorageFault = "reset" | number;

export interface StorageFront extends Listening {
  /** Every request so far: method, URL and body, with queue messages as they are and decoded. */
  readonly requests: readonly string[];
  /** From now on, what goes wrong with a request; undefined: nothing. Asked with method and path (no query). */
  fault: ((method: string, path: string) => StorageFault | undefined) | undefined;
}

/** `upstream` is a service of Azurite with its account, as in `http://127.0.0.1:10001/devstoreaccount1`. */
export async function startStorageFront(upstream: string): Promise<StorageFront> {
  const { hostname, port, pathname } = new URL(upstream);
  const requests: string[] = [];
  let front: StorageFront | undefined;
  const handler = (request: IncomingMessage, response: ServerResponse) => {
    record(request, requests);
    const path = new URL(request.url ?? "/", upstream).pathname;
    const fault = front?.fault?.(request.method ?? "", path);
    if (fault !== undefined) return fail(fault, request, response);
    const { method, url, headers } = request;
    const onward = forward({ hostname, port, method, path: url, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    onward.on("error", () => response.destroy());
    return request.pipe(onward);
  };
  const listening = await listen(createServer(handler), "http", 0);
  front = { url: `${listening.url}${pathname}`, close: () => listening.close(), requests, fault: undefined };
  return front;
}

function record(request: IncomingMessage, requests: string[]): void {
  const parts: Uint8Array[] = [];
  request.on("data", (part: Uint8Array) => parts.push(part));
  request.on("end", () => {
    const body = Buffer.concat(parts).toString("utf8");
    const message = /<MessageText>([^<]*)</.exec(body)?.[1] ?? "";
    const decoded = Buffer.from(message, "base64").toString("utf8");
    requests.push([request.method, request.url, body, decoded].join("\n"));
  });
}

function fail(fault: StorageFault, request: IncomingMessage, response: ServerResponse): void {
  if (fault === "reset") {
    response.socket?.resetAndDestroy();
    return;
  }
  // The body comes back to the caller, so that a client which logs answers is caught.
  const parts: Uint8Array[] = [];
  request.on("data", (part: Uint8Array) => parts.push(part));
  request.on("end", () => {
    const echo = Buffer.concat(parts).toString("utf8").replaceAll(/[<>&]/g, "");
    response.writeHead(fault, { "content-type": "application/xml", "x-ms-error-code": "ServerBusy" });
    response.end(`<?xml version="1.0"?><Error><Code>ServerBusy</Code><Message>${echo}</Message></Error>`);
  });
}
