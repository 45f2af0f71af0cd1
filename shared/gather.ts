/**
 * Reads what a decision needs of the cluster, and facts about single versions. The order is a law: the cluster first,
 * the vault second (gather-vault.ts), so that an older answer of the vault can never be written over a newer version
 * (the patch carries the resourceVersion that was read first).
 */

import { classesInScope, findDependents } from "./core/dependents.ts";
import type { Scope } from "./core/message.ts";
import type { Observed, Revision, SecretSeen } from "./core/observed.ts";
import type { Need, VaultReading, VaultView } from "./core/plan/plan-types.ts";
import { versionKey } from "./core/plan/plan-types.ts";
import type { TargetPolicy } from "./core/policy.ts";
import { kubernetesNamePattern } from "./core/names.ts";
import { RemoteProblem } from "./core/remote-problem.ts";
import type { Target } from "./core/target.ts";
import { objectKey } from "./core/vault-object.ts";
import type { ObjectVersion, VersionAnswer, VersionListAnswer } from "./core/vault-object.ts";
import type { Cluster, Vault } from "./ports.ts";

/**
 * Everything of one target that the cluster says now. Throws RemoteProblem; a forbidden Secret is an observation.
 *
 * Workloads before pods before pod statuses: a rollout that seems to be complete has its new pods in the later list,
 * and a pod that has started has its pod status. The other way round a pod that is right would look like an old one.
 * A rollout that begins in between has fewer ready pods in the later list than the earlier one counts.
 */
export async function gatherCluster(
  cluster: Cluster,
  target: Target,
  scope: Scope,
  policy: TargetPolicy,
  now: () => number,
): Promise<Observed> {
  const { namespace } = target;
  const [classes, workloads, driver, cage] = await Promise.all([
    cluster.classes(namespace),
    cluster.workloads(namespace),
    cluster.driver(),
    policy.needsCage ? cluster.cage() : undefined,
  ]);
  const pods = await cluster.pods(namespace);
  const found = findDependents({ classes, workloads, pods, podStatuses: [] }, policy);
  const names = new Set<string>();
  for (const name of classesInScope(found, scope, policy)) {
    for (const entry of found.classes.get(name)?.content.secretObjects ?? [])
      if (kubernetesNamePattern.test(entry.secretName)) names.add(entry.secretName);
  }
  const [podStatuses, seen] = await Promise.all([
    cluster.podStatuses(namespace),
    Promise.all([...names].map(async (name) => [name, await readSecret(cluster, namespace, name)] as const)),
  ]);
  return {
    target,
    at: now(),
    classes,
    secrets: new Map(seen),
    workloads,
    pods,
    podStatuses,
    revisions: undefined,
    markersSince: undefined,
    driver,
    cage,
  };
}

async function readSecret(cluster: Cluster, namespace: string, name: string): Promise<SecretSeen> {
  try {
    const secret = await cluster.secret(namespace, name);
    return secret === undefined ? { kind: "missing" } : { kind: "present", secret };
  } catch (error) {
    if (error instanceof RemoteProblem && error.kind === "forbidden") return { kind: "forbidden" };
    throw error;
  }
}

/** Facts about single versions. They never change, so what is known is kept for the whole run. */
export interface Facts {
  readonly versions: Map<string, VersionAnswer>;
  readonly before: Map<string, ObjectVersion | undefined>;
  readonly earlier: Map<string, VersionListAnswer>;
}

export function noFacts(): Facts {
  return { versions: new Map(), before: new Map(), earlier: new Map() };
}

/** Forgets what may be answered otherwise next time: ids that were not known, and answers that failed. */
export function forgetUnsure(facts: Facts): void {
  for (const [key, answer] of facts.versions) if (!answer.known) facts.versions.delete(key);
  for (const [key, answer] of facts.earlier) if (!answer.ok) facts.earlier.delete(key);
}

/** Gets the facts that a plan missed. Answers with the observation, which later lists may have completed. */
export async function fetchNeeds(
  needs: readonly Need[],
  observed: Observed,
  facts: Facts,
  ports: { readonly cluster: Cluster; readonly vault: Vault },
): Promise<Observed> {
  const unique = new Map(needs.map((need) => [nameOf(need), need]));
  let complete = observed;
  await Promise.all(
    [...unique.values()].map(async (need) => {
      switch (need.kind) {
        case "revisions": {
          const kinds = revisionKinds(observed.workloads);
          const revisions = await ports.cluster.revisions(observed.target.namespace, kinds);
          complete = { ...complete, revisions };
          break;
        }
        case "markers-since": {
          const workloads = await ports.cluster.workloads(observed.target.namespace);
          complete = { ...complete, markersSince: new Map(workloads.map(({ uid, marker }) => [uid, marker])) };
          break;
        }
        case "version":
          facts.versions.set(
            versionKey(objectKey(need.object), need.version),
            await ports.vault.version(need.object, need.version),
          );
          break;
        case "before":
          facts.before.set(
            versionKey(objectKey(need.object), need.version),
            await ports.vault.before(need.object, need.version),
          );
          break;
        case "earlier":
          facts.earlier.set(objectKey(need.object), await ports.vault.versions(need.object));
          break;
      }
    }),
  );
  return complete;
}

/** What keeps the earlier templates of the workloads that there are. */
function revisionKinds(workloads: Observed["workloads"]): readonly Revision["kind"][] {
  const kept = workloads.map(({ kind }) => (kind === "Deployment" ? "ReplicaSet" : "ControllerRevision"));
  return [...new Set(kept)];
}

function nameOf(need: Need): string {
  switch (need.kind) {
    case "revisions":
    case "markers-since":
      return need.kind;
    case "earlier":
      return `${need.kind} ${objectKey(need.object)}`;
    default:
      return `${need.kind} ${versionKey(objectKey(need.object), need.version)}`;
  }
}

export function viewOf(reading: VaultReading, facts: Facts): VaultView {
  return { ...reading, ...facts };
}
