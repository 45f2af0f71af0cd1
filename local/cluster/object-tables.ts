/** Where the objects are: one table per kind, one rising version for all, and what happened to each (as etcd). */

import { objectAt, textAt } from "./json.ts";
import type { JsonObject } from "./json.ts";
import { resourceKinds } from "./kinds.ts";
import type { KindName } from "./kinds.ts";
import { matchesSelector } from "./labels.ts";
import { scope } from "./store-rules.ts";
import { WatchLog } from "./watch-log.ts";
import type { WatchListener } from "./watch-log.ts";

interface Table {
  /** By namespace ("" for cluster-scoped kinds), then by name. */
  readonly namespaces: Map<string, Map<string, JsonObject>>;
  readonly log: WatchLog;
}

export class ObjectTables {
  readonly #tables: ReadonlyMap<KindName, Table>;
  #version = 0;

  constructor(watchHistory: number) {
    const kinds = Object.values(resourceKinds);
    this.#tables = new Map(kinds.map(({ kind }) => [kind, { namespaces: new Map(), log: new WatchLog(watchHistory) }]));
  }

  get version(): string {
    return String(this.#version);
  }

  find(kind: KindName, namespace: string, name: string): JsonObject | undefined {
    return this.#table(kind).namespaces.get(scope(resourceKinds[kind], namespace))?.get(name);
  }

  /** By namespace, then name. */
  list(kind: KindName, namespace: string | undefined, labelSelector: string): readonly JsonObject[] {
    const { namespaces } = this.#table(kind);
    const chosen = namespace === undefined ? [...namespaces.keys()].sort() : [scope(resourceKinds[kind], namespace)];
    const none: ReadonlyMap<string, JsonObject> = new Map();
    return chosen.flatMap((space) =>
      [...(namespaces.get(space) ?? none)]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([, object]) => object)
        .filter((object) => labelSelector === "" || matchesSelector(object, labelSelector)),
    );
  }

  /** Keeps the object under the next version, which it gets as its resourceVersion. */
  put(kind: KindName, type: "ADDED" | "MODIFIED", object: JsonObject): JsonObject {
    const { namespaces, log } = this.#table(kind);
    const stored = this.#numbered(object);
    const place = scope(resourceKinds[kind], textAt(object, "metadata", "namespace"));
    const space = namespaces.get(place) ?? new Map<string, JsonObject>();
    namespaces.set(place, space.set(textAt(object, "metadata", "name"), stored));
    log.push(this.#version, { type, object: stored });
    return stored;
  }

  remove(kind: KindName, object: JsonObject): JsonObject {
    const { namespaces, log } = this.#table(kind);
    const last = this.#numbered(object);
    const place = scope(resourceKinds[kind], textAt(object, "metadata", "namespace"));
    const space = namespaces.get(place);
    space?.delete(textAt(object, "metadata", "name"));
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
