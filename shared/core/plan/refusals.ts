/**
 * What must not be touched, decided before anything is written. What stops a mount refuses the class and every class
 * that hangs together with it through a mounting workload (its restarted pods would hang). What concerns one synced
 * Secret refuses that Secret and its readers; the rest goes on.
 */

import { isMounted } from "../dependents.ts";
import type { Dependents } from "../dependents.ts";
import type { SecretSeen } from "../observed.ts";
import type { TargetPolicy } from "../policy.ts";
import type { ProviderClass, SecretObject } from "../provider-class.ts";
import type { Outcome, RefusedReason } from "../reasons.ts";
import { classReason, mountRefusal, secretReason } from "../rendering/named-refusal.ts";
import type { RenderedSecret } from "../rendering/render-secret.ts";
import type { Rendering } from "../rendering/render.ts";
import type { StepProblem } from "./plan-types.ts";

export type ClassVerdict =
  | { readonly kind: "active" }
  /** `blocks`: its new pods could hang, so nothing that mounts it may be restarted. */
  | {
      readonly kind: "refused";
      readonly reason: RefusedReason;
      readonly about: readonly string[];
      readonly blocks: boolean;
    }
  | { readonly kind: "unavailable"; readonly about: readonly string[] };

export type ClassRenderings = ReadonlyMap<string, Rendering>;

/** The verdict on each class in scope, after it has spread over shared mounting workloads. */
export function judgeClasses(
  scope: ReadonlySet<string>,
  found: Dependents,
  renderings: ClassRenderings,
  policy: TargetPolicy,
): ReadonlyMap<string, ClassVerdict> {
  const own = new Map(
    [...scope].flatMap((name) => {
      const item = found.classes.get(name);
      return item === undefined ? [] : [[name, judgeAlone(item, found, renderings.get(name), policy)] as const];
    }),
  );
  const groups = found.workloads
    .filter((item) => item.pods.length > 0)
    .map((item) => [...item.mounts].filter((name) => own.has(name)))
    .filter((names) => names.length > 1);
  const verdicts = new Map(own);
  const blocking = (verdict: ClassVerdict | undefined) =>
    verdict !== undefined && (verdict.kind === "unavailable" || (verdict.kind === "refused" && verdict.blocks));
  for (let spread = true; spread;) {
    spread = false;
    for (const names of groups) {
      const source = names.find((name) => blocking(verdicts.get(name)));
      if (source === undefined) continue;
      for (const name of names) {
        const verdict = verdicts.get(name);
        if (verdict === undefined || blocking(verdict) || (verdict.kind === "refused" && !verdict.blocks)) continue;
        verdicts.set(name, spreadFrom(source, verdicts.get(source)));
        spread = true;
      }
    }
  }
  return verdicts;
}

function spreadFrom(source: string, verdict: ClassVerdict | undefined): ClassVerdict {
  if (verdict?.kind === "unavailable") return { kind: "unavailable", about: verdict.about };
  // That class is not ours to report on, so its own reason says what to do.
  if (verdict?.kind === "refused" && verdict.reason === "other-provider") return verdict;
  return { kind: "refused", reason: "mounted-with-refused", about: [`SecretProviderClass/${source}`], blocks: true };
}

function judgeAlone(
  item: ProviderClass,
  found: Dependents,
  rendering: Rendering | undefined,
  policy: TargetPolicy,
): ClassVerdict {
  const about = [`SecretProviderClass/${item.name}`];
  const waived = policy.assumeMountable.has(item.name);
  const refuse = (reason: RefusedReason, details: readonly string[] = about, blocks = true): ClassVerdict => ({
    kind: "refused",
    reason,
    about: details,
    blocks,
  });
  if (item.provider !== "azure") return refuse("other-provider", about, !waived);
  if (!item.content.ok) {
    const { error } = item.content;
    return refuse(classReason(error), [...about, error.message], !waived);
  }
  if (!policy.vaults.has(item.content.vault.toLowerCase()))
    return refuse("vault-not-allowed", [...about, `vault ${item.content.vault}`], !waived);
  // A vault of the same name in another cloud is another vault.
  if (item.content.cloud !== policy.clouds?.get(item.content.vault.toLowerCase())) {
    return refuse("vault-not-allowed", [...about, `cloud ${item.content.cloud ?? "public"}`], !waived);
  }
  const overriding = overridingMounts(item.name, found);
  if (overriding.length > 0) return refuse("volume-attributes", overriding);
  if (rendering === undefined) return { kind: "unavailable", about };
  if (!rendering.ok) return judgeRendering(rendering, refuse, about, waived);
  // The owner's opt-out keeps our hands off this class, but its pods can start, so it stops nobody else.
  if (item.ignored) return refuse("ignored", about, false);
  return { kind: "active" };
}

