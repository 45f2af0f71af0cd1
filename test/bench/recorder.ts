/** Watches the HTTP requests that this process makes, by undici and by Node's own client, from its start to its end. */

import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { ClientRequest } from "node:http";
import { field } from "../../shared/core/kubernetes/read.ts";

export interface SeenRequest {
  readonly method: string;
  readonly url: string;
  readonly start: number;
  /** Infinity while it runs. */
  end: number;
}

export interface Recorder {
  readonly requests: readonly SeenRequest[];
  stop(): void;
}

export function record(): Recorder {
  const requests: SeenRequest[] = [];
  const running = new Map<unknown, SeenRequest>();
  const begin = (key: unknown, method: string, url: string) => {
    const seen = { method, url, start: performance.now(), end: Number.POSITIVE_INFINITY };
    running.set(key, seen);
    requests.push(seen);
  };
  const end = (message: unknown) => {
    const seen = running.get(field(message, "request"));
    if (seen !== undefined) seen.end = performance.now();
  };
  const listeners: readonly (readonly [string, (message: unknown) => void])[] = [
    [
      "undici:request:create",
      (message) => {
        const request = field(message, "request");
        const [origin, path] = [field(request, "origin"), field(request, "path")];
        begin(request, String(field(request, "method")), `${String(origin)}${String(path)}`);
      },
    ],
    ["undici:request:trailers", end],
    ["undici:request:error", end],
    [
      "http.client.request.start",
      (message) => {
        const request = field(message, "request");
        if (!(request instanceof ClientRequest)) return;
        begin(request, request.method, `${request.protocol}//${String(request.getHeader("host"))}${request.path}`);
      },
    ],
    ["http.client.response.finish", end],
    ["http.client.request.error", end],
  ];
  for (const [name, listener] of listeners) subscribe(name, listener);
  return {
    requests,
    stop: () => {
      for (const [name, listener] of listeners) unsubscribe(name, listener);
    },
  };
}

/** Requests that were under way together, in order: one is in a later wave if it began when one before it had ended. */
export function waves(requests: readonly SeenRequest[]): readonly (readonly SeenRequest[])[] {
  const found: SeenRequest[][] = [];
  let firstEnd = Number.NEGATIVE_INFINITY;
  for (const request of requests.toSorted((one, other) => one.start - other.start)) {
    const wave = found.at(-1);
    if (wave === undefined || request.start >= firstEnd) {
      found.push([request]);
      firstEnd = request.end;
    } else {
      wave.push(request);
      firstEnd = Math.min(firstEnd, request.end);
    }
  }
  return found;
}
