/** What doctor asks Azure Resource Manager: where a vault is, what is there, and who has which role on it. */

import type { Arm } from "../../shared/adapters/arm.ts";
import { parseRoleAssignment } from "../../shared/core/doctor/azure-facts.ts";
import type { RoleAssignment } from "../../shared/core/doctor/azure-facts.ts";
import { field, text } from "../../shared/core/kubernetes/read.ts";
import { RemoteProblem } from "../../shared/core/remote-problem.ts";

export const apiVersions = {
  subscriptions: "2022-12-01",
  resources: "2021-04-01",
  vault: "2026-02-01",
  roles: "2022-04-01",
  eventGrid: "2025-02-15",
  storage: "2025-06-01",
} as const;

export type Place = { readonly ok: true; readonly id: string } | { readonly ok: false; readonly why: string };

/** ARM id of a vault: its name is unique in Azure, so the first is it. */
export async function findVault(arm: Arm, name: string): Promise<Place> {
  try {
    const subscriptions = await arm.list("/subscriptions", { version: apiVersions.subscriptions });
    for (const subscription of subscriptions.flatMap((one) => text(field(one, "subscriptionId")) ?? [])) {
      const found = await arm.list(`/subscriptions/${encodeURIComponent(subscription)}/resources`, {
        version: apiVersions.resources,
        filter: `resourceType eq 'Microsoft.KeyVault/vaults' and name eq '${name}'`,
      });
      const id = text(field(found[0], "id"));
      if (id !== undefined) return { ok: true, id };
    }
    return { ok: false, why: "it is in no subscription that you can see." };
  } catch (error) {
    if (error instanceof RemoteProblem) return { ok: false, why: error.message };
    throw error;
  }
}

/** Role assignments of one principal that hold on a scope. */
export async function rolesOn(arm: Arm, scope: string, principal: string): Promise<readonly RoleAssignment[]> {
  const filter = `principalId eq '${principal.replaceAll("'", "")}'`;
  const path = `${scope}/providers/Microsoft.Authorization/roleAssignments`;
  return (await arm.list(path, { version: apiVersions.roles, filter })).map(parseRoleAssignment);
}

/** Undefined: the caller may not see it, or Azure did not answer. */
export async function exists(arm: Arm, id: string): Promise<boolean | undefined> {
  try {
    await arm.get(id, { version: apiVersions.storage });
    return true;
  } catch (error) {
    if (!(error instanceof RemoteProblem)) throw error;
    return error.kind === "not-found" ? false : undefined;
  }
}

/** Undefined where it cannot be read. */
export async function unlessUnread<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof RemoteProblem) return undefined;
    throw error;
  }
}
