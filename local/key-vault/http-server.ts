/**
 * The REST API of one stand-in vault, as the Azure SDKs and curl talk to it: challenge, secrets, certificates and keys,
 * versions in pages, setting secrets and disabling. Shapes follow the Key Vault REST reference (API 7.x and later).
 */

import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import type { ObjectType } from "../../shared/core/vault-object.ts";
import { listen, type Listening } from "../listening.ts";
import { bundle, collections, currentItem, item, setRequest, updateRequest } from "./bundles.ts";
import { notFound, type StoreAnswer, type StoreError } from "./store-answers.ts";
import type { VaultStore } from "./vault-store.ts";

export interface KeyVaultServerOptions {
  readonly store: VaultStore;
  /** The vault of the store that this server is. It exists from now on. */
  readonly vault: string;
  /** With a key and a certificate (PEM) it speaks HTTPS; without, plain HTTP, which only loopback clients accept. */
  readonly https?: { readonly key: string; readonly cert: string };
  /** Is this bearer token good? Any non-empty one is, by default. */
  readonly acceptToken?: (token: string) => boolean;
  /** 0, the default, is any free port. */
  readonly port?: number;
}

export interface KeyVaultServer extends Listening {
  /** One line for each request that carried a good token: method and decoded path. */
  readonly requests: readonly string[];
}

/** Listens on 127.0.0.1. `close` also breaks off requests that hang. */
export async function startKeyVault(options: KeyVaultServerOptions): Promise<KeyVaultServer> {
  const requests: string[] = [];
  options.store.addVault(options.vault);
  const handler = (request: IncomingMessage, response: ServerResponse) => {
    serve(options, requests, request, response).catch(() => response.destroy());
  };
  const server = options.https === undefined ? createHttpServer(handler) : createHttpsServer(options.https, handler);
  const listening = await listen(server, options.https === undefined ? "http" : "https", options.port ?? 0);
  return { ...listening, requests };
}

async function serve(
  options: KeyVaultServerOptions,
  requests: string[],
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const body = await textOf(request);
  const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? "")?.[1];
  if (token === undefined || !(options.acceptToken?.(token) ?? true)) return challenge(response);
  const scheme = options.https === undefined ? "http" : "https";
  const url = new URL(request.url ?? "/", `${scheme}://${request.headers.host ?? "localhost"}`);
  const path = url.pathname.split("/").filter((part) => part !== "");
  const [collection, name, version] = path.map((part) => decodeURIComponent(part));
  requests.push(`${request.method ?? ""} /${path.map((part) => decodeURIComponent(part)).join("/")}`);
  if (!url.searchParams.has("api-version"))
    return badParameter(response, "The api-version query parameter is missing.");
  const type = types.get(collection ?? "");
  if (type === undefined || path.length > 3) {
    return badParameter(response, "The request URI contains an invalid name.");
  }
  if (name === undefined) {
    if (request.method !== "GET") return badParameter(response, "The request URI contains an invalid name.");
    const whole = { store: options.store, vault: options.vault, url, type, name: "", version: undefined, body };
    return give(whole, options.store.answer(options.vault, "", { type, call: "objects" }), response);
  }
  if (!/^[0-9a-zA-Z-]{1,127}$/.test(name)) return badParameter(response, "The request URI contains an invalid name.");
  const asked = { store: options.store, vault: options.vault, url, type, name, version, body };
  if (request.method === "GET") return read(asked, response);
  return write(asked, request.method ?? "", response);
}

const types: ReadonlyMap<string, ObjectType> = new Map([
  [collections.secret, "secret"],
  [collections.cert, "cert"],
  [collections.key, "key"],
]);

interface Asked {
  readonly store: VaultStore;
  readonly vault: string;
  readonly url: URL;
  readonly type: ObjectType;
  readonly name: string;
  readonly version: string | undefined;
  readonly body: string;
}

function read(asked: Asked, response: ServerResponse): Promise<void> {
  const { store, vault, type, name, version } = asked;
  const answer =
    version === "versions"
      ? store.answer(vault, name, { type, call: "list" })
      : store.answer(vault, name, { type, call: "get", version });
  return give(asked, answer, response);
}

