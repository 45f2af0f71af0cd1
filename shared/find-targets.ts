/**
 * From objects to targets: which namespaces of which clusters have a class that mounts one of them, and may get its
 * value. Says where to look, never what to do.
 */

import type { ObjectHint } from "./core/message.ts";
import type { ProviderClass } from "./core/provider-class.ts";
import { policyFor } from "./core/rotation-map.ts";
import type { RotationMap } from "./core/rotation-map/map-types.ts";
import { RemoteProblem } from "./core/remote-problem.ts";
import type { Target } from "./core/target.ts";
import { objectKey } from "./core/vault-object.ts";
import { forEachBounded } from "./bounded.ts";
import type { Cluster } from "./ports.ts";

export interface FoundTargets {
  readonly targets: readonly Target[];
  /** Clusters that did not answer, with what they said: they must be searched again. */
  readonly unsearched: readonly { readonly cluster: string; readonly problem: RemoteProblem }[];
}

/** The namespace of a message that says: search the whole cluster for its hints. */
export const wholeCluster = "*";

const mostClustersAtOnce = 16;

/** Every mapped namespace with a class that mounts one of the objects. */
export async function findTargets(
  map: RotationMap,
  clusters: ReadonlyMap<string, Cluster>,
  hints: readonly ObjectHint[],
): Promise<FoundTargets> {
  const { found, unsearched } = await searchEach(clusters, (name, classes) => targetsAmong(map, name, classes, hints));
  return { targets: found.flat(), unsearched };
}

/** A mapped namespace with all its classes, whatever their provider. */
export interface MappedTarget {
  readonly target: Target;
  readonly classes: readonly ProviderClass[];
}

/** Every mapped namespace that has a class of ours. */
export async function allTargets(
  map: RotationMap,
  clusters: ReadonlyMap<string, Cluster>,
): Promise<{ readonly targets: readonly MappedTarget[]; readonly unsearched: FoundTargets["unsearched"] }> {
  const { found, unsearched } = await searchEach(clusters, (cluster, classes) => {
    const byNamespace = Map.groupBy(classes, (item) => item.namespace);
    return targetsAmong(map, cluster, classes, undefined).map((target) => ({
      target,
      classes: byNamespace.get(target.namespace) ?? [],
    }));
  });
  return { targets: found.flat(), unsearched };
}

async function searchEach<T>(
  clusters: ReadonlyMap<string, Cluster>,
  search: (cluster: string, classes: readonly ProviderClass[]) => T,
) {
  const names = [...clusters.keys()];
  const results = await forEachBounded(names, mostClustersAtOnce, async (name) =>
    search(name, (await clusters.get(name)?.index()) ?? []),
  );
  const found: T[] = [];
  const unsearched: { cluster: string; problem: RemoteProblem }[] = [];
  for (const [index, result] of results.entries()) {
    const cluster = names[index] ?? "";
    if (result.status === "fulfilled") found.push(result.value);
    else if (result.reason instanceof RemoteProblem) unsearched.push({ cluster, problem: result.reason });
    else throw result.reason;
  }
  return { found, unsearched };
}

/** What is said of a cluster that could not be searched: it denies us, or it does not answer. Both are tried again. */
export function unsearchedOutcome(cluster: string, problem: RemoteProblem) {
  const denied = problem.kind === "forbidden" || problem.kind === "unauthorized";
  const outcome = denied
    ? { outcome: "refused", reason: "no-rbac" }
    : { outcome: "waiting", reason: "cluster-unreachable" };
  return { target: `${cluster}/${wholeCluster}`, class: "*", ...outcome, about: [problem.message] };
}

function targetsAmong(
  map: RotationMap,
  cluster: string,
  classes: readonly ProviderClass[],
  hints: readonly ObjectHint[] | undefined,
): readonly Target[] {
  const objects = hints === undefined ? undefined : new Set(hints.map((hint) => hint.object));
  const namespaces = new Set<string>();
  for (const item of classes) {
    if (item.provider !== "azure" || item.deleting || namespaces.has(item.namespace)) continue;
    const policy = policyFor(map, { cluster, namespace: item.namespace });
    if (policy === undefined) continue;
    if (objects === undefined ? true : names(item, objects)) namespaces.add(item.namespace);
  }
  return [...namespaces].sort().map((namespace) => ({ cluster, namespace }));
}

/** A pinned object follows no event. Whether the vault may flow there is decided (and said) when the target is converged. */
function names(item: ProviderClass, objects: ReadonlySet<string>): boolean {
  return (
    item.content.ok &&
    item.content.objects.some((object) => object.pin === undefined && objects.has(objectKey(object.object)))
  );
}
