/** The kinds of objects that the store keeps, with what a URL needs to name them. */

export type KindName =
  | "Namespace"
  | "Pod"
  | "Secret"
  | "Event"
  | "Deployment"
  | "StatefulSet"
  | "DaemonSet"
  | "ReplicaSet"
  | "ControllerRevision"
  | "Job"
  | "Ingress"
  | "IngressClass"
  | "CSIDriver"
  | "ValidatingAdmissionPolicy"
  | "ValidatingAdmissionPolicyBinding"
  | "SecretProviderClass"
  | "SecretProviderClassPodStatus";

export interface ResourceKind {
  readonly kind: KindName;
  /** Empty for the core group. */
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly namespaced: boolean;
  /** `status` is written through its own subresource and ignored by writes of the object itself. */
  readonly statusSubresource: boolean;
}

const admission = "admissionregistration.k8s.io";
const csi = "secrets-store.csi.x-k8s.io";

export const resourceKinds: Readonly<Record<KindName, ResourceKind>> = {
  Namespace: entry("Namespace", "", "v1", "namespaces", { namespaced: false, status: true }),
  Pod: entry("Pod", "", "v1", "pods", { status: true }),
  Secret: entry("Secret", "", "v1", "secrets"),
  Event: entry("Event", "", "v1", "events"),
  Deployment: entry("Deployment", "apps", "v1", "deployments", { status: true }),
  StatefulSet: entry("StatefulSet", "apps", "v1", "statefulsets", { status: true }),
  DaemonSet: entry("DaemonSet", "apps", "v1", "daemonsets", { status: true }),
  ReplicaSet: entry("ReplicaSet", "apps", "v1", "replicasets", { status: true }),
  ControllerRevision: entry("ControllerRevision", "apps", "v1", "controllerrevisions"),
  Job: entry("Job", "batch", "v1", "jobs", { status: true }),
  Ingress: entry("Ingress", "networking.k8s.io", "v1", "ingresses", { status: true }),
  IngressClass: entry("IngressClass", "networking.k8s.io", "v1", "ingressclasses", { namespaced: false }),
  CSIDriver: entry("CSIDriver", "storage.k8s.io", "v1", "csidrivers", { namespaced: false }),
  ValidatingAdmissionPolicy: entry("ValidatingAdmissionPolicy", admission, "v1", "validatingadmissionpolicies", {
    namespaced: false,
  }),
  ValidatingAdmissionPolicyBinding: entry(
    "ValidatingAdmissionPolicyBinding",
    admission,
    "v1",
    "validatingadmissionpolicybindings",
    { namespaced: false },
  ),
  SecretProviderClass: entry("SecretProviderClass", csi, "v1", "secretproviderclasses"),
  SecretProviderClassPodStatus: entry("SecretProviderClassPodStatus", csi, "v1", "secretproviderclasspodstatuses"),
};

/** `v1` or `apps/v1`. */
export function apiVersion(kind: ResourceKind): string {
  return kind.group === "" ? kind.version : `${kind.group}/${kind.version}`;
}

export function isKindName(text: string): text is KindName {
  return Object.hasOwn(resourceKinds, text);
}

function entry(
  kind: KindName,
  group: string,
  version: string,
  plural: string,
  more: { readonly namespaced?: boolean; readonly status?: boolean } = {},
): ResourceKind {
  return {
    kind,
    group,
    version,
    plural,
    namespaced: more.namespaced ?? true,
    statusSubresource: more.status ?? false,
  };
}