function judgeRendering(
  rendering: Extract<Rendering, { ok: false }>,
  refuse: (reason: RefusedReason, details?: readonly string[], blocks?: boolean) => ClassVerdict,
  about: readonly string[],
  waived: boolean,
): ClassVerdict {
  const found = mountRefusal(rendering);
  if (found === undefined) return { kind: "unavailable", about: rendering.problems.map((item) => item.object) };
  const details = found.ofObjects ? found.about : [...about, ...found.about];
  // A waiver says that pods start all the same, which the vault's own word on a missing object belies.
  const certain = found.reason === "object-missing" || found.reason === "object-disabled";
  return refuse(found.reason, details, certain || !waived);
}

function overridingMounts(className: string, found: Dependents): readonly string[] {
  const overrides = (mounts: readonly { className: string; otherAttributes: readonly string[] }[]) =>
    mounts.some((mount) => mount.className === className && mount.otherAttributes.length > 0);
  return [
    ...found.workloads.filter((item) => overrides(item.workload.uses.mounts)).map((item) => item.key),
    ...found.livePods.filter((pod) => overrides(pod.uses.mounts)).map((pod) => `Pod/${pod.name}`),
  ];
}

/** Refusals of one synced Secret; undefined means that it may be written. A missing Secret is no refusal. */
export function judgeSecret(
  entry: SecretObject,
  owner: ProviderClass,
  rendered: RenderedSecret | undefined,
  seen: SecretSeen | undefined,
  found: Dependents,
  problems: ReadonlyMap<string, StepProblem>,
): Extract<Outcome, { kind: "refused" | "failed" }> | undefined {
  const about = `Secret/${entry.secretName}`;
  const refuse = (reason: RefusedReason, ...details: string[]) =>
    ({ kind: "refused", reason, about: [about, ...details] }) as const;
  const claims = claimedBy(entry.secretName, owner, found);
  if (claims.length > 0) return refuse("double-claim", ...claims);
  if (rendered === undefined) return refuse("secret-invalid", entry.error?.message ?? "The class does not render it.");
  if (!rendered.ok) return refuse(secretReason(rendered.error), rendered.error.message);
  if (seen?.kind === "forbidden") return refuse("no-rbac", `get secrets/${entry.secretName}`);
  const problem = problems.get(about);
  if (problem !== undefined) return asOutcome(problem, about);
  if (seen?.kind !== "present") return undefined;
  const secret = seen.secret;
  if (!secret.managed) return refuse("not-managed");
  if (secret.immutable) return refuse("immutable");
  if (secret.type !== rendered.type) return refuse("wrong-type", `is ${secret.type}, wanted ${rendered.type}`);
  return undefined;
}

/** Turns what went wrong with a step into an outcome; the reason decides which list it is from. */
export function asOutcome(problem: StepProblem, about: string): Extract<Outcome, { kind: "refused" | "failed" }> {
  const details = [about, problem.about];
  return problem.kind === "refused"
    ? { kind: "refused", reason: problem.reason, about: details }
    : { kind: "failed", reason: problem.reason, about: details };
}

/** Other classes that would make the same Secret (or this class twice). Of those that nobody mounts only all or none count. */
function claimedBy(secret: string, owner: ProviderClass, found: Dependents): readonly string[] {
  const twice = owner.content.secretObjects.filter((item) => item.secretName === secret).length > 1;
  if (twice) return [`SecretProviderClass/${owner.name} (twice)`];
  const mounted = isMounted(owner.name, found);
  return found
    .claimants(secret)
    .filter((other) => other.name !== owner.name && isMounted(other.name, found) === mounted)
    .map((other) => `SecretProviderClass/${other.name}`);
}
