/**
 * Does on a real cluster what Stakater Reloader does by default: when the data of a Secret changes, it sets an env
 * variable with a hash of it on the Deployments that ask for that (`reloader.stakater.com/auto`) and read the Secret.
 * Source: internal/pkg/handler/upgrade.go of stakater/Reloader. `local/cluster/reloader.ts` is its like on the stand-in.
 */

import { canonical, isObject, listAt, objectAt, textAt } from "../../local/cluster/json.ts";
import type { JsonObject } from "../../local/cluster/json.ts";
import { nameOf } from "../../local/cluster/objects.ts";
import { reloaderHash } from "../../local/cluster/reloader.ts";
import { collection, objectOf } from "./holdings.ts";
import type { Rig } from "./rig.ts";
import { watchKind } from "./watch.ts";

export interface ReloaderLike {
  /** Throws if it missed something. */
  check(): void;
  close(): Promise<void>;
}

const strategicMergePatch = "application/strategic-merge-patch+json";

/** Secrets that exist at its start, or are created, restart nothing. */
export async function startReloaderLike(rig: Rig, namespace: string): Promise<ReloaderLike> {
  const known = new Map<string, string>();
  const work: Promise<void>[] = [];
  let failed: string | undefined;
  const watching = await watchKind(rig, "Secret", namespace, ({ type, object }) => {
    const name = nameOf(object);
    const before = known.get(name);
    const data = canonical(objectAt(object, "data"));
    if (type === "DELETED") known.delete(name);
    else known.set(name, data);
    if (type !== "MODIFIED" || before === data) return;
    work.push(
      restartReaders(rig, namespace, name, objectAt(object, "data")).catch((error: unknown) => {
        failed = error instanceof Error ? error.message : String(error);
      }),
    );
  });
  return {
    check: () => {
      const broken = watching.broken();
      if (broken !== undefined) throw new Error(broken);
      if (failed !== undefined) throw new Error(failed);
    },
    close: async () => {
      await watching.close();
      await Promise.all(work);
    },
  };
}

async function restartReaders(rig: Rig, namespace: string, secret: string, data: JsonObject): Promise<void> {
  const variable = `STAKATER_${secret.toUpperCase().replaceAll(/[^A-Z0-9]+/g, "_")}_SECRET`;
  const value = reloaderHash(data);
  const path = collection("Deployment", namespace);
  const { items } = objectOf(await rig.admin.must("GET", path));
  for (const deployment of Array.isArray(items) ? items.map(objectOf) : []) {
    if (textAt(deployment, "metadata", "annotations", "reloader.stakater.com/auto") !== "true") continue;
    const reader = listAt(deployment, "spec", "template", "spec", "containers")
      .filter(isObject)
      .find((container) => reads(container, secret));
    if (reader === undefined) continue;
    const containers = [{ name: textAt(reader, "name"), env: [{ name: variable, value }] }];
    const url = `${path}/${nameOf(deployment)}?fieldManager=Reloader`;
    await rig.admin.must("PATCH", url, { spec: { template: { spec: { containers } } } }, strategicMergePatch);
  }
}

function reads(container: JsonObject, secret: string): boolean {
  return (
    listAt(container, "env").some((entry) => textAt(entry, "valueFrom", "secretKeyRef", "name") === secret) ||
    listAt(container, "envFrom").some((entry) => textAt(entry, "secretRef", "name") === secret)
  );
}
