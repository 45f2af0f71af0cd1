/** Rights as the objects that grant them: a role and a binding each. */

import type { RbacRole, RbacRule } from "./rbac-rules.ts";

/** Name of all roles and bindings of the bridge. */
export const roleName = "rotation-bridge";

const rbacGroup = "rbac.authorization.k8s.io";

/** `user`: the name that the API server knows the bridge's identity by; for a managed identity its object id. */
export function rbacManifests(roles: readonly RbacRole[], user: string) {
  return roles.flatMap((role) => [roleManifest(role), bindingManifest(role, user)]);
}

export function roleManifest({ namespace, rules }: RbacRole) {
  return {
    apiVersion: `${rbacGroup}/v1`,
    kind: namespace === undefined ? "ClusterRole" : "Role",
    metadata: metadataIn(namespace),
    rules: rules.map(ruleManifest),
  };
}

export function bindingManifest({ namespace }: RbacRole, user: string) {
  return {
    apiVersion: `${rbacGroup}/v1`,
    kind: namespace === undefined ? "ClusterRoleBinding" : "RoleBinding",
    metadata: metadataIn(namespace),
    roleRef: { apiGroup: rbacGroup, kind: namespace === undefined ? "ClusterRole" : "Role", name: roleName },
    subjects: [{ apiGroup: rbacGroup, kind: "User", name: user }],
  };
}

function ruleManifest({ apiGroup, resources, resourceNames, uses }: RbacRule) {
  return {
    apiGroups: [apiGroup],
    resources: [...resources],
    ...(resourceNames === undefined ? {} : { resourceNames: [...resourceNames] }),
    verbs: uses.map(({ verb }) => verb),
  };
}

function metadataIn(namespace: string | undefined) {
  return { name: roleName, ...(namespace === undefined ? {} : { namespace }) };
}
