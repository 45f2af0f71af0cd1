/** The real API server as the contracts' cases see what a cluster holds: the admin's plain requests. */

import { isObject, textAt, toJson } from "../../local/cluster/json.ts";
import type { JsonObject } from "../../local/cluster/json.ts";
import { apiVersion, resourceKinds } from "../../local/cluster/kinds.ts";
import type { KindName } from "../../local/cluster/kinds.ts";
import type { Holdings } from "../contract/cluster-checks.ts";
import { type Api, mergePatch } from "./api.ts";

export function holdingsOf(admin: Api): Holdings {
  const found = async (kind: KindName, namespace: string, name: string) => {
    const { status, body } = await admin.call("GET", `${collection(kind, namespace)}/${name}`);
    if (status === 404) return undefined;
    if (status >= 400) throw new Error(`The admin could not read ${kind} ${namespace}/${name}: ${status}.`);
    return objectOf(body);
  };
  return {
    async put(kind, object, fieldManager = "kubectl") {
      const type = resourceKinds[kind];
      const whole = objectOf({ ...object, apiVersion: apiVersion(type), kind });
      const namespace = textAt(whole, "metadata", "namespace");
      const query = `?fieldManager=${fieldManager}`;
      const made = objectOf(await admin.must("POST", `${collection(kind, namespace)}${query}`, whole));
      const status = whole["status"];
      if (status === undefined || !type.statusSubresource) return made;
      // A new object has no status yet, whatever its maker says.
      const path = `${collection(kind, namespace)}/${textAt(whole, "metadata", "name")}/status${query}`;
      return objectOf(await admin.must("PATCH", path, { status }, mergePatch));
    },
    async get(kind, namespace, name) {
      const object = await found(kind, namespace, name);
      if (object === undefined) throw new Error(`There is no ${kind} ${namespace}/${name}.`);
      return object;
    },
    find: found,
    patch: async (kind, namespace, name, patch, fieldManager) => {
      const path = `${collection(kind, namespace)}/${name}?fieldManager=${fieldManager}`;
      return objectOf(await admin.must("PATCH", path, patch, mergePatch));
    },
    delete: async (kind, namespace, name) =>
      void (await admin.must("DELETE", `${collection(kind, namespace)}/${name}`)),
  };
}

/** Path of a kind's objects; with an empty namespace those of the cluster. */
export function collection(kind: KindName, namespace: string): string {
  const type = resourceKinds[kind];
  const root = type.group === "" ? "/api/v1" : `/apis/${apiVersion(type)}`;
  const place = type.namespaced && namespace !== "" ? `/namespaces/${namespace}` : "";
  return `${root}${place}/${type.plural}`;
}

export function objectOf(value: unknown): JsonObject {
  const json = toJson(value);
  if (!isObject(json)) throw new TypeError("The API server's answer is no object.");
  return json;
}
