/** What the API server refuses of a Secret: the rules that a writer of synced Secrets can meet. */

import { ApiError } from "./api-error.ts";
import { at, equal, objectAt, textAt, without } from "./json.ts";
import type { JsonObject } from "./json.ts";

/** A Secret as it will be stored: `stringData` folded into `data`, a missing type set. */
export function defaultedSecret(secret: JsonObject): JsonObject {
  const rest = without(secret, "stringData");
  const texts = objectAt(secret, "stringData");
  const added = Object.keys(texts).map((key) => [key, Buffer.from(textAt(texts, key)).toString("base64")] as const);
  const data = { ...objectAt(rest, "data"), ...Object.fromEntries(added) };
  return { ...rest, type: textAt(rest, "type") || "Opaque", ...(Object.keys(data).length > 0 ? { data } : {}) };
}

/** Throws the API's answer to a Secret that it would not store; `before` is undefined for a new one. */
export function checkSecret(secret: JsonObject, before: JsonObject | undefined): void {
  const data = objectAt(secret, "data");
  let size = 0;
  for (const [key, value] of Object.entries(data)) {
    if (typeof value !== "string" || !isBase64(value)) {
      throw new ApiError(400, "BadRequest", `Secret: data[${key}] is not base64`);
    }
    if (!/^[-._a-zA-Z0-9]{1,253}$/.test(key) || key === "." || key.startsWith("..")) {
      throw invalid(secret, `data[${key}]: Invalid value: a valid config key must consist of [-._a-zA-Z0-9]+`);
    }
    size += Buffer.byteLength(value, "base64");
  }
  if (size > 1024 * 1024) throw invalid(secret, "data: Too long: may not be more than 1048576 bytes");
  checkKeysOfType(secret, data);
  if (before === undefined) return;
  if (textAt(secret, "type") !== textAt(before, "type")) throw invalid(secret, "type: field is immutable");
  if (at(before, "immutable") !== true) return;
  if (at(secret, "immutable") !== true) throw invalid(secret, "immutable: field is immutable when `immutable` is set");
  if (!equal(data, objectAt(before, "data"))) {
    throw invalid(secret, "data: field is immutable when `immutable` is set");
  }
}

const neededKeys: Readonly<Record<string, readonly string[]>> = {
  "kubernetes.io/tls": ["tls.crt", "tls.key"],
  "kubernetes.io/dockerconfigjson": [".dockerconfigjson"],
  "kubernetes.io/dockercfg": [".dockercfg"],
  "kubernetes.io/ssh-auth": ["ssh-privatekey"],
};

function checkKeysOfType(secret: JsonObject, data: JsonObject): void {
  const type = textAt(secret, "type");
  for (const key of neededKeys[type] ?? []) {
    if (!Object.hasOwn(data, key)) throw invalid(secret, `data[${key}]: Required value`);
    if (type.startsWith("kubernetes.io/docker") && !isJson(textAt(data, key))) {
      throw invalid(secret, `data[${key}]: Invalid value: not JSON`);
    }
  }
  if (type === "kubernetes.io/basic-auth" && !("username" in data) && !("password" in data)) {
    throw invalid(secret, "data[username]: Required value");
  }
}

function invalid(secret: JsonObject, problem: string): ApiError {
  return new ApiError(422, "Invalid", `Secret "${textAt(secret, "metadata", "name")}" is invalid: ${problem}`);
}

function isBase64(text: string): boolean {
  return text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text);
}

function isJson(base64: string): boolean {
  try {
    JSON.parse(Buffer.from(base64, "base64").toString());
    return true;
  } catch {
    return false;
  }
}
