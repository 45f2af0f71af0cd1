/** Everything about one look that the rules of planning share, worked out once. */

import type { Dependents, WorkloadPods } from "../dependents.ts";
import type { ReadKey } from "../freshness.ts";
import type { Driver, Pod, SyncedSecret } from "../observed.ts";
import type { TargetPolicy, Timeouts } from "../policy.ts";
import type { ClassObject, ProviderClass, SecretObject } from "../provider-class.ts";
import type { Outcome } from "../reasons.ts";
import type { Rendering } from "../rendering/render.ts";
import type { SecretValue } from "../secret-value.ts";
import type { Notebook } from "./notebook.ts";
import type { Need, PlanInput } from "./plan-types.ts";
import type { ClassVerdict } from "./refusals.ts";
import type { Obstacle } from "./wait.ts";
import type { ShownVersions, Wanted } from "./wanted.ts";
import { idsOf, wantedOf } from "./wanted.ts";

export interface Look {
  readonly input: PlanInput;
  readonly policy: TargetPolicy;
  readonly timeouts: Timeouts;
  readonly driver: Driver;
  readonly now: number;
  readonly found: Dependents;
  readonly scope: ReadonlySet<string>;
  readonly verdicts: ReadonlyMap<string, ClassVerdict>;
  readonly active: ReadonlyMap<string, ActiveClass>;
  /** Classes whose mounters must not be restarted at this look, each with why. */
  readonly held: ReadonlyMap<string, Obstacle>;
  /** Classes whose Secrets are not written at this look, each with why: those held, and those given up. */
  readonly unwritten: ReadonlyMap<string, Obstacle>;
  readonly shown: ShownVersions;
  readonly notebook: Notebook;
  /** Facts that were missed while planning. */
  readonly needs: Need[];
}

/** A class that may be worked on. */
export interface ActiveClass {
  readonly item: ProviderClass;
  readonly rendering: Extract<Rendering, { ok: true }>;
  readonly objects: readonly WantedObject[];
  readonly secrets: readonly ActiveSecret[];
  /** Live pods that mount it, whoever owns them. */
  readonly mounters: readonly Pod[];
}

export interface WantedObject {
  readonly entry: ClassObject;
  readonly wanted: Wanted;
  /** As pod statuses show it, the current version first. */
  readonly ids: readonly [string, ...string[]];
  /** No live pod that mounts the class shows it: the class was changed. */
  readonly unmounted: boolean;
}

export interface ActiveSecret {
  readonly name: string;
  readonly entry: SecretObject;
  /** Wanted bytes by key, without the keys of objects that nothing has mounted yet. */
  readonly data: ReadonlyMap<string, SecretValue>;
  /** Which object feeds a key. */
  readonly sources: ReadonlyMap<string, Wanted>;
  readonly state: SecretState;
}

export type SecretState =
  | { readonly kind: "refused"; readonly outcome: Extract<Outcome, { kind: "refused" | "failed" }> }
  | { readonly kind: "missing" }
  | { readonly kind: "right"; readonly secret: SyncedSecret }
  | {
      readonly kind: "wrong";
      readonly secret: SyncedSecret;
      readonly differing: readonly string[];
      /** Objects of which the vault could not say whether the driver made what is there. */
      readonly unsure: readonly string[];
    };

export function wantedObjects(
  item: ProviderClass,
  input: PlanInput,
  unmounted: ReadonlySet<string>,
): readonly WantedObject[] {
  if (!item.content.ok) return [];
  return item.content.objects.flatMap((entry) => {
    const wanted = wantedOf(entry, input.vault);
    const [first, ...rest] = idsOf(entry, input.vault.lists);
    if (wanted === undefined || first === undefined) return [];
    return [{ entry, wanted, ids: [first, ...rest], unmounted: unmounted.has(entry.id) }];
  });
}

/** Does this pod's mount of the class show the wanted version of all these objects? */
export function showsCurrent(look: Look, pod: Pod, owner: ActiveClass, objects: readonly WantedObject[]): boolean {
  const status = look.found.statusOf(pod, owner.item.name);
  // Without a pod status and without a started container it holds no mount that could be old.
  if (status === undefined) return !pod.started;
  return objects.every(
    (object) =>
      object.unmounted || object.ids.every((id) => status.versions.get(id) === owner.rendering.versions.get(id)),
  );
}

export type MountersAt = Pick<ReadKey, "oldestMounterAt" | "youngestMounterAt">;

/**
 * When the first and the last of a class's live mounters mounted it, once all of them show the wanted version. By their pod
 * statuses: a pod may have been there for long before it could mount, and has brought nothing before.
 */
export function mountersAt(owner: ActiveClass, wanted: Wanted, look: Look): MountersAt {
  const objects = owner.objects.filter((object) => object.wanted.key === wanted.key);
  const mountedAt = owner.mounters.flatMap((pod) => look.found.statusOf(pod, owner.item.name)?.createdAt ?? []);
  if (mountedAt.length === 0 || !owner.mounters.every((pod) => showsCurrent(look, pod, owner, objects)))
    return { oldestMounterAt: undefined, youngestMounterAt: undefined };
  const cameAt = [...mountedAt, ...owner.mounters.map((pod) => pod.createdAt)];
  return { oldestMounterAt: Math.min(...mountedAt), youngestMounterAt: Math.max(...cameAt) };
}

/** The classes of the look that a workload mounts or whose Secrets it reads. */
export function activeClassesOf(look: Look, item: WorkloadPods): readonly ActiveClass[] {
  return [...look.active.values()].filter(
    (owner) =>
      item.mounts.has(owner.item.name) ||
      owner.secrets.some((secret) => item.reads.some((read) => read.secret === secret.name)),
  );
}

/** The Secret under this name that an active class makes. */
export function activeSecret(
  look: Look,
  name: string,
): { readonly owner: ActiveClass; readonly secret: ActiveSecret } | undefined {
  for (const owner of look.active.values()) {
    const secret = owner.secrets.find((candidate) => candidate.name === name);
    if (secret !== undefined) return { owner, secret };
  }
  return undefined;
}
