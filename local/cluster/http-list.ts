/** Lists in pages: `limit` and `continue`, all pages of one list from the same moment. */

import { ApiError } from "./api-error.ts";
import type { Route } from "./http-route.ts";
import type { JsonObject } from "./json.ts";
import { apiVersion } from "./kinds.ts";
import type { ObjectList, Store } from "./store.ts";

/** The lists whose next page somebody may still ask for. The oldest are forgotten, as etcd's compaction does. */
export class ListSnapshots {
  readonly #lists = new Map<string, ObjectList>();
  #next = 0;

  keep(list: ObjectList): string {
    this.#next += 1;
    const id = String(this.#next);
    this.#lists.set(id, list);
    const oldest = [...this.#lists.keys()][0];
    if (this.#lists.size > 50 && oldest !== undefined) this.#lists.delete(oldest);
    return id;
  }

  get(id: string): ObjectList {
    const list = this.#lists.get(id);
    if (list === undefined) throw new ApiError(410, "Expired", "The provided continue parameter is too old.");
    return list;
  }
}

/** One page as the API answers it; 410 where the continue token is not known (any more). */
export function listPage(store: Store, snapshots: ListSnapshots, route: Route, query: URLSearchParams): JsonObject {
  const [id, from] = (query.get("continue") ?? "").split(".");
  const known = id !== undefined && id !== "";
  const selector = query.get("labelSelector") ?? "";
  const list = known
    ? snapshots.get(id)
    : store.list(route.kind.kind, route.namespace, selector === "" ? {} : { labelSelector: selector });
  const start = known ? Number(from ?? 0) : 0;
  const limit = Number(query.get("limit") ?? 0);
  const end = limit > 0 ? Math.min(start + limit, list.items.length) : list.items.length;
  const more = end < list.items.length;
  return {
    kind: `${route.kind.kind}List`,
    apiVersion: apiVersion(route.kind),
    metadata: {
      resourceVersion: list.resourceVersion,
      ...(more ? { continue: `${known ? id : snapshots.keep(list)}.${end}` } : {}),
      ...(more && selector === "" ? { remainingItemCount: list.items.length - end } : {}),
    },
    items: list.items.slice(start, end),
  };
}
