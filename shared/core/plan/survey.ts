/** From what was gathered to one Look: classes judged and rendered, Secrets compared. */

import { classesInScope, findDependents, isMounted } from "../dependents.ts";
import type { Dependents } from "../dependents.ts";
import type { Driver, Observed, SecretSeen } from "../observed.ts";
import { defaultTimeouts } from "../policy.ts";
import type { TargetPolicy } from "../policy.ts";
import type { ProviderClass, SecretObject } from "../provider-class.ts";
import { defaultFlags } from "../rendering/provider-settings.ts";
import type { ProviderSettings } from "../rendering/provider-settings.ts";
import type { Rendering } from "../rendering/render.ts";
import type { SecretValue } from "../secret-value.ts";
import type { ActiveClass, ActiveSecret, Look, SecretState } from "./look.ts";
import { wantedObjects } from "./look.ts";
import { Notebook } from "./notebook.ts";
import type { Need, PlanInput } from "./plan-types.ts";
import { renderOnce } from "./render-once.ts";
import { reproduce } from "./reproduce.ts";
import type { Present } from "./reproduce.ts";
import { judgeClasses, judgeSecret } from "./refusals.ts";
import type { ClassRenderings } from "./refusals.ts";
import type { Wanted } from "./wanted.ts";
import { shownVersions, unmountedObjects, wantedOf } from "./wanted.ts";

/** What a target's classes are rendered with. */
export function renderSettings(observed: Pick<Observed, "driver">, policy: TargetPolicy): ProviderSettings {
  const { generation } = effectiveDriver(observed.driver, policy);
  return { ...(policy.provider ?? defaultFlags), driver: generation === "1.5" ? "1.5" : "1.6" };
}

/** The driver's facts: the map's word first, then what was read; what nobody knows counts as 1.6 with rotation off. */
export function effectiveDriver(read: Driver, policy: Pick<TargetPolicy, "driver">): Driver {
  return { ...read, ...policy.driver };
}

export function survey(input: PlanInput): Look {
  const { observed, policy } = input;
  const found = findDependents(observed, policy);
  const scope = classesInScope(found, input.scope, policy);
  const renderings = renderAll(scope, found, input);
  const verdicts = judgeClasses(scope, found, renderings, policy);
  const active = new Map<string, ActiveClass>();
  const needs: Need[] = [];
  for (const [name, verdict] of verdicts) {
    const item = found.classes.get(name);
    const rendering = renderings.get(name);
    if (verdict.kind !== "active" || item === undefined || rendering?.ok !== true) continue;
    active.set(name, activeClass(item, rendering, found, input, needs));
  }
  return {
    input,
    policy,
    timeouts: policy.timeouts ?? defaultTimeouts,
    driver: effectiveDriver(observed.driver, policy),
    now: input.now,
    found,
    scope,
    verdicts,
    active,
    held: new Map(),
    unwritten: new Map(),
    shown: shownVersions(found, observed.podStatuses, input.scope),
    notebook: new Notebook(input.memory, input.now),
    needs,
  };
}

function renderAll(scope: ReadonlySet<string>, found: Dependents, input: PlanInput): ClassRenderings {
  const renderings = new Map<string, Rendering>();
  const settings = renderSettings(input.observed, input.policy);
  for (const name of scope) {
    const item = found.classes.get(name);
    if (item === undefined || item.provider !== "azure" || !item.content.ok) continue;
    // A vault that may not flow here has not been asked, so there is nothing to render from.
    if (!input.policy.vaults.has(item.content.vault.toLowerCase())) continue;
    renderings.set(name, renderOnce(item.content, input.vault, settings));
  }
  return renderings;
}

function activeClass(
  item: ProviderClass,
  rendering: Extract<Rendering, { ok: true }>,
  found: Dependents,
  input: PlanInput,
  needs: Need[],
): ActiveClass {
  const unmounted = unmountedObjects(found, item, rendering);
  const objects = wantedObjects(item, input, unmounted);
  const mounters = found.livePods.filter((pod) => pod.uses.mounts.some((mount) => mount.className === item.name));
  // A class that nobody mounts any more leaves its Secret to the one that pods do mount.
  const own = item.content.secretObjects.filter(
    (entry) => mounters.length > 0 || !found.claimants(entry.secretName).some((other) => isMounted(other.name, found)),
  );
  const secrets = own.map((entry) => activeSecret(entry, item, rendering, unmounted, found, input, needs));
  return { item, rendering, objects, secrets, mounters };
}

function activeSecret(
  entry: SecretObject,
  item: ProviderClass,
  rendering: Extract<Rendering, { ok: true }>,
  unmounted: ReadonlySet<string>,
  found: Dependents,
  input: PlanInput,
  needs: Need[],
): ActiveSecret {
  const rendered = rendering.secrets.get(entry.secretName);
  const seen = input.observed.secrets.get(entry.secretName);
  const outcome = judgeSecret(entry, item, rendered, seen, found, input.problems);
  const base = { name: entry.secretName, entry };
  if (outcome !== undefined || rendered === undefined || !rendered.ok) {
    const refusal =
      outcome ?? ({ kind: "refused", reason: "secret-invalid", about: [`Secret/${entry.secretName}`] } as const);
    return { ...base, data: new Map(), sources: new Map(), state: { kind: "refused", outcome: refusal } };
  }
  // A key of an object that nothing has mounted yet is its owner's rollout to bring.
  const keys = [...rendered.data].filter(([key]) => !unmounted.has(rendered.sources.get(key)?.id ?? ""));
  const sources = new Map<string, Wanted>();
  for (const [key, object] of rendered.sources) {
    const wanted = wantedOf(object, input.vault);
    if (wanted !== undefined) sources.set(key, wanted);
  }
  const data = new Map(keys);
  const state = compare(data, seen);
  if (state.kind !== "wrong") return { ...base, data, sources, state };
  const present = { ...state, entry, sources: rendered.sources, wanted: sources };
  return { ...base, data, sources, state: replaceable(state, present, item, input, needs) };
}

/** A Secret that is to be written over: refused where the bridge cannot show that it knows how its bytes came about. */
function replaceable(
  state: Extract<SecretState, { kind: "wrong" }>,
  present: Present,
  item: ProviderClass,
  input: PlanInput,
  needs: Need[],
): SecretState {
  const { observed, policy, vault } = input;
  if (!item.content.ok || policy.replaceUnproven.has(present.entry.secretName)) return state;
  const statuses = observed.podStatuses.filter((status) => status.className === item.name);
  const settings = renderSettings(observed, policy);
  const verdict = reproduce(present, { content: item.content, statuses, vault, settings });
  switch (verdict.kind) {
    case "reproduced":
      return state;
    case "needs":
      needs.push(...verdict.needs);
      return state;
    case "unsure":
      return { ...state, unsure: verdict.objects };
    case "strange": {
      const about = [`Secret/${present.entry.secretName}`, ...verdict.keys];
      return { kind: "refused", outcome: { kind: "refused", reason: "bytes-not-reproduced", about } };
    }
  }
}

function compare(data: ReadonlyMap<string, SecretValue>, seen: SecretSeen | undefined): SecretState {
  if (seen?.kind !== "present" || seen.secret.deleting) return { kind: "missing" };
  const secret = seen.secret;
  const differing = [...data]
    .filter(([key, value]) => secret.data.get(key)?.equals(value) !== true)
    .map(([key]) => key);
  return differing.length === 0 ? { kind: "right", secret } : { kind: "wrong", secret, differing, unsure: [] };
}
