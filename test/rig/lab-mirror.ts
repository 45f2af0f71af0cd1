/** The workshop's objects on a rig as they are now, kept by watches, beside what its containers started with. */

import type { JsonObject } from "../../local/cluster/json.ts";
import { uidOf } from "../../local/cluster/objects.ts";
import type { LabChange, LabKind } from "../../local/demo/lab-cluster.ts";
import { namespace } from "../../local/demo/lab-manifests.ts";
import type { ContainerStart } from "./records.ts";
import type { Rig } from "./rig.ts";
import { type Watching, watchKind } from "./watch.ts";

export interface LabMirror {
  objects(kind: LabKind): readonly JsonObject[];
  watch(kind: LabKind, tell: (change: LabChange) => void): void;
  /** At least those of every container that `objects` shows as started. */
  starts(): readonly ContainerStart[];
  /** Why it no longer shows what is; undefined while it does. */
  broken(): string | undefined;
  close(): Promise<void>;
}

const kinds = ["Deployment", "Pod", "Secret", "SecretProviderClassPodStatus"] as const;

/** Begin before the workshop is applied. */
export async function mirrorLab(rig: Rig): Promise<LabMirror> {
  const tables = new Map<LabKind, Map<string, JsonObject>>(kinds.map((kind) => [kind, new Map()]));
  const listeners = new Map<LabKind, ((change: LabChange) => void)[]>(kinds.map((kind) => [kind, []]));
  let starts: readonly ContainerStart[] = [];
  let problem: string | undefined;
  let last = Promise.resolve();

  async function take(kind: LabKind, change: LabChange): Promise<void> {
    // A kubelet writes a start down before it tells the API server of it.
    if (kind === "Pod") starts = (await rig.starts()).filter((start) => start.namespace === namespace);
    const table = tables.get(kind);
    if (change.type === "DELETED") table?.delete(uidOf(change.object));
    else table?.set(uidOf(change.object), change.object);
    for (const tell of listeners.get(kind) ?? []) tell(change);
  }

  /** One after the other, in the order in which they came. */
  function queue(kind: LabKind, change: LabChange): void {
    const before = last;
    last = (async () => {
      await before;
      await take(kind, change);
    })().catch((error: unknown) => {
      problem ??= error instanceof Error ? error.message : "A change could not be shown.";
    });
  }

  const watches: Watching[] = [];
  const close = async () => void (await Promise.all(watches.map((watch) => watch.close())));
  try {
    for (const kind of kinds) watches.push(await watchKind(rig, kind, namespace, (seen) => queue(kind, seen)));
  } catch (error) {
    await close();
    throw error;
  }
  return {
    objects: (kind) => [...(tables.get(kind)?.values() ?? [])],
    watch: (kind, tell) => void listeners.get(kind)?.push(tell),
    starts: () => starts,
    broken: () => problem ?? watches.map((watch) => watch.broken()).find((why) => why !== undefined),
    close,
  };
}
