/** Watch streams: one JSON object a line, a bookmark before the end. */

import type { ServerResponse } from "node:http";
import { ApiError } from "./api-error.ts";
import { statusBody } from "./http-faults.ts";
import type { Route } from "./http-route.ts";
import { textAt } from "./json.ts";
import type { JsonObject } from "./json.ts";
import { apiVersion } from "./kinds.ts";
import { selectorOf } from "./labels.ts";
import type { Store } from "./store.ts";

/** Streams until `timeoutSeconds` are over or the client goes. A version that is forgotten is told as an ERROR event. */
export function streamWatch(store: Store, route: Route, query: URLSearchParams, response: ServerResponse): void {
  const selected = selectorOf(query.get("labelSelector") ?? "");
  const send = (type: string, object: JsonObject): void => {
    response.write(`${JSON.stringify({ type, object })}\n`);
  };
  response.writeHead(200, { "content-type": "application/json" });
  response.flushHeaders();
  let stop = (): void => undefined;
  try {
    stop = store.watch(route.kind.kind, query.get("resourceVersion") ?? undefined, ({ type, object }) => {
      const wanted = route.namespace === undefined || textAt(object, "metadata", "namespace") === route.namespace;
      if (wanted && selected(object)) send(type, object);
    });
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    send("ERROR", statusBody(error.status, error.reason, error.message));
    response.end();
    return;
  }
  const timer = setTimeout(
    () => {
      if (query.get("allowWatchBookmarks") === "true") send("BOOKMARK", bookmark(store, route));
      response.end();
    },
    Number(query.get("timeoutSeconds") ?? 1800) * 1000,
  );
  response.on("close", () => {
    clearTimeout(timer);
    stop();
  });
}

function bookmark(store: Store, route: Route): JsonObject {
  return {
    kind: route.kind.kind,
    apiVersion: apiVersion(route.kind),
    metadata: { resourceVersion: store.resourceVersion, creationTimestamp: null },
  };
}
