/**
 * A stand-in for Azure Resource Manager, as far as `rotation-bridge doctor` asks it: resources by their id, and lists with
 * the two filters that it uses. Ids are compared without regard to case, as in Azure.
 */

import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import { listen, type Listening } from "./listening.ts";

export interface ResourceManager extends Listening {
  /** `GET path` of every request. */
  readonly requests: readonly string[];
  /** Makes or replaces a resource; a list answers those directly under its path. */
  put(id: string, resource: Readonly<Record<string, unknown>>): void;
  remove(id: string): void;
  /** Paths that end so are answered with this status. */
  refuse(end: string, status: number): void;
}

export interface ResourceManagerOptions {
  /** Every request must carry one of these. */
  readonly acceptToken: (token: string) => boolean;
  /** Entries in a page of a list. Default 2, so that pages are always tried. */
  readonly pageSize?: number;
}

interface Entry {
  readonly id: string;
  readonly body: Readonly<Record<string, unknown>>;
}

/** Listens on 127.0.0.1, any free port. */
export async function startResourceManager({
  acceptToken,
  pageSize = 2,
}: ResourceManagerOptions): Promise<ResourceManager> {
  const resources = new Map<string, Entry>();
  const refused = new Map<string, number>();
  const requests: string[] = [];

  const handler = (request: IncomingMessage, response: ServerResponse) => {
    const url = new URL(request.url ?? "/", `http://${request.headers.host ?? "localhost"}`);
    const path = decodeURIComponent(url.pathname).toLowerCase().replace(/\/$/, "");
    requests.push(`${request.method ?? ""} ${path}`);
    const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? "")?.[1] ?? "";
    if (!acceptToken(token)) return answer(response, 401, {});
    if (!/^\d{4}-\d{2}-\d{2}/.test(url.searchParams.get("api-version") ?? "")) return answer(response, 400, {});
    const status = [...refused].find(([end]) => path.endsWith(end.toLowerCase()))?.[1];
    if (status !== undefined) return answer(response, status, {});
    const found = resources.get(path);
    if (found !== undefined) return answer(response, 200, found.body);
    // The last part of a list's path is a type, which has an even place: /subscriptions/ID/resources.
    const isList = path.split("/").length % 2 === 0;
    if (!isList) return answer(response, 404, { error: { code: "ResourceNotFound" } });
    const items = filtered([...resources.values()], path, url.searchParams.get("$filter") ?? "");
    const from = Number(url.searchParams.get("$skiptoken") ?? "0");
    const next = new URL(url);
    next.searchParams.set("$skiptoken", String(from + pageSize));
    const more = from + pageSize < items.length ? { nextLink: next.href } : {};
    return answer(response, 200, { value: items.slice(from, from + pageSize), ...more });
  };

  const listening = await listen(createServer(handler), "http", 0);
  return {
    ...listening,
    requests,
    put: (id, resource) => {
      resources.set(id.toLowerCase(), { id, body: { id, name: id.split("/").at(-1), ...resource } });
    },
    remove: (id) => {
      resources.delete(id.toLowerCase());
    },
    refuse: (end, status) => {
      refused.set(end, status);
    },
  };
}

function filtered(entries: readonly Entry[], path: string, filter: string) {
  const value = /(?:name|principalId) eq '([^']*)'$/.exec(filter)?.[1]?.toLowerCase();
  const type = /resourceType eq '([^']*)'/.exec(filter)?.[1]?.toLowerCase();
  return entries
    .filter(({ id, body }) => {
      const own = id.toLowerCase();
      if (type !== undefined)
        return own.startsWith(path.replace(/resources$/, "")) && own.endsWith(`/${type}/${value ?? ""}`);
      const under = parentOf(own) === path || inAnyGroup(own) === path;
      return under && (value === undefined || JSON.stringify(body).toLowerCase().includes(`"principalid":"${value}"`));
    })
    .map(({ body }) => body);
}

function parentOf(id: string): string {
  return id.slice(0, id.lastIndexOf("/"));
}

/** What a subscription lists as its own, whatever resource group it is in. */
function inAnyGroup(id: string): string {
  return parentOf(id).replace(/\/resourcegroups\/[^/]+/, "");
}

function answer(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}
