/** What the bridge's user may do on the rig: exactly the requests that its adapter makes. */

import { z } from "zod";
import { resourceKinds } from "../../local/cluster/kinds.ts";
import type { KindName } from "../../local/cluster/kinds.ts";
import type { Api } from "./api.ts";
import { until } from "./until.ts";
import type { Namespace } from "./namespace.ts";

export type Verb = "get" | "list" | "watch" | "patch";

export const bridgeVerbs: Readonly<Partial<Record<KindName, readonly Verb[]>>> = {
  SecretProviderClass: ["list", "watch"],
  SecretProviderClassPodStatus: ["list", "patch"],
  Secret: ["get", "patch"],
  Pod: ["list"],
  Deployment: ["list", "patch"],
  StatefulSet: ["list", "patch"],
  DaemonSet: ["get", "list", "patch"],
  ReplicaSet: ["list"],
  ControllerRevision: ["list"],
  CSIDriver: ["get"],
};

/** Gives the user `rotation-bridge` its role, less one permission, and waits until that holds. */
export async function grantBridge(
  namespace: Pick<Namespace, "check">,
  { admin, bridge }: { readonly admin: Api; readonly bridge: Api },
  without?: { readonly verb: Verb; readonly kind: KindName },
): Promise<void> {
  const rules = Object.values(resourceKinds).flatMap(({ kind, group, plural }) => {
    const verbs = (bridgeVerbs[kind] ?? []).filter((verb) => kind !== without?.kind || verb !== without.verb);
    return verbs.length === 0 ? [] : [{ apiGroups: [group], resources: [plural], verbs }];
  });
  const rbac = "rbac.authorization.k8s.io";
  const metadata = { name: "rotation-bridge" };
  await admin.apply({ apiVersion: `${rbac}/v1`, kind: "ClusterRole", metadata, rules });
  await admin.apply({
    apiVersion: `${rbac}/v1`,
    kind: "ClusterRoleBinding",
    metadata,
    roleRef: { apiGroup: rbac, kind: "ClusterRole", name: "rotation-bridge" },
    subjects: [{ apiGroup: rbac, kind: "User", name: "rotation-bridge" }],
  });
  // The authorizer learns of it by a watch.
  for (const { kind, group, plural } of Object.values(resourceKinds)) {
    for (const verb of bridgeVerbs[kind] ?? []) {
      const wanted = kind !== without?.kind || verb !== without.verb;
      await until(`that the bridge may${wanted ? "" : " not"} ${verb} ${plural}`, namespace, async () => {
        const spec = { resourceAttributes: { verb, group, resource: plural, namespace: "default" } };
        const review = { apiVersion: "authorization.k8s.io/v1", kind: "SelfSubjectAccessReview", spec };
        const answer = await bridge.must("POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", review);
        return reviewSchema.parse(answer).status.allowed === wanted;
      });
    }
  }
}

const reviewSchema = z.object({ status: z.object({ allowed: z.boolean() }) });
