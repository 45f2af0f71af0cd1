/** Many namespaces of one shape: a class of one object, a workload that mounts it, and one that reads its Secret. */

import assert from "node:assert/strict";
import { textAt } from "../../local/cluster/json.ts";
import { keyOf, namespaceOf } from "../../local/cluster/objects.ts";
import { providerClass, workload } from "./manifests.ts";
import { unheard } from "./one-app.ts";
import { setBefore } from "./set-ups.ts";
import { World } from "./world.ts";
import type { Call } from "./remote-call.ts";
import type { WorldOptions } from "./world-options.ts";

export interface Fleet {
  readonly world: World;
  readonly namespaces: readonly string[];
}

/** Everything runs, and is eleven minutes old, when the bridge comes. */
export async function fleet(size: number, options: Partial<WorldOptions> = {}): Promise<Fleet> {
  const world = new World({ generation: "1.6", ...options });
  setBefore(world, "db", "old");
  const namespaces = Array.from({ length: size }, (_, index) => `team-${index}`);
  for (const namespace of namespaces) {
    world.blue.apply(providerClass({ name: "kv", namespace, objects: ["db"], secrets: { app: { k: "db" } } }));
    world.blue.apply(workload({ name: "holder", namespace, mounts: ["kv"] }));
  }
  await unheard(world, 30_000);
  for (const namespace of namespaces)
    world.blue.apply(workload({ name: "shop", namespace, env: { PASSWORD: ["app", "k"] } }));
  await unheard(world, 660_000);
  return { world, namespaces };
}

/** The Secret, the mounted file and the env of every live pod, in every namespace. */
export function assertAllRun({ world, namespaces }: Fleet, value: string): void {
  const last = new Map(world.blue.starts.map((start) => [`${start.namespace}/${start.pod}`, start]));
  const live = Map.groupBy(
    world.blue.store.list("Pod").items.filter((pod) => textAt(pod, "metadata", "deletionTimestamp") === ""),
    namespaceOf,
  );
  for (const namespace of namespaces) {
    assert.equal(world.blue.secretValue(namespace, "app", "k"), value, `${namespace}: the Secret`);
    const starts = (live.get(namespace) ?? []).flatMap((pod) => last.get(keyOf(pod)) ?? []);
    assert.deepEqual(new Set(starts.map(({ labels }) => labels["app"])), new Set(["holder", "shop"]), namespace);
    assert.equal(starts.length, 2, `${namespace}: pods`);
    for (const { pod, labels, env } of starts) {
      if (labels["app"] === "shop") assert.equal(env["PASSWORD"], value, `${namespace}: env of ${pod}`);
      else assert.equal(world.blue.mountedFiles(namespace, pod)["db"], value, `${namespace}: file of ${pod}`);
    }
  }
}

/** How many calls are under way together. Each takes `latencyMs` of virtual time, those to the vault and the queue too. */
export function latency(world: World, latencyMs: number): { readonly peak: (target: Call["target"]) => number } {
  const running = new Map<string, number>();
  const peaks = new Map<string, number>();
  world.before = async ({ target }) => {
    const now = (running.get(target) ?? 0) + 1;
    running.set(target, now);
    peaks.set(target, Math.max(now, peaks.get(target) ?? 0));
    await world.clock.sleep(latencyMs);
    running.set(target, (running.get(target) ?? 1) - 1);
  };
  return { peak: (target) => peaks.get(target) ?? 0 };
}
