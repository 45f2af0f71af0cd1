/**
 * The cage: the admission policy that keeps the bridge's identity to what the bridge does
 * (infra/cluster/admission-policy.yaml). Does one stand in the cluster, around the identity that signs in? Field names:
 * https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/
 */

import { printable } from "../printable.ts";
import { field, list, text } from "./read.ts";

/** Name of the policy, and of the binding that sets it to work. */
export const cageName = "rotation-bridge-cage";
export const cagePolicies = "validatingadmissionpolicies";
export const cageBindings = "validatingadmissionpolicybindings";

/** `why`: what to mend, in a sentence. */
export type Cage = { readonly stands: true } | { readonly stands: false; readonly why: string };

export interface CageFacts {
  /** As the API gives them; undefined where they are not there. */
  readonly policy: unknown;
  readonly binding: unknown;
  /** The name that the API server knows the bridge's identity by. */
  readonly user: string;
}

/**
 * Holds it against what makes a cage at all: that it is about this identity and about every kind of write, and that it
 * denies. Whether its rules are those of this version of the bridge is for `rotation-bridge doctor` to say.
 */
export function judgeCage({ policy, binding, user }: CageFacts): Cage {
  const problem = policyProblem(policy, user) ?? bindingProblem(binding);
  return problem === undefined ? { stands: true } : { stands: false, why: problem };
}

/** The one condition that the shipped policy has: whose requests it judges. */
export function cageCondition(user: string): string {
  return `has(request.userInfo.username) && request.userInfo.username == "${user}"`;
}

function policyProblem(policy: unknown, user: string): string | undefined {
  if (policy === undefined) return `There is no ValidatingAdmissionPolicy ${cageName}.`;
  const spec = field(policy, "spec");
  const of = (what: string) => `ValidatingAdmissionPolicy ${cageName} ${what}`;
  // Absent is Fail.
  if (field(spec, "failurePolicy") === "Ignore") return of("lets requests through that it cannot judge.");
  const conditions = list(field(spec, "matchConditions")).map((one) => text(field(one, "expression"))?.trim());
  if (conditions.length !== 1 || conditions[0] !== cageCondition(user))
    return of(`is not about the identity that signs in here, ${printable(user, 100)}.`);
  if (!isAboutAllWrites(field(spec, "matchConstraints"))) return of("is not about every kind of write.");
  if (list(field(spec, "validations")).length === 0) return of("has no rule.");
  return undefined;
}

function isAboutAllWrites(constraints: unknown): boolean {
  const narrowed =
    list(field(constraints, "excludeResourceRules")).length > 0 ||
    !isEmptySelector(field(constraints, "namespaceSelector")) ||
    !isEmptySelector(field(constraints, "objectSelector"));
  return !narrowed && list(field(constraints, "resourceRules")).some(isAboutAll);
}

function isAboutAll(rule: unknown): boolean {
  const has = (name: string, ...wanted: readonly string[]) =>
    wanted.every((one) => list(field(rule, name)).includes(one));
  const operations = has("operations", "*") || has("operations", "CREATE", "UPDATE", "DELETE", "CONNECT");
  const named = list(field(rule, "resourceNames")).length > 0;
  const scope = field(rule, "scope") ?? "*";
  return (
    operations && !named && scope === "*" && has("apiGroups", "*") && has("apiVersions", "*") && has("resources", "*/*")
  );
}

function bindingProblem(binding: unknown): string | undefined {
  if (binding === undefined) return `There is no ValidatingAdmissionPolicyBinding ${cageName}.`;
  const spec = field(binding, "spec");
  const of = (what: string) => `ValidatingAdmissionPolicyBinding ${cageName} ${what}`;
  if (field(spec, "policyName") !== cageName) return of("is of another policy.");
  if (!list(field(spec, "validationActions")).includes("Deny")) return of("does not deny.");
  const match = field(spec, "matchResources");
  const narrowed =
    list(field(match, "resourceRules")).length > 0 ||
    list(field(match, "excludeResourceRules")).length > 0 ||
    !isEmptySelector(field(match, "namespaceSelector")) ||
    !isEmptySelector(field(match, "objectSelector"));
  return narrowed ? of("leaves some requests out.") : undefined;
}

/** The API server writes `{}` where nothing was chosen, which is everything. */
function isEmptySelector(selector: unknown): boolean {
  return (
    selector === undefined || (typeof selector === "object" && selector !== null && Object.keys(selector).length === 0)
  );
}
