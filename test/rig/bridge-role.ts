/**
 * What the bridge's user may do on the rig where tests make namespaces and Secrets as they go: the verbs that
 * `rotation-bridge rbac` grants, in all namespaces. With no more than it grants: least-rights.ts.
 */

import { z } from "zod";
import { resourceKinds } from "../../local/cluster/kinds.ts";
import type { KindName } from "../../local/cluster/kinds.ts";
import { parseProviderClass } from "../../shared/core/parse-provider-class.ts";
import { neededRights, type Verb } from "../../shared/core/rbac-rules.ts";
import { providerClass } from "../scenarios/manifests.ts";
import type { Api } from "./api.ts";
import { rigMap } from "./least-rights.ts";
import { until } from "./until.ts";
import type { Namespace } from "./namespace.ts";

const kinds = Object.values(resourceKinds);

/** Kinds and the verbs that the bridge needs somewhere. */
export const bridgeVerbs: ReadonlyMap<KindName, ReadonlySet<Verb>> = verbsOf();

function verbsOf(): ReadonlyMap<KindName, ReadonlySet<Verb>> {
  const { map, cluster } = rigMap(`mode: act
vaults: [{ name: contoso, flowsTo: [{ cluster: rig, namespaces: ["*"] }] }]
clusters: [{ name: rig, server: "https://127.0.0.1", token: { file: token }, namespaces: ["*"] }]`);
  const sample = parseProviderClass(providerClass({ name: "kv", objects: ["db"], secrets: { app: { k: "db" } } }));
  const rules = neededRights(map, cluster, [sample]).roles.flatMap((role) => role.rules);
  return new Map(
    kinds.flatMap(({ kind, group, plural }) => {
      const own = rules.filter((rule) => rule.apiGroup === group && rule.resources.includes(plural));
      const verbs = own.flatMap(({ uses }) => uses.map(({ verb }) => verb));
      return verbs.length === 0 ? [] : [[kind, new Set(verbs)] as const];
    }),
  );
}

/** Gives the user `rotation-bridge` its role, less one permission, and waits until that holds. */
export async function grantBridge(
  namespace: Pick<Namespace, "check">,
  { admin, bridge }: { readonly admin: Api; readonly bridge: Api },
  without?: { readonly verb: Verb; readonly kind: KindName },
): Promise<void> {
  const rules = kinds.flatMap(({ kind, group, plural }) => {
    const verbs = [...(bridgeVerbs.get(kind) ?? [])].filter((verb) => kind !== without?.kind || verb !== without.verb);
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
  for (const { kind, group, plural } of kinds) {
    for (const verb of bridgeVerbs.get(kind) ?? []) {
      const wanted = kind !== without?.kind || verb !== without.verb;
      await until(`that the bridge may${wanted ? "" : " not"} ${verb} ${plural}`, namespace, async () => {
        const allowed = await mayBridge(bridge, { verb, group, resource: plural, namespace: "default" });
        return allowed === wanted;
      });
    }
  }
}

/** The API server's own word for what a user may do. */
export async function mayBridge(bridge: Api, resourceAttributes: Readonly<Record<string, string>>): Promise<boolean> {
  const review = {
    apiVersion: "authorization.k8s.io/v1",
    kind: "SelfSubjectAccessReview",
    spec: { resourceAttributes },
  };
  const answer = await bridge.must("POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", review);
  return reviewSchema.parse(answer).status.allowed;
}

const reviewSchema = z.object({ status: z.object({ allowed: z.boolean() }) });
