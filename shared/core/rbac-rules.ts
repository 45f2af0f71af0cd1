/**
 * The Kubernetes rights that the bridge needs in one cluster, from the map and the cluster's classes: exactly the calls
 * that its adapter makes (shared/adapters/kubernetes/api.ts), shown by test/rig/least-power.ts.
 */

import { cageBindings, cageName, cagePolicies } from "./kubernetes/cage.ts";
import { csiDriverName, driverDaemonSets, driverNamespace } from "./kubernetes/names.ts";
import { kubernetesNamePattern } from "./names.ts";
import type { TargetPolicy } from "./policy.ts";
import type { ProviderClass } from "./provider-class.ts";
import { policyFor, withoutCage } from "./rotation-map.ts";
import type { MappedCluster, RotationMap } from "./rotation-map/map-types.ts";

export type Verb = "get" | "list" | "watch" | "patch";

export interface RbacRule {
  /** Empty for the core group. */
  readonly apiGroup: string;
  readonly resources: readonly string[];
  /** Undefined: all of them. Never empty, which RBAC reads as all of them too. */
  readonly resourceNames: readonly string[] | undefined;
  readonly uses: readonly { readonly verb: Verb; readonly why: string }[];
}

export interface RbacRole {
  /** Undefined for a ClusterRole. */
  readonly namespace: string | undefined;
  readonly why: string;
  readonly rules: readonly RbacRule[];
}

/** `left`: what was not granted and why, one sentence each. */
export interface NeededRights {
  readonly roles: readonly RbacRole[];
  readonly left: readonly string[];
}

/**
 * The watch of classes is cluster-wide where the map has patterns, and in each namespace where it names all of them: as
 * the app itself does it. `outside: false` leaves out what lies outside the mapped namespaces, for who may grant nothing
 * there; the driver's facts must then be in the map.
 */
export function neededRights(
  map: RotationMap,
  cluster: MappedCluster,
  classes: readonly ProviderClass[],
  { outside }: { readonly outside: boolean } = { outside: true },
): NeededRights {
  const wide = hasPatterns(cluster);
  const namespaces = new Map<string, ProviderClass[]>(wide ? [] : cluster.namespaces.map((name) => [name, []]));
  for (const item of classes) {
    const known = namespaces.get(item.namespace) ?? [];
    if (!item.deleting && item.provider === "azure") namespaces.set(item.namespace, [...known, item]);
  }
  const left: string[] = [];
  const roles = [...namespaces].sort(byName).flatMap(([namespace, own]) => {
    const policy = policyFor(map, { cluster: cluster.name, namespace });
    if (policy === undefined) return [];
    const needed = inNamespace(namespace, own, policy, wide);
    left.push(...needed.left);
    return needed.rules.length === 0 ? [] : [{ namespace, why: whyOf(namespace, policy), rules: needed.rules }];
  });
  const needsCage = mayAct(map, cluster) && !withoutCage(map, cluster);
  if (needsCage && !outside)
    left.push(
      "The cage is not in a namespace, so the bridge cannot see whether it stands: say withoutCage: true in the map.",
    );
  return { roles: outside ? [...aroundThem(wide, needsCage), ...roles] : roles, left };
}

/** Does the map name namespaces of this cluster by patterns? Then only a cluster-wide list finds their classes. */
export function hasPatterns(cluster: Pick<MappedCluster, "namespaces">): boolean {
  return cluster.namespaces.some((pattern) => pattern.includes("*"));
}

/** Does the map let the bridge act anywhere in this cluster? */
export function mayAct(map: RotationMap, cluster: MappedCluster): boolean {
  return [cluster.mode ?? map.mode, ...cluster.modes.map(({ mode }) => mode)].includes("act");
}

const csiGroup = "secrets-store.csi.x-k8s.io";

const watchClasses: RbacRule = {
  apiGroup: csiGroup,
  resources: ["secretproviderclasses"],
  resourceNames: undefined,
  uses: [
    { verb: "list", why: "which vault objects and Secrets the classes name. Classes hold no values" },
    { verb: "watch", why: "what changed since, instead of a whole list at each event" },
  ],
};

