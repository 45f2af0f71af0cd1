/**
 * Of which bytes is Stakater Reloader's trace? Reloader leaves on the pod template, and so on its pods, a hash of the
 * data that it saw in the Secret. Without it a trace tells only that something changed: another key of the Secret,
 * another Secret, a ConfigMap.
 * Source: stakater/Reloader, internal/pkg/util/util.go (`GetSHAfromSecret`, `ConvertToEnvVarName`), crypto/sha.go (SHA-1,
 * later SHA-512/256) and util/reload_source.go (the annotation).
 */

import { createHash } from "node:crypto";
import type { SyncedSecret } from "../observed.ts";
import { annotation } from "./metadata.ts";
import { field, list, text } from "./read.ts";

/** Name of Reloader's env variable for a Secret -> the hash of the Secret's data. */
export type ReloaderTraces = ReadonlyMap<string, string>;

export const reloadedFromAnnotation = "reloader.stakater.com/last-reloaded-from";

/** The traces of a pod: env variables, or the annotation of Reloader's other strategy. */
export function reloaderTraces(pod: unknown): ReloaderTraces {
  const variables = ["containers", "initContainers"]
    .flatMap((name) => list(field(pod, "spec", name)))
    .flatMap((container) => list(field(container, "env")))
    .flatMap((entry) => pair(text(field(entry, "name")), text(field(entry, "value"))))
    .filter(([name]) => /^STAKATER_.*_SECRET$/.test(name));
  return new Map([...variables, ...fromAnnotation(annotation(pod, reloadedFromAnnotation))]);
}

/** Reloader restarted the pod's workload for this Secret, when it held what it holds now. */
export function areOfPresentData(traces: ReloaderTraces, secret: SyncedSecret): boolean {
  const trace = traces.get(variableOf(secret.name));
  const algorithm = trace?.length === 64 ? "sha512-256" : "sha1";
  return trace !== undefined && trace === hashOf(secret, algorithm);
}

/** Go sorts the pairs by their bytes, which are these characters. */
function hashOf({ data }: SyncedSecret, algorithm: "sha1" | "sha512-256"): string {
  const pairs = [...data].map(([key, value]) => `${key}=${Buffer.from(value.reveal()).toString("latin1")}`);
  return createHash(algorithm).update(pairs.sort().join(";"), "latin1").digest("hex");
}

function fromAnnotation(source: string | undefined): readonly (readonly [string, string])[] {
  const parsed = parseJson(source ?? "");
  // `type` is SECRET, or CONFIGMAP, or SECRETPROVIDERCLASS.
  if (text(field(parsed, "type")) !== "SECRET") return [];
  const name = text(field(parsed, "name"));
  return pair(name === undefined ? undefined : variableOf(name), text(field(parsed, "hash")));
}

function variableOf(secret: string): string {
  return `STAKATER_${secret.toUpperCase().replaceAll(/[^A-Z0-9]+/g, "_")}_SECRET`;
}

function pair(name: string | undefined, value: string | undefined): readonly (readonly [string, string])[] {
  return name === undefined || value === undefined ? [] : [[name, value]];
}

function parseJson(source: string): unknown {
  try {
    return JSON.parse(source);
  } catch {
    return undefined;
  }
}
