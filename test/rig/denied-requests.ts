/**
 * Requests that the bridge never makes, in its name: what a thief of its identity would try. `by` says who stops them
 * where the identity has no more than its rights: RBAC, the cage, or the API server's own rules.
 */

import { secretWrites, workloadWrites } from "./denied-changes.ts";
import { admission, change, csi, type Denied, type Ground, rbac, strategic } from "./denied-request.ts";

/** No read goes through admission, so RBAC alone stops these. */
export function deniedReads({ namespace, elsewhere, pod }: Ground): readonly Denied[] {
  const core = `/api/v1/namespaces/${namespace}`;
  const reads: Readonly<Record<string, string>> = {
    "all Secrets of the namespace": `${core}/secrets`,
    "all Secrets of the namespace, by a watch": `${core}/secrets?watch=true`,
    "a class's Secret, by a list of one": `${core}/secrets?fieldSelector=metadata.name%3Dapp`,
    "a Secret that no class names": `${core}/secrets/private`,
    "the same Secret's name elsewhere": `/api/v1/namespaces/${elsewhere}/secrets/app`,
    "all Secrets": "/api/v1/secrets",
    "Secrets of kube-system": "/api/v1/namespaces/kube-system/secrets",
    "config maps": `${core}/configmaps`,
    "one pod": `${core}/pods/${pod}`,
    "a pod's log": `${core}/pods/${pod}/log`,
    "pods elsewhere": `/api/v1/namespaces/${elsewhere}/pods`,
    "all pods": "/api/v1/pods",
    "pods, by a watch": `${core}/pods?watch=true`,
    "one Deployment": `/apis/apps/v1/namespaces/${namespace}/deployments/app`,
    "all Deployments": "/apis/apps/v1/deployments",
    "one class": `${csi}/namespaces/${namespace}/secretproviderclasses/kv`,
    "all pod statuses": `${csi}/secretproviderclasspodstatuses`,
    "service accounts": `${core}/serviceaccounts`,
    roles: `${rbac}/namespaces/${namespace}/roles`,
    events: `${core}/events`,
    namespaces: "/api/v1/namespaces",
    nodes: "/api/v1/nodes",
    "a node's kubelet": "/api/v1/nodes/node1/proxy/pods",
    "another CSI driver": "/apis/storage.k8s.io/v1/csidrivers/other.example.com",
    "all CSI drivers": "/apis/storage.k8s.io/v1/csidrivers",
    "DaemonSets of kube-system": "/apis/apps/v1/namespaces/kube-system/daemonsets",
    "admission policies": `${admission}/validatingadmissionpolicies`,
    "the API server's metrics": "/metrics",
  };
  return Object.entries(reads).map(([what, path]) => ({ what: `read ${what}`, by: "rbac", method: "GET", path }));
}

export function deniedWrites(ground: Ground): readonly Denied[] {
  return [...secretWrites(ground), ...workloadWrites(ground), ...podStatusWrites(ground), ...otherWrites(ground)];
}

function podStatusWrites({ namespace, podStatus }: Ground): readonly Denied[] {
  const path = `${csi}/namespaces/${namespace}/secretproviderclasspodstatuses/${podStatus}`;
  const patch = (what: string, body: unknown) => change(`pod status: ${what}`, "cage", "PATCH", path, body);
  return [
    patch("another version", { status: { objects: [{ id: "secret/db", version: "forged" }] } }),
    patch("another pod", { status: { podName: "forged" } }),
    patch("no status", { status: null }),
    patch("another annotation", { metadata: { annotations: { note: "x" } } }),
    patch("a label", { metadata: { labels: { team: "thief" } } }),
    patch("no owner", { metadata: { ownerReferences: null } }),
    change("pod status: delete", "rbac", "DELETE", path),
  ];
}

