/** What a URL's path names. */

import { resourceKinds } from "./kinds.ts";
import type { ResourceKind } from "./kinds.ts";

export interface Route {
  readonly kind: ResourceKind;
  /** Absent: all namespaces, or a cluster-scoped object. */
  readonly namespace: string | undefined;
  /** Absent for a list or a watch. */
  readonly name: string | undefined;
  readonly subresource: string | undefined;
}

/** `/api/v1/…` and `/apis/<group>/<version>/…`; undefined for what the store does not keep. */
export function routeOf(path: string): Route | undefined {
  const parts = path
    .split("/")
    .filter((part) => part !== "")
    .map(decodeURIComponent);
  const [head, ...tail] = parts;
  const [group, version, ...rest] = head === "api" ? ["", ...tail] : head === "apis" ? tail : [];
  const inNamespace = rest[0] === "namespaces" && rest.length > 2;
  const [plural, name, subresource] = inNamespace ? rest.slice(2) : rest;
  const kind = Object.values(resourceKinds).find(
    (one) => one.group === group && one.version === version && one.plural === plural,
  );
  if (kind === undefined || (name !== undefined && kind.namespaced !== inNamespace)) return undefined;
  return { kind, namespace: inNamespace ? rest[1] : undefined, name, subresource };
}
