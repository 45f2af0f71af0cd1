/**
 * Who depends on what in one namespace: which workloads and pods mount a class (*mounters*) or only read a synced
 * Secret (*readers*), and which classes hang together because a workload depends on several of them.
 */

import type { Observed, Pod, PodStatus, SecretRead, SecretUse, Workload } from "./observed.ts";
import { isLive, workloadKey } from "./observed.ts";
import type { Scope } from "./message.ts";
import type { TargetPolicy } from "./policy.ts";
import type { ProviderClass } from "./provider-class.ts";
import { objectKey } from "./vault-object.ts";

export interface Dependents {
  /** Classes that exist (not being deleted), by name. */
  readonly classes: ReadonlyMap<string, ProviderClass>;
  /** Workloads that are not being deleted, with their live pods. */
  readonly workloads: readonly WorkloadPods[];
  /** Live pods that belong to none of these workloads. */
  readonly unmanaged: readonly Pod[];
  readonly livePods: readonly Pod[];
  /** What a pod shows to have mounted of a class; matched by the pod's uid, never by name. */
  statusOf(pod: Pod, className: string): PodStatus | undefined;
  /** The classes that name a Secret in their secretObjects. */
  claimants(secret: string): readonly ProviderClass[];
}

export interface WorkloadPods {
  readonly workload: Workload;
  /** `Kind/name`. */
  readonly key: string;
  readonly pods: readonly Pod[];
  /** Pods of it that are being deleted and not gone yet. The driver leaves their mounts alone. */
  readonly ending: readonly Pod[];
  /** Reads of the template and of the links of the map. */
  readonly reads: readonly SecretRead[];
  readonly mounts: ReadonlySet<string>;
}

type Seen = Pick<Observed, "classes" | "workloads" | "pods" | "podStatuses">;

export function findDependents(observed: Seen, policy: Pick<TargetPolicy, "links">): Dependents {
  const livePods = observed.pods.filter(isLive);
  const classes = new Map(observed.classes.filter((found) => !found.deleting).map((found) => [found.name, found]));
  const owned = new Map<string, Pod[]>();
  const unmanaged: Pod[] = [];
  const present = new Map(
    observed.workloads.filter((found) => !found.deleting).map((found) => [workloadKey(found), found]),
  );
  for (const pod of livePods) {
    const key = ownerKey(pod);
    if (key === undefined || !present.has(key)) unmanaged.push(pod);
    else owned.set(key, [...(owned.get(key) ?? []), pod]);
  }
  const ending = new Map<string, Pod[]>();
  for (const pod of observed.pods.filter((found) => found.deleting)) {
    const key = ownerKey(pod);
    if (key !== undefined) ending.set(key, [...(ending.get(key) ?? []), pod]);
  }
  const workloads = [...present].map(([key, workload]) => ({
    workload,
    key,
    pods: owned.get(key) ?? [],
    ending: ending.get(key) ?? [],
    reads: [...workload.uses.reads, ...linkedReads(key, policy)],
    mounts: mountedClasses(workload.uses),
  }));
  const statuses = new Map<string, Map<string, PodStatus>>();
  for (const status of observed.podStatuses) {
    if (status.podUid === undefined) continue;
    const ofPod = statuses.get(status.podUid) ?? new Map<string, PodStatus>();
    statuses.set(status.podUid, ofPod.set(status.className, status));
  }
  const claims = new Map<string, ProviderClass[]>();
  for (const found of classes.values()) {
    for (const name of new Set(found.content.secretObjects.map((item) => item.secretName))) {
      claims.set(name, [...(claims.get(name) ?? []), found]);
    }
  }
  return {
    classes,
    workloads,
    unmanaged,
    livePods,
    statusOf: (pod, className) => statuses.get(pod.uid)?.get(className),
    claimants: (secret) => claims.get(secret) ?? [],
  };
}

/** The classes that a pod or template mounts through inline CSI volumes. */
export function mountedClasses(uses: SecretUse): ReadonlySet<string> {
  return new Set(uses.mounts.map((mount) => mount.className));
}

/** Does a live pod mount the class, whoever owns it? */
export function isMounted(className: string, found: Pick<Dependents, "livePods">): boolean {
  return found.livePods.some((pod) => pod.uses.mounts.some((mount) => mount.className === className));
}

/**
 * The classes that a scope concerns, closed over shared workloads and shared Secrets: a workload to be restarted may
 * mount other classes, and if one of their objects is missing, its new pods hang.
 */
export function classesInScope(
  found: Dependents,
  scope: Scope,
  policy: Pick<TargetPolicy, "discovery" | "links">,
): ReadonlySet<string> {
  const wanted = new Set(
    [...found.classes.values()].filter((item) => touches(item, scope) && looked(item, policy)).map((item) => item.name),
  );
  const groups = found.workloads.filter((item) => item.pods.length > 0).map((item) => classesOf(item, found));
  const shared = [...found.classes.values()].flatMap((item) =>
    item.content.secretObjects.map((secret) => new Set(found.claimants(secret.secretName).map((other) => other.name))),
  );
  const all = [...groups, ...shared].filter((group) => group.size > 1);
  for (let grew = true; grew;) {
    const before = wanted.size;
    for (const group of all) {
      if ([...group].some((name) => wanted.has(name))) for (const name of group) wanted.add(name);
    }
    grew = wanted.size > before;
  }
  return wanted;
}

/** Every class a workload depends on: those it mounts, and those whose Secrets it reads. */
export function classesOf(item: WorkloadPods, found: Dependents): ReadonlySet<string> {
  const names = new Set([...item.mounts].filter((name) => found.classes.has(name)));
  for (const read of item.reads) for (const owner of found.claimants(read.secret)) names.add(owner.name);
  return names;
}

function touches(found: ProviderClass, scope: Scope): boolean {
  if (found.provider !== "azure") return false;
  if (scope === "all") return true;
  const content = found.content;
  if (!content.ok) return false;
  const named = new Set(scope.map((hint) => hint.object));
  // A pinned object triggers nothing: its version does not change when the vault's current one does.
  return content.objects.some((item) => item.pin === undefined && named.has(objectKey(item.object)));
}

function looked(found: ProviderClass, policy: Pick<TargetPolicy, "discovery" | "links">): boolean {
  if (policy.discovery) return true;
  const linked = new Set(policy.links.map((link) => link.secret));
  return found.content.secretObjects.some((item) => linked.has(item.secretName));
}

function linkedReads(key: string, policy: Pick<TargetPolicy, "links">): readonly SecretRead[] {
  return policy.links
    .filter((link) => link.workloads.some((workload) => workloadKey(workload) === key))
    .map((link) => ({ secret: link.secret, key: undefined, by: "env", optional: true }) as const);
}

/**
 * `Kind/name` of the workload that owns a pod. A Deployment's pods are owned by a ReplicaSet that is named after it
 * and the template's hash, so one list of ReplicaSets is saved.
 */
function ownerKey(pod: Pod): string | undefined {
  const owner = pod.owner;
  if (owner === undefined) return undefined;
  if (owner.kind === "StatefulSet" || owner.kind === "DaemonSet") return `${owner.kind}/${owner.name}`;
  if (owner.kind !== "ReplicaSet" || pod.revision === undefined) return undefined;
  const suffix = `-${pod.revision}`;
  return owner.name.endsWith(suffix) ? `Deployment/${owner.name.slice(0, -suffix.length)}` : undefined;
}