async function give(asked: Asked, answer: StoreAnswer, response: ServerResponse): Promise<void> {
  const { url, type, name } = asked;
  switch (answer.kind) {
    case "found":
      return json(response, 200, bundle(url.origin, type, name, answer.version));
    case "list":
      return page(
        url,
        answer.versions.map((version) => item(url.origin, type, name, version)),
        response,
      );
    case "objects":
      return page(
        url,
        answer.objects.map((object) => currentItem(url.origin, type, object.name, object.version)),
        response,
      );
    case "slow":
      await asked.store.clock.sleep(answer.ms);
      return give(asked, answer.answer, response);
    case "error":
      return failure(response, answer);
    case "reset":
      response.socket?.resetAndDestroy();
      return;
    case "hang":
      return;
  }
}

/** One page of a list: 25 items at most, as the service gives them, and where the next page is. */
function page(url: URL, items: readonly object[], response: ServerResponse): void {
  const from = Number(url.searchParams.get("$skiptoken") ?? "0");
  const size = Math.min(25, Number(url.searchParams.get("maxresults") ?? "25"));
  const apiVersion = encodeURIComponent(url.searchParams.get("api-version") ?? "");
  const next = `${url.origin}${url.pathname}?api-version=${apiVersion}&maxresults=${size}&$skiptoken=${from + size}`;
  json(response, 200, { value: items.slice(from, from + size), nextLink: from + size < items.length ? next : null });
}

function write(asked: Asked, method: string, response: ServerResponse): void {
  const { store, vault, url, type, name, version, body } = asked;
  if (method === "PUT" && type === "secret" && version === undefined) {
    const set = setRequest(body);
    if (set === undefined) return badParameter(response, "The parameter is invalid.");
    const made = store.setSecret(vault, name, set.value, set.options);
    return json(response, 200, bundle(url.origin, type, name, made));
  }
  const found = store.versions(vault, name, type).find((other) => other.version === version);
  if (method === "PATCH" && found !== undefined) {
    const update = updateRequest(body);
    if (update === undefined) return badParameter(response, "The parameter is invalid.");
    if (update.enabled) store.enable(vault, name, found.version, type);
    else store.disable(vault, name, found.version, type);
    return json(response, 200, item(url.origin, type, name, { ...found, enabled: update.enabled }));
  }
  if (method === "DELETE" && version === undefined) {
    const newest = store.versions(vault, name, type).at(-1);
    if (newest !== undefined) {
      store.remove(vault, name, type);
      return json(response, 200, item(url.origin, type, name, newest));
    }
  }
  return failure(response, notFound(type, name));
}

/** Sent to whoever has no token: it says for which resource to get one. */
function challenge(response: ServerResponse): void {
  const tenant = "https://login.microsoftonline.com/00000000-0000-0000-0000-000000000000";
  response.setHeader("WWW-Authenticate", `Bearer authorization="${tenant}", resource="https://vault.azure.net"`);
  failure(response, {
    kind: "error",
    status: 401,
    code: "Unauthorized",
    message: "AKV10000: Request is missing a Bearer or PoP token.",
  });
}

function badParameter(response: ServerResponse, message: string): void {
  failure(response, { kind: "error", status: 400, code: "BadParameter", message });
}

function failure(response: ServerResponse, { status, code, innerCode, message, retryAfterSeconds }: StoreError): void {
  if (retryAfterSeconds !== undefined) response.setHeader("Retry-After", String(retryAfterSeconds));
  const inner = innerCode === undefined ? {} : { innererror: { code: innerCode } };
  json(response, status, { error: { code, message, ...inner } });
}

function json(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { "Content-Type": "application/json; charset=utf-8", "Cache-Control": "no-cache" });
  response.end(JSON.stringify(body));
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of request) if (chunk instanceof Uint8Array) chunks.push(chunk);
  return Buffer.concat(chunks).toString("utf8");
}
