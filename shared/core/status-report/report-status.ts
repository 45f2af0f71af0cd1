/** One target's part of the status report, from one look: mounts by pod status, reads of a Secret by what proves them. */

import type { Look } from "../plan/look.ts";
import type { Plan, PlanInput } from "../plan/plan-types.ts";
import { survey } from "../plan/survey.ts";
import { modeOf } from "../plan-report/report-target.ts";
import type { ClassObject, ProviderClass } from "../provider-class.ts";
import { fetchKey } from "../rendering/needed-objects.ts";
import type { VersionLists } from "../rendering/version-history.ts";
import { mountedVersions } from "../rendering/version-history.ts";
import { saidOf } from "../said.ts";
import { objectKey } from "../vault-object.ts";
import type { VaultAnswer, VersionEntry } from "../vault-object.ts";
import { listedVersion } from "./listed-version.ts";
import { podOf } from "./pod-of.ts";
import { readers } from "./readers.ts";
import type {
  ClassStatus,
  ObjectStatus,
  PodVersion,
  PodVersions,
  SecretStatus,
  TargetStatus,
} from "./status-report-types.ts";

/** `listed`: versions of the objects that may not be read, as far as they may be listed, by `objectKey`. */
export function reportStatus(input: PlanInput, plan: Plan, listed: VersionLists): TargetStatus {
  const look = survey(input);
  const { cluster, namespace } = input.observed.target;
  const classes = [...look.scope].flatMap((name) => look.found.classes.get(name) ?? []);
  return {
    cluster,
    namespace,
    mode: modeOf(input),
    classes: classes
      .filter(({ provider }) => provider === "azure")
      .map((item) => classStatus(item, look, plan, listed))
      .sort((one, other) => (one.name < other.name ? -1 : 1)),
  };
}

/** Everything of a target is current. */
export function isCurrent({ classes }: TargetStatus): boolean {
  return classes.every(
    ({ said, secrets, pods }) =>
      said.outcome === "converged" &&
      secrets.every(({ state }) => state === "current" || state === "missing") &&
      pods.every(({ versions }) => versions.every(({ state }) => state === "current")),
  );
}

function classStatus(item: ProviderClass, look: Look, plan: Plan, listed: VersionLists): ClassStatus {
  const wanted = item.content.ok ? item.content.objects.flatMap((object) => wantedObjects(object, look, listed)) : [];
  const said = saidOf(plan.outcomes.get(item.name) ?? { kind: "converged", idle: true });
  return {
    name: item.name,
    ...(item.content.ok ? { vault: item.content.vault } : {}),
    said,
    objects: wanted,
    secrets: secretsOf(item, look),
    pods: [...mounters(item, wanted, look), ...readers(item, said, look)],
  };
}

/** One for each id that pod statuses show: with history one for each version. */
function wantedObjects(entry: ClassObject, look: Look, listed: VersionLists): readonly ObjectStatus[] {
  const { vault } = look.input;
  const mounted = mountedVersions(entry, vault.lists);
  const pinned = entry.pin !== undefined;
  const base = { object: objectKey(entry.object), pinned };
  if (!mounted.ok) {
    const problem = mounted.problem === "ambiguous" ? "unavailable" : mounted.problem;
    return [{ ...base, id: entry.id, problem }];
  }
  return mounted.versions.map(({ id, pin }) => ({
    ...base,
    id,
    ...answered(
      vault.answers.get(fetchKey(entry.object, pin)),
      pin === undefined ? listedVersion(listed.get(base.object)) : undefined,
    ),
  }));
}

function answered(
  answer: VaultAnswer | undefined,
  listed: VersionEntry | undefined,
): Pick<ObjectStatus, "version" | "createdOn" | "problem"> {
  // Not asked: the map does not let this vault flow here.
  if (answer === undefined) return {};
  const problem = answer.ok ? {} : { problem: answer.problem };
  const found = answer.ok ? answer.current : listed;
  if (found === undefined) return problem;
  const { version, createdOn } = found;
  return {
    ...problem,
    version,
    ...(createdOn === undefined ? {} : { createdOn: new Date(createdOn).toISOString() }),
  };
}

function secretsOf(item: ProviderClass, look: Look): readonly SecretStatus[] {
  const names = [...new Set(item.content.secretObjects.map(({ secretName }) => secretName))].filter(
    (name) => name !== "",
  );
  const owner = look.active.get(item.name);
  return names.map((name) => {
    const state = owner?.secrets.find((secret) => secret.name === name)?.state;
    if (state?.kind === "right") return { name, state: "current", keys: [] };
    if (state?.kind === "wrong") return { name, state: "old", keys: state.differing };
    const seen = look.input.observed.secrets.get(name)?.kind;
    return { name, state: seen === "missing" ? "missing" : "unknown", keys: [] };
  });
}

/** Live pods that mount the class, each with the versions of its own pod status. */
function mounters(item: ProviderClass, wanted: readonly ObjectStatus[], look: Look): readonly PodVersions[] {
  const pods = look.found.livePods.filter((pod) => pod.uses.mounts.some((mount) => mount.className === item.name));
  return pods.map((pod) => {
    const shown = look.found.statusOf(pod, item.name)?.versions;
    const versions = wanted.map(({ id, version }) => mountedVersion(id, version, shown?.get(id)));
    return { ...podOf(pod, look), by: "mount", versions };
  });
}

function mountedVersion(id: string, wanted: string | undefined, shown: string | undefined): PodVersion {
  if (shown === undefined) return { id, state: "missing" };
  if (wanted === undefined) return { id, version: shown, state: "unknown" };
  return { id, version: shown, state: shown === wanted ? "current" : "old" };
}
