/** Which classes would be refused, what waits for a person, and which Secrets are claimed twice? */

import type { ProviderClass } from "../provider-class.ts";
import { allReasons } from "../reasons.ts";
import type { Outcome, WaitingReason } from "../reasons.ts";
import { printable } from "../printable.ts";
import { counted, listed, ok, problem, warning } from "./check.ts";
import type { Check } from "./check.ts";

export interface ClassOutcome {
  readonly namespace: string;
  readonly className: string;
  readonly outcome: Outcome;
}

/** Waits that end when a person does something. */
const forPeople: ReadonlySet<WaitingReason> = new Set([
  "start-unknown",
  "not-yet-mounted",
  "old-mount",
  "unmanaged-pod",
  "class-changed",
  "workload-paused",
  "on-delete",
  "partitioned",
  "broken-revision",
  "secret-missing",
] as const);

/** What only says that the caller, not the bridge, may not read something. */
const ofTheCaller = new Set(["no-rbac", "object-forbidden"]);

/** Outcomes of a look with the caller's own sign-in, by class. `unread`: namespaces that could not be looked at, with why. */
export function checkOutcomes(
  outcomes: readonly ClassOutcome[],
  unread: readonly { readonly namespace: string; readonly why: string }[],
): readonly Check[] {
  const checks = outcomes.flatMap((one) => checkOutcome(one));
  for (const { namespace, why } of unread)
    checks.push(warning(`${namespace} could not be looked at: ${why}`, "Sign in as somebody who may read it."));
  const good = outcomes.length - checks.length + unread.length;
  if (outcomes.length === 0 && unread.length === 0)
    return [
      warning(
        "No class of a mapped namespace names objects of Key Vault.",
        "Look at namespaces in the map, and at whether the driver is installed.",
      ),
    ];
  return good > 0
    ? [
        ok(`${good} of ${counted(outcomes.length, "class", "classes")} ${good === 1 ? "waits" : "wait"} for nobody.`),
        ...checks,
      ]
    : checks;
}

function checkOutcome({ namespace, className, outcome }: ClassOutcome): readonly Check[] {
  if (outcome.kind === "converged") return [];
  const { kind, reason } = outcome;
  if (kind === "waiting" && !forPeople.has(reason)) return [];
  const about = outcome.about.map((one) => printable(one, 200));
  const of = about.length === 0 ? "" : `: ${listed(about)}`;
  const text = `${namespace}/${className} is ${kind}(${reason})${of}.`.replace(/\.\.$/, ".");
  if (ofTheCaller.has(reason))
    return [warning(`${text} That is with your own sign-in.`, "Whether the bridge may, the rights say.")];
  return [kind === "waiting" ? warning(text, allReasons[reason]) : problem(text, allReasons[reason])];
}

/** Secrets that more than one class of their namespace makes: each overwrites the other's. */
export function checkClaims(classes: readonly ProviderClass[]): readonly Check[] {
  const claims = new Map<string, string[]>();
  for (const { namespace, name, content, deleting } of classes) {
    if (deleting) continue;
    for (const { secretName } of content.secretObjects) {
      const key = `${namespace}/${secretName}`;
      claims.set(key, [...(claims.get(key) ?? []), name]);
    }
  }
  const doubled = [...claims].filter(([, names]) => names.length > 1);
  if (doubled.length === 0) return [ok("No Secret is claimed by two classes.")];
  return doubled.map(([secret, names]) =>
    problem(
      `Secret ${printable(secret, 200)} is claimed by ${listed(names.map((name) => printable(name, 100)))}; where pods mount both, each overwrites the other's.`,
      "Let only one class name it.",
    ),
  );
}
