/** Many namespaces with one app each, as the timer meets them: a class `kv` of objects of their own, all proven. */

import type { Bridge, ReconcileResult } from "../../shared/bridge.ts";
import { unheard } from "./one-app.ts";
import { providerClass, workload } from "./manifests.ts";
import { World } from "./world.ts";
import type { Instance } from "./instance.ts";
import type { Call } from "./remote-call.ts";
import type { WorldOptions } from "./world-options.ts";

export const minute = 60_000;
export const hour = 60 * minute;
export const period = 15 * minute;

export interface ManyApps {
  readonly world: World;
  readonly namespaces: readonly string[];
}

export interface Many {
  readonly namespaces: number;
  /** Secrets that each class mounts; the first is the pods' PASSWORD. */
  readonly objects: number;
  /** The vault of a namespace, by its index. */
  readonly vaultOf?: (index: number) => string;
}

/** No events come. Everything is older than the pods, which have run for 11 minutes. */
export async function manyApps(many: Many, options: Partial<WorldOptions> = {}): Promise<ManyApps> {
  const world = new World({ generation: "1.6", eventDelayMs: undefined, ...options });
  const namespaces = Array.from({ length: many.namespaces }, (_, index) => `ns-${index}`);
  const vaultOf = many.vaultOf ?? (() => "contoso");
  const objectsOf = (namespace: string) => Array.from({ length: many.objects }, (_, index) => `${namespace}-${index}`);
  namespaces.forEach((namespace, index) => {
    for (const name of objectsOf(namespace)) world.set(name, "old", {}, vaultOf(index));
  });
  await unheard(world, 660_000);
  namespaces.forEach((namespace, index) => {
    const objects = objectsOf(namespace);
    const secrets = { app: { k: `${namespace}-0` } };
    for (const cluster of world.clusters.values()) {
      cluster.apply(providerClass({ name: "kv", namespace, vault: vaultOf(index), objects, secrets }));
      cluster.apply(workload({ name: "app", namespace, mounts: ["kv"], env: { PASSWORD: ["app", "k"] } }));
    }
  });
  await unheard(world, 660_000);
  return { world, namespaces };
}

/** One pass of the timer, to its end. */
export function pass(world: World, bridge: Bridge): Promise<ReconcileResult> {
  return world.clock.until(bridge.reconcile());
}

/** A pass every 15 minutes for so long; the first one at once. */
export async function passes(world: World, { bridge }: Instance, forMs: number): Promise<readonly ReconcileResult[]> {
  const results: ReconcileResult[] = [];
  for (const end = world.clock.now() + forMs; world.clock.now() < end;) {
    const begun = world.clock.now();
    results.push(await pass(world, bridge));
    await world.pass(Math.max(0, begun + period - world.clock.now()));
  }
  return results;
}

/** How often each namespace of a cluster was looked at since `from`: every look lists its classes once. */
export function looksOf(
  calls: readonly Call[],
  from: number = 0,
  cluster: string = "blue",
): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const call of calls.slice(from)) {
    if (call.cluster !== cluster || call.kind !== "SecretProviderClass" || call.namespace === "") continue;
    counts.set(call.namespace, (counts.get(call.namespace) ?? 0) + 1);
  }
  return counts;
}

/** Calls by target, verb and kind. */
export function callCounts(calls: readonly Call[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { target, verb, kind, namespace } of calls) {
    const where = target === "cluster" ? (namespace === "" ? " of the cluster" : " of a namespace") : "";
    const name = `${target} ${verb} ${kind}${where}`;
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}
