/** Where the objects are: one table per kind, one rising version for all, and what happened to each (as etcd). */

import { objectAt, textAt } from "./json.ts";
import type { JsonObject } from "./json.ts";
import { resourceKinds } from "./kinds.ts";
import type { KindName } from "./kinds.ts";
import { selectorOf } from "./labels.ts";
import { scope } from "./store-rules.ts";
import { WatchLog } from "./watch-log.ts";
import type { WatchListener } from "./watch-log.ts";

interface Table {
  /** By namespace ("" for cluster-scoped kinds), then by name. */
  readonly namespaces: Map<string, Map<string, JsonObject>>;
  /** The objects of a namespace by name, for as long as none of them changes. */
  readonly sorted: Map<string, readonly JsonObject[]>;
  readonly log: WatchLog;
}

export class ObjectTables {
  readonly #tables: ReadonlyMap<KindName, Table>;
  #version = 0;

  constructor(watchHistory: number) {
    const kinds = Object.values(resourceKinds);
    this.#tables = new Map(kinds.map(({ kind }) => [kind, newTable(watchHistory)]));
  }

  get version(): string {
    return String(this.#version);
  }

  find(kind: KindName, namespace: string, name: string): JsonObject | undefined {
    return this.#table(kind).namespaces.get(scope(resourceKinds[kind], namespace))?.get(name);
  }

  /** By namespace, then name. */
  list(kind: KindName, namespace: string | undefined, labelSelector: string): readonly JsonObject[] {
    const table = this.#table(kind);
    const all =
      namespace === undefined
        ? [...table.namespaces.keys()].sort().flatMap((place) => sortedIn(table, place))
        : sortedIn(table, scope(resourceKinds[kind], namespace));
    return labelSelector === "" ? all : all.filter(selectorOf(labelSelector));
  }

  /** Keeps the object under the next version, which it gets as its resourceVersion. */
  put(kind: KindName, type: "ADDED" | "MODIFIED", object: JsonObject): JsonObject {
    const { namespaces, sorted, log } = this.#table(kind);
    const stored = this.#numbered(object);
    const place = scope(resourceKinds[kind], textAt(object, "metadata", "namespace"));
    const space = namespaces.get(place) ?? new Map<string, JsonObject>();
    namespaces.set(place, space.set(textAt(object, "metadata", "name"), stored));
    sorted.delete(place);
    log.push(this.#version, { type, object: stored });
    return stored;
  }

  remove(kind: KindName, object: JsonObject): JsonObject {
    const { namespaces, sorted, log } = this.#table(kind);
    const last = this.#numbered(object);
    const place = scope(resourceKinds[kind], textAt(object, "metadata", "namespace"));
    const space = namespaces.get(place);
    space?.delete(textAt(object, "metadata", "name"));
    sorted.delete(place);
    if (space?.size === 0) namespaces.delete(place);
    log.push(this.#version, { type: "DELETED", object: last });
    return last;
  }

  watch(kind: KindName, fromVersion: string | undefined, listener: WatchListener): () => void {
    const { log } = this.#table(kind);
    if (fromVersion !== undefined && fromVersion !== "" && fromVersion !== "0") {
      return log.follow(Number(fromVersion), listener);
    }
    for (const object of this.list(kind, undefined, "")) listener({ type: "ADDED", object });
    return log.follow(this.#version, listener);
  }

  compact(): void {
    for (const { log } of this.#tables.values()) log.forget(this.#version);
  }

  #numbered(object: JsonObject): JsonObject {
    this.#version += 1;
    return { ...object, metadata: { ...objectAt(object, "metadata"), resourceVersion: this.version } };
  }

  #table(kind: KindName): Table {
    const table = this.#tables.get(kind);
    if (table === undefined) throw new Error(`The store has no table for ${kind}.`);
    return table;
  }
}

function newTable(watchHistory: number): Table {
  return { namespaces: new Map(), sorted: new Map(), log: new WatchLog(watchHistory) };
}

function sortedIn({ namespaces, sorted }: Table, place: string): readonly JsonObject[] {
  const known = sorted.get(place);
  if (known !== undefined) return known;
  const space = [...(namespaces.get(place) ?? [])];
  const objects = space.sort(([a], [b]) => (a < b ? -1 : 1)).map(([, object]) => object);
  sorted.set(place, objects);
  return objects;
}
