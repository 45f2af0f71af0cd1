/** One request that must be denied, and the words that the tables of them are written in. */

import { mergePatch } from "./api.ts";

export interface Denied {
  readonly what: string;
  readonly by: "rbac" | "cage" | "api";
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly path: string;
  readonly body?: unknown;
  readonly type?: string;
}

/** What `app` must have besides, for a thief to take away: as a label and annotation, and in its pod template. */
export const extra = "example.com/extra";
export const extraMetadata = { labels: { [extra]: "x" }, annotations: { [extra]: "x" } };

/** Names of what is there: a namespace that the map lets the bridge act in, and one that it does not name. */
export interface Ground {
  readonly namespace: string;
  readonly elsewhere: string;
  /** A pod and a pod status of `namespace`. */
  readonly pod: string;
  readonly podStatus: string;
}

export const jsonPatch = "application/json-patch+json";
export const strategic = "application/strategic-merge-patch+json";
export const apply = "application/apply-patch+yaml";
export const csi = "/apis/secrets-store.csi.x-k8s.io/v1";
export const rbac = "/apis/rbac.authorization.k8s.io/v1";
export const admission = "/apis/admissionregistration.k8s.io/v1";
export const label = "secrets-store.csi.k8s.io/managed";

/** A write, as a dry run: what is let through by mistake leaves the rest of the table as it was. */
export function change(
  what: string,
  by: Denied["by"],
  method: Denied["method"],
  path: string,
  body?: unknown,
  type: string = method === "PATCH" ? mergePatch : "application/json",
): Denied {
  const query = `${path.includes("?") ? "&" : "?"}dryRun=All${type === apply && !path.includes("fieldManager") ? "&fieldManager=thief" : ""}`;
  return { what, by, method, path: `${path}${query}`, type, ...(body === undefined ? {} : { body }) };
}
