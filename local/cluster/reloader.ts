/**
 * Stand-in for Stakater Reloader: when a Secret's data changes, it sets an env variable with the data's hash on the
 * workloads that ask for it (annotations as shared/core/kubernetes/reloader.ts reads them; the hash as Reloader makes it).
 */

import { createHash } from "node:crypto";
import { parseWorkload } from "../../shared/core/kubernetes/parse-workload.ts";
import type { WorkloadKind } from "../../shared/core/observed.ts";
import { canonical, isObject, listAt, objectAt, textAt, withAt } from "./json.ts";
import type { Json, JsonObject } from "./json.ts";
import { keyOf, nameOf, namespaceOf } from "./objects.ts";
import type { Store } from "./store.ts";
import type { Timers } from "./timers.ts";

const kinds: readonly WorkloadKind[] = ["Deployment", "StatefulSet", "DaemonSet"];

/** Reacts `delayMs` after a change. Secrets that exist at its start, or are created, restart nothing. */
export function startReloader(store: Store, timers: Timers, delayMs: number): void {
  const known = new Map<string, string>();
  store.watch("Secret", undefined, ({ type, object }) => {
    const data = canonical(objectAt(object, "data"));
    const before = known.get(keyOf(object));
    if (type === "DELETED") {
      known.delete(keyOf(object));
      return;
    }
    known.set(keyOf(object), data);
    if (before === undefined || before === data) return;
    timers.after(delayMs, () => restartUsers(store, object));
  });
}

function restartUsers(store: Store, secret: JsonObject): void {
  const name = nameOf(secret);
  const variable = `STAKATER_${name.toUpperCase().replaceAll(/[^A-Z0-9]+/g, "_")}_SECRET`;
  const value = reloaderHash(objectAt(secret, "data"));
  for (const kind of kinds) {
    for (const workload of store.list(kind, namespaceOf(secret)).items) {
      const { reloader, uses } = parseWorkload(kind, workload);
      const reads = uses.reads.some((read) => read.secret === name);
      const asked = reloader !== undefined && (reloader.all ? reads : reloader.secrets.has(name));
      if (asked) store.update(kind, withVariable(workload, variable, value), { fieldManager: "Reloader" });
    }
  }
}

/** SHA-1 of the sorted `key=value` pairs; Go sorts by bytes. */
export function reloaderHash(data: JsonObject): string {
  const pairs = Object.entries(data)
    .map(([key, value]) =>
      Buffer.concat([Buffer.from(`${key}=`), Buffer.from(typeof value === "string" ? value : "", "base64")]),
    )
    .sort((a, b) => Buffer.compare(a, b));
  const joined = pairs.flatMap((pair, index) => (index === 0 ? [pair] : [Buffer.from(";"), pair]));
  return createHash("sha1").update(Buffer.concat(joined)).digest("hex");
}

/** The variable is set on the first container, in its place if it is there. */
function withVariable(workload: JsonObject, name: string, value: string): JsonObject {
  const [first, ...others] = listAt(workload, "spec", "template", "spec", "containers");
  if (!isObject(first)) return workload;
  const env = listAt(first, "env").filter((entry) => textAt(entry, "name") !== name);
  const containers: readonly Json[] = [{ ...first, env: [...env, { name, value }] }, ...others];
  return withAt(workload, ["spec", "template", "spec", "containers"], containers);
}
