/** May the bridge read what the classes name in a vault? */

import type { VaultProblem } from "../vault-object.ts";
import { hasRole } from "./azure-facts.ts";
import type { RoleAssignment, VaultPolicy } from "./azure-facts.ts";
import { ok, problem, warning } from "./check.ts";
import type { Check } from "./check.ts";

export interface VaultFacts {
  readonly vault: string;
  /** What a read with the caller's own sign-in came to; undefined where no class names an object to try it with. */
  readonly caller: { readonly get: "ok" | VaultProblem; readonly list: "ok" | VaultProblem } | undefined;
  /** Do classes name certificates or keys, and not only secrets? */
  readonly needsCertificates: boolean;
  /** Undefined where the bridge's identity was not named, or Azure gave no answer. */
  readonly bridge:
    | {
        readonly user: string;
        /** ARM id of the vault. */
        readonly id: string;
        readonly policy: VaultPolicy;
        /** Of the bridge's identity, on the vault and what holds it. */
        readonly assignments: readonly RoleAssignment[];
      }
    | undefined;
  /** Why `bridge` is not there. */
  readonly unknown: string | undefined;
}

/** Built-in roles have the same ids in every tenant. */
const roles = {
  secretsUser: "4633458b-17de-408a-b874-0445c86b69e6",
  secretsOfficer: "b86a8fe4-44ce-4948-aee5-eccb2c155cd7",
  certificateUser: "db79e9a7-68ee-4b58-9aeb-b90e7c24fcba",
  administrator: "00482a5a-887f-4fb3-b363-3b7fe8e74483",
} as const;

export function checkVault(facts: VaultFacts): readonly Check[] {
  return [...ofBridge(facts), ...ofCaller(facts)];
}

function ofBridge({ vault, bridge, needsCertificates, unknown }: VaultFacts): readonly Check[] {
  if (bridge === undefined)
    return unknown === undefined
      ? []
      : [
          warning(
            `Whether the bridge may read ${vault} was not checked: ${unknown}`,
            "Look at its roles on the vault.",
          ),
        ];
  const { policy, user } = bridge;
  return policy.kind === "roles"
    ? byRoles(vault, bridge, needsCertificates)
    : byPolicies(vault, policy, user, needsCertificates);
}

function byRoles(
  vault: string,
  { assignments, id }: NonNullable<VaultFacts["bridge"]>,
  needsCertificates: boolean,
): readonly Check[] {
  const { secretsUser, secretsOfficer, certificateUser, administrator } = roles;
  const all = hasRole(assignments, [certificateUser, administrator], id);
  const secrets = all || hasRole(assignments, [secretsUser, secretsOfficer], id);
  if (needsCertificates && !all)
    return [
      problem(
        `The bridge lacks the role Key Vault Certificate User on ${vault}, and classes name certificates or keys.`,
        "Assign it to the bridge's identity, on the vault.",
      ),
    ];
  if (!secrets)
    return [
      problem(
        `The bridge lacks the role Key Vault Secrets User on ${vault}.`,
        "Assign it to the bridge's identity, on the vault. Roles that it has by a group, or that are your own, are not seen here.",
      ),
    ];
  return [ok(`The bridge has a role that reads ${vault}.`)];
}

function byPolicies(
  vault: string,
  policy: Extract<VaultPolicy, { kind: "policies" }>,
  user: string,
  needsCertificates: boolean,
): readonly Check[] {
  const own = policy.permissions.get(user.toLowerCase());
  const kinds = needsCertificates ? (["secrets", "certificates", "keys"] as const) : (["secrets"] as const);
  const missing = kinds.flatMap((kind) =>
    ["get", "list"]
      .filter((word) => own === undefined || !(own[kind].has(word) || own[kind].has("all")))
      .map((word) => `${kind}/${word}`),
  );
  return missing.length === 0
    ? [ok(`An access policy of ${vault} lets the bridge read it.`)]
    : [
        problem(
          `No access policy of ${vault} gives the bridge ${missing.join(", ")}.`,
          `az keyvault set-policy --name ${vault} --object-id ${user} with these permissions.`,
        ),
      ];
}

function ofCaller({ vault, caller }: VaultFacts): readonly Check[] {
  if (caller === undefined) return [];
  const { get, list } = caller;
  if (get === "ok" && list === "ok") return [ok(`${vault} answers, to your own sign-in too.`)];
  if (get === "unavailable" || list === "unavailable")
    return [problem(`${vault} does not answer.`, "Look at its address in the map, its firewall and private endpoint.")];
  const what = get === "ok" ? `list versions (${list})` : `get (${get})`;
  return [
    warning(
      `With your own sign-in an object of ${vault} could not be read: ${what}.`,
      "What depends on it could not be checked. Key Vault Secrets User for yourself would show more.",
    ),
  ];
}
