/** Does the cage stand, around the right identity, with the rules of this version of the bridge? */

import { cageCondition, cageName, judgeCage } from "../kubernetes/cage.ts";
import { entries, field, list, text } from "../kubernetes/read.ts";
import { printable } from "../printable.ts";
import { ok, problem, warning } from "./check.ts";
import type { Check } from "./check.ts";

export interface CagePosition {
  /** As the API gives them; undefined where they are not there. */
  readonly policy: unknown;
  readonly binding: unknown;
  /** The bridge's name in the cluster, if the caller gave it. */
  readonly user: string | undefined;
  /** Policy and binding of this version of the bridge, for an identity. */
  readonly shipped: (user: string) => { readonly policy: unknown; readonly binding: unknown };
  /** May the bridge act anywhere in this cluster? */
  readonly acts: boolean;
  readonly withoutCage: boolean;
}

const apply = "Apply what `rotation-bridge rbac --cage` prints.";

export function checkCage(position: CagePosition): readonly Check[] {
  const { policy, binding, acts, withoutCage } = position;
  const user = position.user ?? identityIn(policy);
  if (policy === undefined && binding === undefined) return [absent(acts, withoutCage)];
  const cage = judgeCage({ policy, binding, user: user ?? "" });
  const checks: Check[] = [];
  if (!cage.stands) {
    checks.push(acts && !withoutCage ? problem(cage.why, apply) : warning(cage.why, apply));
    return checks;
  }
  if (user === undefined) return checks;
  checks.push(
    position.user === undefined
      ? warning(
          `The cage stands around ${printable(user, 100)}; whether that is the bridge's identity was not checked.`,
          "Give the identity's object id with --as.",
        )
      : ok(`The cage stands around ${printable(user, 100)}, and denies.`),
  );
  const shipped = position.shipped(user);
  const differing = [...differences(shipped.policy, policy), ...differences(shipped.binding, binding)];
  checks.push(
    differing.length === 0
      ? ok("Its rules are those of this version of the bridge.")
      : warning(
          `Its rules are not those of this version of the bridge: ${printable(differing.slice(0, 4).join(", "), 300)}.`,
          apply,
        ),
  );
  const tolerated = toleratedPrefixes(policy);
  if (tolerated !== "[]")
    checks.push(
      warning(
        `It tolerates labels and annotations under ${printable(tolerated, 200)}.`,
        "Keep to prefixes that give no power: docs/security.md.",
      ),
    );
  if (withoutCage)
    checks.push(warning("The map says withoutCage although the cage stands.", "Remove withoutCage from the map."));
  return checks;
}

function absent(acts: boolean, withoutCage: boolean): Check {
  const text = `There is no cage: no ValidatingAdmissionPolicy ${cageName}.`;
  if (withoutCage)
    return warning(
      `${text} The map says withoutCage, so the bridge acts without it.`,
      `Whoever steals its identity could change any workload of the mapped namespaces. ${apply}`,
    );
  return acts
    ? problem(`${text} Nothing is written: refused(no-cage).`, apply)
    : warning(`${text} It is needed before mode: act.`, apply);
}

/** The identity that the policy's condition names. */
function identityIn(policy: unknown): string | undefined {
  const expression = text(field(list(field(policy, "spec", "matchConditions"))[0], "expression")) ?? "";
  const user = /== "([^"\\]{1,300})"$/.exec(expression.trim())?.[1];
  return user !== undefined && cageCondition(user) === expression.trim() ? user : undefined;
}

const toleratedName = "toleratedPrefixes";

function toleratedPrefixes(policy: unknown): string {
  const found = list(field(policy, "spec", "variables")).find((one) => field(one, "name") === toleratedName);
  return text(field(found, "expression"))?.trim() ?? "[]";
}

/** Where `found` does not say what `shipped` says, and what it says besides that an API server would not add. */
function differences(shipped: unknown, found: unknown): readonly string[] {
  return compared(field(shipped, "spec"), field(found, "spec"), "spec");
}

function compared(shipped: unknown, found: unknown, path: string): readonly string[] {
  if (Array.isArray(shipped)) {
    const items = list(found);
    if (items.length !== shipped.length) return [path];
    return shipped.flatMap((item: unknown, index) => compared(item, items[index], `${path}[${nameIn(item, index)}]`));
  }
  if (typeof shipped === "object" && shipped !== null) {
    if (field(shipped, "name") === toleratedName && field(found, "name") === toleratedName) return [];
    const wanted = new Map(entries(shipped));
    const more = entries(found).filter(([key, value]) => !wanted.has(key) && !isServersOwn(key, value));
    return [
      ...[...wanted].flatMap(([key, value]) => compared(value, field(found, key), `${path}.${key}`)),
      ...more.map(([key]) => `${path}.${key}`),
    ];
  }
  const same = typeof shipped === "string" ? text(found)?.trim() === shipped.trim() : shipped === found;
  return same ? [] : [path];
}

function nameIn(item: unknown, index: number): string {
  return text(field(item, "name")) ?? String(index);
}

/** Defaults that the API server writes into a policy. */
function isServersOwn(key: string, value: unknown): boolean {
  if (key === "namespaceSelector" || key === "objectSelector") return entries(value).length === 0;
  return (key === "matchPolicy" && value === "Equivalent") || (key === "scope" && value === "*");
}