function aroundThem(wide: boolean, needsCage: boolean): readonly RbacRole[] {
  const driver: RbacRule = {
    apiGroup: "storage.k8s.io",
    resources: ["csidrivers"],
    resourceNames: [csiDriverName],
    uses: [{ verb: "get", why: "does the Secrets Store CSI driver rotate by itself?" }],
  };
  const cage: RbacRule = {
    apiGroup: "admissionregistration.k8s.io",
    resources: [cagePolicies, cageBindings],
    resourceNames: [cageName],
    uses: [{ verb: "get", why: "does the cage stand? Without it nothing is written, unless the map says so" }],
  };
  const daemonSets: RbacRule = {
    apiGroup: "apps",
    resources: ["daemonsets"],
    resourceNames: driverDaemonSets,
    uses: [{ verb: "get", why: "the driver's version and how often it polls" }],
  };
  return [
    {
      namespace: undefined,
      why: wide ? "The map has patterns of namespaces, so classes are looked for everywhere." : "Of the whole cluster.",
      rules: [...(wide ? [watchClasses] : []), driver, ...(needsCage ? [cage] : [])],
    },
    { namespace: driverNamespace, why: "Where the driver runs.", rules: [daemonSets] },
  ];
}

/** Of a namespace without classes at most their watch, so that the first one is seen. */
function inNamespace(namespace: string, classes: readonly ProviderClass[], policy: TargetPolicy, wide: boolean) {
  const watch = wide ? [] : [watchClasses];
  const { names, left, allowed } = secretNames(namespace, classes, policy);
  if (classes.length === 0) return { rules: watch, left: [`${namespace}: no class yet, so no more than their watch.`] };
  if (!policy.discovery && policy.links.length === 0)
    return { rules: watch, left: [`${namespace}: the map says discovery: false and has no link to it.`] };
  const acts = policy.mode === "act" && allowed;
  if (policy.mode !== "act") left.push(`${namespace}: the map says mode: observe, so nothing may be patched.`);
  const rule = (apiGroup: string, resources: readonly string[], uses: RbacRule["uses"]): RbacRule => ({
    apiGroup,
    resources,
    resourceNames: undefined,
    uses: uses.filter(({ verb }) => acts || verb !== "patch"),
  });
  const secrets = rule(
    "",
    ["secrets"],
    [
      { verb: "get", why: "does it hold the current bytes, before the write and after the restart?" },
      { verb: "patch", why: "the new bytes, into keys that its class names" },
    ],
  );
  const rules = [
    ...watch,
    // No names would mean all Secrets.
    ...(names.length === 0 ? [] : [{ ...secrets, resourceNames: names }]),
    rule("", ["pods"], [{ verb: "list", why: "which pods live, since when, and what they mount and read" }]),
    rule(
      "apps",
      ["deployments", "statefulsets", "daemonsets"],
      [
        { verb: "list", why: "what depends on a Secret, and how far its rollout is" },
        { verb: "patch", why: "one annotation of the pod template, which restarts the pods" },
      ],
    ),
    rule(
      "apps",
      ["replicasets", "controllerrevisions"],
      [{ verb: "list", why: "did somebody undo our restart (kubectl rollout undo)?" }],
    ),
    rule(
      csiGroup,
      ["secretproviderclasspodstatuses"],
      [
        { verb: "list", why: "which version each pod has mounted" },
        { verb: "patch", why: "an annotation of our own, at which the driver makes a lost Secret again" },
      ],
    ),
  ];
  return { rules, left };
}

/** Only of classes whose vault may flow here: the bridge writes no others, so it need not see them. */
function secretNames(namespace: string, classes: readonly ProviderClass[], policy: TargetPolicy) {
  const names = new Set<string>();
  const left: string[] = [];
  let allowed = false;
  for (const { name, content } of classes) {
    const where = `${namespace}/${name}`;
    if (!content.ok) left.push(`${where}: the driver cannot mount this class, so its Secrets are left out.`);
    else if (!policy.vaults.has(content.vault.toLowerCase()))
      left.push(`${where}: the map does not let its vault flow here, so its Secrets are left out.`);
    else {
      allowed = true;
      for (const { secretName } of content.secretObjects)
        if (kubernetesNamePattern.test(secretName)) names.add(secretName);
        else left.push(`${where}: one of its Secrets has a name that no Secret can have.`);
    }
  }
  return { names: [...names].sort(), left, allowed };
}

function whyOf(namespace: string, { mode }: TargetPolicy): string {
  return mode === "act" ? `The map lets the bridge act in ${namespace}.` : `The bridge only observes ${namespace}.`;
}

function byName([one]: readonly [string, unknown], [other]: readonly [string, unknown]): number {
  return one < other ? -1 : 1;
}
