/**
 * All classes of a cluster, or of some namespaces, kept in memory: listed once, then caught up by a short watch
 * before each use (measured: 1 ms instead of 350 ms for 10,000 classes). It says where to look, never what to do, so
 * a change that comes a moment too late is found by the next look.
 */

import { metadataOf } from "../../core/kubernetes/metadata.ts";
import { parseProviderClass } from "../../core/parse-provider-class.ts";
import type { ProviderClass } from "../../core/provider-class.ts";
import { RemoteProblem } from "../../core/remote-problem.ts";
import type { ClassChange, WatchResult } from "./class-watch.ts";
import type { WholeList } from "./paging.ts";

/** Classes of the cluster, or of one namespace. */
export interface ClassSource {
  list(): Promise<WholeList>;
  changes(resourceVersion: string): Promise<WatchResult>;
}

/** Gives the classes as they are now. Calls at the same time share one look. */
export function createClassIndex(source: ClassSource): () => Promise<readonly ProviderClass[]> {
  let known: { readonly classes: Map<string, ProviderClass>; resourceVersion: string } | undefined;
  let running: Promise<readonly ProviderClass[]> | undefined;

  async function look(): Promise<readonly ProviderClass[]> {
    const result = known === undefined ? "expired" : await changesOrExpired(source, known.resourceVersion);
    if (known === undefined || result === "expired") {
      const { items, resourceVersion } = await source.list();
      known = { classes: new Map(items.map((item) => [keyOf(item), parseProviderClass(item)])), resourceVersion };
    } else {
      for (const change of result.changes) apply(known.classes, change);
      known.resourceVersion = result.resourceVersion;
    }
    return [...known.classes.values()];
  }

  return () => {
    running ??= look().finally(() => {
      running = undefined;
    });
    return running;
  };
}

/** A watch that fails for whatever reason is answered by a list, which tells by itself what is wrong. */
async function changesOrExpired(source: ClassSource, resourceVersion: string): Promise<WatchResult> {
  if (resourceVersion === "") return "expired";
  try {
    return await source.changes(resourceVersion);
  } catch (error) {
    if (error instanceof RemoteProblem) return "expired";
    throw error;
  }
}

function apply(classes: Map<string, ProviderClass>, { type, object }: ClassChange): void {
  if (type === "DELETED") classes.delete(keyOf(object));
  else classes.set(keyOf(object), parseProviderClass(object));
}

function keyOf(raw: unknown): string {
  const { namespace, name } = metadataOf(raw);
  return `${namespace}/${name}`;
}
