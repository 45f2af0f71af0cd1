/** What a container gets at its start: its environment, and the files that its mounts show. */

import { at, isObject, listAt, objectAt, textAt } from "../json.ts";
import type { Json, JsonObject } from "../json.ts";
import { nameOf, namespaceOf } from "../objects.ts";
import type { SecretCache } from "./secret-cache.ts";

/** Files of one mounted volume by path. */
export type VolumeFiles = ReadonlyMap<string, Uint8Array>;

/** `problem` is what the kubelet says of a Secret or key that is not there. */
export type Inputs<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: string };

/** env and envFrom in Kubernetes' order: envFrom first, env over it. */
export function environment(pod: JsonObject, container: Json, secrets: SecretCache): Inputs<Record<string, string>> {
  const env: Record<string, string> = {};
  for (const source of listAt(container, "envFrom")) {
    const ref = at(source, "secretRef");
    if (ref === undefined) continue;
    const secret = secrets.find(namespaceOf(pod), textAt(ref, "name"));
    if (secret === undefined && at(ref, "optional") !== true)
      return missing(`secret "${textAt(ref, "name")}" not found`);
    for (const [key, value] of Object.entries(objectAt(secret, "data"))) {
      env[`${textAt(source, "prefix")}${key}`] = decoded(value).toString();
    }
  }
  for (const entry of listAt(container, "env")) {
    const name = textAt(entry, "name");
    const ref = at(entry, "valueFrom", "secretKeyRef");
    if (ref === undefined) {
      env[name] = textAt(entry, "value") || fieldValue(pod, textAt(entry, "valueFrom", "fieldRef", "fieldPath"));
      continue;
    }
    const secret = secrets.find(namespaceOf(pod), textAt(ref, "name"));
    const value = at(secret, "data", textAt(ref, "key"));
    if (value !== undefined) env[name] = decoded(value).toString();
    else if (at(ref, "optional") !== true) {
      const what = `secret ${namespaceOf(pod)}/${textAt(ref, "name")}`;
      const problem = `couldn't find key ${textAt(ref, "key")} in ${what}`;
      return missing(secret === undefined ? `secret "${textAt(ref, "name")}" not found` : problem);
    }
  }
  return { ok: true, value: env };
}

/** Files of a `secret` or `projected` volume. */
export function secretVolume(pod: JsonObject, volume: JsonObject, secrets: SecretCache): Inputs<VolumeFiles> {
  const files = new Map<string, Uint8Array>();
  const whole = at(volume, "secret");
  const sources = [
    ...(whole === undefined ? [] : [{ source: whole, name: textAt(whole, "secretName") }]),
    ...listAt(volume, "projected", "sources")
      .map((entry) => at(entry, "secret"))
      .filter(isObject)
      .map((source) => ({ source, name: textAt(source, "name") })),
  ];
  for (const { source, name } of sources) {
    const secret = secrets.find(namespaceOf(pod), name);
    const optional = at(source, "optional") === true;
    if (secret === undefined && !optional) return missing(`secret "${name}" not found`);
    const data = objectAt(secret, "data");
    const items = listAt(source, "items");
    const wanted = items.map((item) => [textAt(item, "key"), textAt(item, "path")] as const);
    for (const [key, path] of items.length === 0 ? Object.keys(data).map((key) => [key, key] as const) : wanted) {
      const value = data[key];
      if (value !== undefined) files.set(path, decoded(value));
      else if (!optional) return missing(`references non-existent secret key: ${key}`);
    }
  }
  return { ok: true, value: files };
}

/** Text of each file that the container sees, by its whole path. */
export function visibleFiles(container: Json, volumes: ReadonlyMap<string, VolumeFiles>): Record<string, string> {
  const seen: Record<string, string> = {};
  for (const mount of listAt(container, "volumeMounts")) {
    const subPath = textAt(mount, "subPath");
    const root = textAt(mount, "mountPath");
    for (const [path, bytes] of volumes.get(textAt(mount, "name")) ?? []) {
      const below = subPath === "" ? `/${path}` : path === subPath ? "" : undefined;
      const nested = subPath !== "" && path.startsWith(`${subPath}/`) ? path.slice(subPath.length) : below;
      if (nested !== undefined) seen[`${root}${nested}`] = new TextDecoder().decode(bytes);
    }
  }
  return seen;
}

/** Names of the volumes that a container of the pod mounts: the kubelet skips all others. */
export function mountedVolumes(pod: JsonObject): readonly JsonObject[] {
  const containers = [...listAt(pod, "spec", "initContainers"), ...listAt(pod, "spec", "containers")];
  const names = new Set(
    containers.flatMap((container) => listAt(container, "volumeMounts").map((mount) => textAt(mount, "name"))),
  );
  return listAt(pod, "spec", "volumes")
    .filter(isObject)
    .filter((volume) => names.has(textAt(volume, "name")));
}

function decoded(value: Json): Buffer {
  return Buffer.from(typeof value === "string" ? value : "", "base64");
}

function fieldValue(pod: JsonObject, path: string): string {
  if (path === "metadata.name") return nameOf(pod);
  return path === "metadata.namespace" ? namespaceOf(pod) : "";
}

function missing(problem: string): { readonly ok: false; readonly problem: string } {
  return { ok: false, problem };
}
