/**
 * All classes of a cluster, or of some namespaces, as they are now. A page of them is listed at each use: 500 cost less
 * than a watch's silence, and a list leaves nothing out. More of them are kept, and caught up by a short watch (measured:
 * 1 ms instead of 350 ms for 10,000), which a starved API server can answer too late. It says where to look, never what
 * to do: such a change is found by the next look.
 */

import { metadataOf } from "../../core/kubernetes/metadata.ts";
import { parseProviderClass } from "../../core/parse-provider-class.ts";
import type { ProviderClass } from "../../core/provider-class.ts";
import { RemoteProblem } from "../../core/remote-problem.ts";
import type { ClassChange, WatchResult } from "./class-watch.ts";
import type { WholeList } from "./paging.ts";

interface Entry {
  readonly resourceVersion: string;
  readonly parsed: ProviderClass;
}

/** Classes of the cluster, or of one namespace. */
export interface ClassSource {
  list(): Promise<WholeList>;
  changes(resourceVersion: string): Promise<WatchResult>;
}

/** Gives the classes as they are now. Calls at the same time share one look. Up to `listUpTo` of them are listed anew. */
export function createClassIndex(source: ClassSource, listUpTo: number): () => Promise<readonly ProviderClass[]> {
  let known: { readonly classes: Map<string, Entry>; resourceVersion: string } | undefined;
  let running: Promise<readonly ProviderClass[]> | undefined;

  async function look(): Promise<readonly ProviderClass[]> {
    const result =
      known === undefined || known.classes.size <= listUpTo
        ? "expired"
        : await changesOrExpired(source, known.resourceVersion);
    if (known === undefined || result === "expired") {
      const before = known?.classes;
      const { items, resourceVersion } = await source.list();
      known = { classes: new Map(items.map((item) => entryOf(item, before))), resourceVersion };
    } else {
      for (const change of result.changes) apply(known.classes, change);
      known.resourceVersion = result.resourceVersion;
    }
    return [...known.classes.values()].map(({ parsed }) => parsed);
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

function apply(classes: Map<string, Entry>, { type, object }: ClassChange): void {
  const [key, entry] = entryOf(object, classes);
  if (type === "DELETED") classes.delete(key);
  else classes.set(key, entry);
}

/** What did not change is not parsed again. */
function entryOf(raw: unknown, before: ReadonlyMap<string, Entry> | undefined): readonly [string, Entry] {
  const { namespace, name, resourceVersion } = metadataOf(raw);
  const key = `${namespace}/${name}`;
  const known = before?.get(key);
  if (known !== undefined && known.resourceVersion === resourceVersion && resourceVersion !== "") return [key, known];
  return [key, { resourceVersion, parsed: parseProviderClass(raw) }];
}
