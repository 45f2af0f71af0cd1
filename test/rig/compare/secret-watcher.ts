/**
 * Does what Stakater Reloader does, since Reloader itself is not here: when a Secret's data changes, it sets an env
 * variable with the data's hash on Deployments that read the Secret. It reacts at once and knows no annotations.
 */

import { createHash } from "node:crypto";
import { canonical, isObject, listAt, objectAt, textAt } from "../../../local/cluster/json.ts";
import { nameOf, namespaceOf } from "../../../local/cluster/objects.ts";
import { parseWorkload } from "../../../shared/core/kubernetes/parse-workload.ts";
import { collection, objectOf } from "../holdings.ts";
import type { Rig } from "../rig.ts";
import { watchKind } from "../watch.ts";

export interface SecretWatcher {
  /** Throws if it missed something or could not restart. */
  check(): void;
  close(): Promise<void>;
}

/** Works in these namespaces only. */
export async function startSecretWatcher(rig: Rig, namespaces: ReadonlySet<string>): Promise<SecretWatcher> {
  const known = new Map<string, string>();
  let broken: string | undefined;
  const watching = await watchKind(rig, "Secret", "", ({ type, object }) => {
    const namespace = namespaceOf(object);
    if (!namespaces.has(namespace)) return;
    const secret = `${namespace}/${nameOf(object)}`;
    if (type === "DELETED") {
      known.delete(secret);
      return;
    }
    const data = createHash("sha256")
      .update(canonical(objectAt(object, "data")))
      .digest("hex");
    const before = known.get(secret);
    known.set(secret, data);
    if (before === undefined || before === data) return;
    restartReaders(rig, namespace, nameOf(object), data).catch((error: unknown) => {
      broken ??= error instanceof Error ? error.message : "unknown";
    });
  });
  return {
    check: () => {
      const problem = broken ?? watching.broken();
      if (problem !== undefined) throw new Error(problem);
    },
    close: () => watching.close(),
  };
}

async function restartReaders(rig: Rig, namespace: string, secret: string, data: string): Promise<void> {
  const path = collection("Deployment", namespace);
  const deployments = listAt(objectOf(await rig.admin.must("GET", path)), "items").filter(isObject);
  const env = [{ name: `STAKATER_${secret.toUpperCase()}_SECRET`, value: data }];
  for (const deployment of deployments) {
    if (!parseWorkload("Deployment", deployment).uses.reads.some((read) => read.secret === secret)) continue;
    const [first] = listAt(deployment, "spec", "template", "spec", "containers");
    const containers = [{ name: textAt(first, "name"), env }];
    const patch = { spec: { template: { spec: { containers } } } };
    const query = "?fieldManager=Reloader";
    const type = "application/strategic-merge-patch+json";
    await rig.admin.must("PATCH", `${path}/${nameOf(deployment)}${query}`, patch, type);
  }
}
