/** Who may come in, with what: caller, method, kind and size of the body. The order is the order of the checks. */

import { mayCall } from "../shared/core/http-caller.ts";
import { parseCaller } from "../shared/core/http-principal.ts";
import type { HttpCall, HttpOn, HttpRoute } from "./http.ts";
import { largestBody } from "./http-requests.ts";

export type Entered =
  | {
      readonly ok: true;
      /** The caller's object id, or `local`. */
      readonly caller: string;
      /** The parsed JSON of a POST, the parameters of a GET. */
      readonly input: unknown;
    }
  | { readonly ok: false; readonly status: number; readonly error: string; readonly caller: string | undefined };

export async function enter(settings: HttpOn, route: HttpRoute, request: HttpCall): Promise<Entered> {
  const caller = callerOf(settings, route, request);
  if (typeof caller !== "string") return caller;
  // The host serves a route under its method only. It costs nothing to be sure where work may be started.
  if (request.method !== route.method) return refuse(405, "method-not-allowed", caller);
  if (route.method === "GET") return { ok: true, caller, input: Object.fromEntries(request.query) };
  // A page of another site can make a browser send its user's cookies with plain text or a form, and not with JSON.
  const type = request.headers.get("content-type") ?? "";
  if (!/^application\/json *(?:;|$)/i.test(type)) return refuse(415, "not-json", caller);
  if (Number(request.headers.get("content-length") ?? 0) > largestBody) return refuse(413, "too-large", caller);
  const text = await request.text();
  if (Buffer.byteLength(text) > largestBody) return refuse(413, "too-large", caller);
  return { ok: true, caller, input: parseJson(text) };
}

function callerOf(settings: HttpOn, { power }: HttpRoute, { headers }: HttpCall): string | Entered {
  if (settings.kind === "local") return "local";
  const caller = parseCaller(headers.get("x-ms-client-principal"));
  if (caller === undefined) return refuse(401, "not-signed-in", undefined);
  return mayCall(settings, caller, power) ? caller.objectId : refuse(403, "not-allowed", caller.objectId);
}

function refuse(status: number, error: string, caller: string | undefined): Entered {
  return { ok: false, status, error, caller };
}

/** Undefined fails the schema that comes next. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
