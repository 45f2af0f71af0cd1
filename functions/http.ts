/**
 * The HTTP functions: what is registered, and for whom. Off by default, and then no route exists. The request's own work
 * loads with the first request (http-call.ts).
 */

import type { HttpMethod, HttpRequest, HttpResponseInit } from "@azure/functions";
import type { Power } from "../shared/core/http-caller.ts";
import type { HttpSettings } from "../shared/http-settings.ts";
import type { Deps } from "./deps.ts";
import type { LogTarget } from "./log.ts";

export type HttpOn = Exclude<HttpSettings, { kind: "off" }>;
export type HttpCall = Pick<HttpRequest, "method" | "headers" | "query" | "text">;

export interface HttpRoute {
  /** The function's name; `rotate` alone is the queue's. */
  readonly name: string;
  readonly route: "plan" | "status" | "rotate" | "replay";
  readonly method: HttpMethod;
  readonly power: Power;
}

export const httpRoutes: readonly HttpRoute[] = [
  { name: "httpPlan", route: "plan", method: "GET", power: "read" },
  { name: "httpStatus", route: "status", method: "GET", power: "read" },
  { name: "httpRotate", route: "rotate", method: "POST", power: "operate" },
  { name: "httpReplay", route: "replay", method: "POST", power: "operate" },
];

export function httpFunction(deps: Deps, settings: HttpOn, route: HttpRoute) {
  return async (request: HttpCall, context: LogTarget): Promise<HttpResponseInit> =>
    (await import("./http-call.ts")).serve(deps, settings, route, request, context);
}
