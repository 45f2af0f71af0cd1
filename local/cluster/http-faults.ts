/** What can go wrong with one request to the front. */

import type { ServerResponse } from "node:http";
import type { JsonObject } from "./json.ts";

export type Fault =
  /** Answers with this status. `retryAfter` is the header's text; `body` the whole body (default: a Status). */
  | { readonly kind: "status"; readonly status: number; readonly retryAfter?: string; readonly body?: string }
  /** Closes the connection without an answer. */
  | { readonly kind: "reset" }
  /** Never answers; the connection stays open. */
  | { readonly kind: "hang" }
  /** Does what was asked and closes the connection instead of answering. */
  | { readonly kind: "lost" }
  /** Answers rightly, later. */
  | { readonly kind: "slow"; readonly ms: number };

/** `done`: the request has had its answer, or will never get one. */
export async function applyFault(fault: Fault, response: ServerResponse): Promise<"done" | "go-on"> {
  if (fault.kind === "lost") return "go-on";
  if (fault.kind === "slow") {
    await new Promise((resolve) => setTimeout(resolve, fault.ms));
    return "go-on";
  }
  if (fault.kind === "reset") response.socket?.resetAndDestroy();
  if (fault.kind === "status") {
    const { status, retryAfter } = fault;
    const headers = retryAfter === undefined ? {} : { "retry-after": retryAfter };
    const body = fault.body ?? JSON.stringify(statusBody(status, "Fault", `fault ${status}`));
    response.writeHead(status, { "content-type": "application/json", ...headers }).end(body);
  }
  return "done";
}

/** The body of every error answer. */
export function statusBody(code: number, reason: string, message: string): JsonObject {
  return { kind: "Status", apiVersion: "v1", metadata: {}, status: "Failure", message, reason, code };
}
