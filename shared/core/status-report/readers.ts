/** With which versions the pods were started that only read a class's Secrets: env, said by what proves it. */

import type { WorkloadPods } from "../dependents.ts";
import { ownMarker } from "../marker.ts";
import type { SecretRead } from "../observed.ts";
import { activeSecret } from "../plan/look.ts";
import type { ActiveClass, Look } from "../plan/look.ts";
import { rolloutOf } from "../plan/rollout.ts";
import { stateOf } from "../plan/workload-state.ts";
import type { ObjectUse } from "../plan/workload-state.ts";
import type { ProviderClass } from "../provider-class.ts";
import type { Said } from "../said.ts";
import { fedReads } from "../plan-report/touched.ts";
import { podOf } from "./pod-of.ts";
import type { PodVersion, PodVersions } from "./status-report-types.ts";

/**
 * Env is fixed at a container's start, and nothing shows it afterwards. Said of live pods that only read a Secret of the
 * class, and of those that mount it too where it is not what they have mounted: a driver that rotates refreshes the
 * mount of a running pod and never its env.
 */
export function readers(item: ProviderClass, said: Said, look: Look): readonly PodVersions[] {
  const owner = look.active.get(item.name);
  if (owner === undefined) return ofRefused(item, look);
  const managed = look.found.workloads.flatMap((workload) => ofWorkload(workload, owner, look));
  return [...managed, ...ofNobody(owner, said, look)];
}

/** Of a class that the bridge leaves alone nothing is known but who reads its Secrets. */
function ofRefused(item: ProviderClass, look: Look): readonly PodVersions[] {
  const { content } = item;
  if (!content.ok) return [];
  return look.found.livePods.flatMap((pod) => {
    if (pod.uses.mounts.some((mount) => mount.className === item.name)) return [];
    const reads = pod.uses.reads.filter(({ by }) => by !== "volume");
    const versions = content.objects
      .filter((object) => fedReads(reads, [{ item, objects: [object] }]).length > 0)
      .map(({ id }): PodVersion => ({ id, state: "unknown" }));
    return versions.length === 0 ? [] : [{ ...podOf(pod, look), by: "env" as const, versions }];
  });
}

function ofWorkload(workload: WorkloadPods, owner: ActiveClass, look: Look): readonly PodVersions[] {
  const ids = readIds(workload.reads, owner, look);
  if (ids.size === 0 || workload.pods.length === 0) return [];
  const { uses } = stateOf(workload, look);
  const versions = [...ids].flatMap(([key, id]) => {
    const use = uses.find(({ wanted }) => wanted.key === key);
    if (use === undefined) return [];
    // Until a rollout is complete its pods' own mounts tell them apart.
    if (use.mounts && (!use.mountsCurrent || use.standing === "marked")) return [];
    const started = startedVersion(id, use, workload, owner, look);
    return use.mounts && started.state === "current" ? [] : [started];
  });
  return versions.length === 0 ? [] : workload.pods.map((pod) => ({ ...podOf(pod, look), by: "env", versions }));
}

/** Pods that no workload owns: once the class has converged, they are proven too. */
function ofNobody(owner: ActiveClass, said: Said, look: Look): readonly PodVersions[] {
  const state = said.outcome === "converged" ? "current" : "unknown";
  return look.found.unmanaged.flatMap((pod) => {
    if (!pod.started || pod.uses.mounts.some((mount) => mount.className === owner.item.name)) return [];
    const versions = [...readIds(pod.uses.reads, owner, look)].map(([key, id]): PodVersion => {
      const wanted = owner.objects.find((object) => object.wanted.key === key)?.wanted.current.version;
      return { id, ...(state === "current" && wanted !== undefined ? { version: wanted } : {}), state };
    });
    return versions.length === 0 ? [] : [{ ...podOf(pod, look), by: "env" as const, versions }];
  });
}

/** Objects (key -> id as the class spells it) behind the keys that are got at a container's start. */
function readIds(all: readonly SecretRead[], owner: ActiveClass, look: Look): ReadonlyMap<string, string> {
  const ids = new Map<string, string>();
  for (const { name, sources } of owner.secrets) {
    if (activeSecret(look, name)?.owner !== owner) continue;
    const reads = all.filter((read) => read.secret === name && read.by !== "volume");
    for (const [key, wanted] of sources) {
      if (!reads.some((read) => read.key === undefined || read.key === key)) continue;
      const entry = owner.objects.find((object) => object.wanted.key === wanted.key);
      ids.set(wanted.key, entry?.ids[0] ?? wanted.key);
    }
  }
  return ids;
}

function startedVersion(
  id: string,
  use: ObjectUse,
  workload: WorkloadPods,
  owner: ActiveClass,
  look: Look,
): PodVersion {
  const { key, current } = use.wanted;
  const { version } = current;
  const marked = ownMarker(workload.workload).entries.get(key)?.version;
  const old: PodVersion = {
    id,
    ...(marked === undefined || marked === version ? {} : { version: marked }),
    state: "old",
  };
  // What the Secret does not hold nobody can have got from it; who is fresh is fresh for what it holds.
  if (holdsOther(key, workload, owner)) return old;
  switch (use.standing) {
    case "fresh":
    case "awaits-driver":
      return { id, version, state: "current" };
    case "marked":
      // While its rollout runs, some of its pods are of the old template.
      return rolloutOf(workload, look).kind === "complete"
        ? { id, version, state: "current" }
        : { id, state: "unknown" };
    case "old":
      return old;
    case "unknown":
      return { id, state: "unknown" };
  }
}

/** A Secret that the workload reads holds other bytes than those of the wanted version of the object. */
function holdsOther(object: string, workload: WorkloadPods, owner: ActiveClass): boolean {
  return owner.secrets.some(
    ({ name, state, sources }) =>
      state.kind === "wrong" &&
      workload.reads.some((read) => read.secret === name && read.by !== "volume") &&
      state.differing.some((key) => sources.get(key)?.key === object),
  );
}
