/** Has the bridge's identity the rights that it needs, as the API server itself answers? */

import { driverDaemonSets } from "../kubernetes/names.ts";
import type { RbacRole } from "../rbac-rules.ts";
import { counted, listed, ok, problem, warning } from "./check.ts";
import type { Check } from "./check.ts";

/** One right to ask the API server for. */
export interface AskedRight {
  readonly verb: string;
  /** Empty for the core group. */
  readonly group: string;
  readonly resource: string;
  /** Undefined: of the whole cluster. */
  readonly namespace: string | undefined;
  /** Undefined: all of them. */
  readonly name: string | undefined;
}

/** Every single right of these roles, in their order. */
export function rightsOf(roles: readonly RbacRole[]): readonly AskedRight[] {
  return roles.flatMap(({ namespace, rules }) =>
    rules.flatMap(({ apiGroup, resources, resourceNames, uses }) =>
      resources.flatMap((resource) =>
        (resourceNames ?? [undefined]).flatMap((name) =>
          uses.map(({ verb }) => ({ verb, group: apiGroup, resource, namespace, name })),
        ),
      ),
    ),
  );
}

/** `get secrets/app in shop`. */
export function rightText({ verb, group, resource, namespace, name }: AskedRight): string {
  const kind = group === "" ? resource : `${resource}.${group}`;
  const object = name === undefined ? kind : `${kind}/${name}`;
  return `${verb} ${object}${namespace === undefined ? "" : ` in ${namespace}`}`;
}

export interface RightsFacts {
  readonly answers: readonly { readonly right: AskedRight; readonly allowed: boolean }[];
  /** Whose rights were asked for. */
  readonly of:
    | { readonly kind: "bridge"; readonly user: string }
    /** `why`: why not the bridge's. */
    | { readonly kind: "caller"; readonly user: string; readonly why: "not-named" | "not-allowed" };
  /** What `neededRights` left out, one sentence each. */
  readonly left: readonly string[];
}

const apply = "Apply what `rotation-bridge rbac` prints for this cluster.";

export function checkRights({ answers, of, left }: RightsFacts): readonly Check[] {
  const checks: Check[] = [];
  const who = of.kind === "bridge" ? `The bridge (${of.user})` : `You (${of.user})`;
  if (of.kind === "caller")
    checks.push(
      of.why === "not-named"
        ? warning(
            "These are your own rights, not the bridge's.",
            "Give the identity's object id with --as: az identity show --query principalId.",
          )
        : warning(
            "You may not ask for another identity's rights (create subjectaccessreviews), so these are your own.",
            "Ask somebody who may, such as a cluster administrator.",
          ),
    );
  const missing = answers.filter(({ allowed }) => !allowed).map(({ right }) => right);
  // Optional: without them the facts must be in the map, and that is checked where the facts are.
  const optional = missing.filter(
    ({ resource, name }) =>
      resource === "csidrivers" || (resource === "daemonsets" && driverDaemonSets.includes(name ?? "")),
  );
  const needed = missing.filter((right) => !optional.includes(right));
  if (needed.length > 0) {
    const text = `${who} may not ${listed(needed.map(rightText), 8)}.`;
    checks.push(of.kind === "bridge" ? problem(text, apply) : warning(text, apply));
  } else checks.push(ok(`${who} may do all that is needed here: ${counted(answers.length, "right")} asked for.`));
  if (optional.length > 0)
    checks.push(warning(`${who} may not ${listed(optional.map(rightText))}.`, `${apply} Or say driver in the map.`));
  for (const one of left)
    checks.push(warning(`No right is needed yet, or none is given: ${one}`, "Nothing, if that is meant."));
  return checks;
}