function otherWrites({ namespace, pod }: Ground): readonly Denied[] {
  const core = `/api/v1/namespaces/${namespace}`;
  const by = "rbac";
  const admin = { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "cluster-admin" };
  const self = [{ apiGroup: "rbac.authorization.k8s.io", kind: "User", name: "rotation-bridge" }];
  const binding = {
    apiVersion: "rbac.authorization.k8s.io/v1",
    roleRef: admin,
    subjects: self,
    metadata: { name: "thief" },
  };
  const podSpec = { containers: [{ name: "app", image: "thief" }] };
  return [
    change("pods: make", by, "POST", `${core}/pods`, {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "thief" },
      spec: podSpec,
    }),
    change("pod: annotation", by, "PATCH", `${core}/pods/${pod}`, { metadata: { annotations: { note: "x" } } }),
    change("pod: delete", by, "DELETE", `${core}/pods/${pod}`),
    change("pod: evict", by, "POST", `${core}/pods/${pod}/eviction`, {
      apiVersion: "policy/v1",
      kind: "Eviction",
      metadata: { name: pod },
    }),
    change(
      "pod: a debugging container",
      by,
      "PATCH",
      `${core}/pods/${pod}/ephemeralcontainers`,
      { spec: { ephemeralContainers: [{ name: "thief", image: "thief" }] } },
      strategic,
    ),
    // These two take no dry run; the rig's pods run nothing.
    { what: "pod: exec", by, method: "POST", path: `${core}/pods/${pod}/exec?command=sh&stdout=true` },
    { what: "pod: port-forward", by, method: "POST", path: `${core}/pods/${pod}/portforward?ports=80` },
    change("class: another vault", by, "PATCH", `${csi}/namespaces/${namespace}/secretproviderclasses/kv`, {
      spec: { parameters: { keyvaultName: "other" } },
    }),
    change("config map: make", by, "POST", `${core}/configmaps`, {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "thief" },
    }),
    change("service account: token", by, "POST", `${core}/serviceaccounts/default/token`, {
      apiVersion: "authentication.k8s.io/v1",
      kind: "TokenRequest",
      spec: {},
    }),
    change("role binding: make", by, "POST", `${rbac}/namespaces/${namespace}/rolebindings`, {
      ...binding,
      kind: "RoleBinding",
    }),
    change("cluster role binding: make", by, "POST", `${rbac}/clusterrolebindings`, {
      ...binding,
      kind: "ClusterRoleBinding",
    }),
    change("own role: more", by, "PATCH", `${rbac}/clusterroles/rotation-bridge`, {
      rules: [{ apiGroups: ["*"], resources: ["*"], verbs: ["*"] }],
    }),
    change("job: make", by, "POST", `/apis/batch/v1/namespaces/${namespace}/jobs`, {
      apiVersion: "batch/v1",
      kind: "Job",
      metadata: { name: "thief" },
      spec: { template: { spec: { ...podSpec, restartPolicy: "Never" } } },
    }),
    change("namespace: make", by, "POST", "/api/v1/namespaces", {
      apiVersion: "v1",
      kind: "Namespace",
      metadata: { name: "thief" },
    }),
    change("namespace: delete", by, "DELETE", `/api/v1/namespaces/${namespace}`),
    change("node: label", by, "PATCH", "/api/v1/nodes/node1", { metadata: { labels: { role: "thief" } } }),
    change("webhook: make", by, "POST", `${admission}/mutatingwebhookconfigurations`, {
      apiVersion: "admissionregistration.k8s.io/v1",
      kind: "MutatingWebhookConfiguration",
      metadata: { name: "thief" },
    }),
  ];
}

/**
 * Where the identity is given more than its rights, the cage does not stop these: it knows no namespaces, and Kubernetes
 * exempts policies and their bindings from policies.
 */
export function deniedByRbacOnly({ elsewhere }: Ground): readonly Denied[] {
  const marker = { spec: { template: { metadata: { annotations: { "rotation-bridge/versions": "x" } } } } };
  const apps = (namespace: string) => `/apis/apps/v1/namespaces/${namespace}`;
  return [
    change("deployments elsewhere: a restart", "rbac", "PATCH", `${apps(elsewhere)}/deployments/app`, marker),
    change(
      "the driver's DaemonSet: a restart",
      "rbac",
      "PATCH",
      `${apps("kube-system")}/daemonsets/csi-secrets-store`,
      marker,
    ),
    ...["validatingadmissionpolicies", "validatingadmissionpolicybindings"].map((kind) =>
      change(`${kind}: delete the cage's`, "rbac", "DELETE", `${admission}/${kind}/rotation-bridge-cage`),
    ),
  ];
}
