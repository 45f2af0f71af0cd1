/** Changes of the very objects that the bridge may patch, which it never makes: all but a few are the cage's to stop. */

import { mergePatch } from "./api.ts";
import { apply, change, type Denied, extra, type Ground, jsonPatch, label, strategic } from "./denied-request.ts";

export function secretWrites({ namespace, elsewhere }: Ground): readonly Denied[] {
  const secrets = `/api/v1/namespaces/${namespace}/secrets`;
  const patch = (what: string, by: Denied["by"], body: unknown, name: string = "app", type: string = mergePatch) =>
    change(`Secret: ${what}`, by, "PATCH", `${secrets}/${name}`, body, type);
  const whole = { apiVersion: "v1", kind: "Secret", metadata: { name: "app", namespace }, data: {} };
  return [
    patch("remove a key", "cage", { data: { k: null } }),
    patch("remove all data", "cage", { data: null }),
    patch("replace its data", "cage", [{ op: "replace", path: "/data", value: { x: "eA==" } }], "app", jsonPatch),
    patch("another type", "api", { type: "kubernetes.io/tls" }),
    patch("immutable", "cage", { immutable: true }),
    patch("not the driver's any more", "cage", { metadata: { labels: { [label]: null } } }),
    patch("a label", "cage", { metadata: { labels: { team: "thief" } } }),
    patch("an annotation", "cage", { metadata: { annotations: { note: "x" } } }),
    patch("without a label", "cage", { metadata: { labels: { [extra]: null } } }),
    patch("without an annotation", "cage", { metadata: { annotations: { [extra]: null } } }),
    patch("a finalizer", "cage", { metadata: { finalizers: ["example.com/keep"] } }),
    patch("no owner", "cage", { metadata: { ownerReferences: null } }),
    patch("a value, and an annotation with it", "cage", { data: { k: "eA==" }, metadata: { annotations: { n: "x" } } }),
    patch("a value where the driver did not make the Secret", "cage", { data: { k: "eA==" } }, "handmade"),
    patch(
      "the driver's label onto a Secret that it did not make",
      "cage",
      { metadata: { labels: { [label]: "true" } }, data: { k: "eA==" } },
      "handmade",
    ),
    patch("a value where no class names the Secret", "rbac", { data: { k: "eA==" } }, "private"),
    patch("make one by server-side apply", "rbac", { ...whole, metadata: { name: "new", namespace } }, "new", apply),
    change("Secret: replace", "rbac", "PUT", `${secrets}/app`, whole),
    change("Secret: make", "rbac", "POST", secrets, { ...whole, metadata: { name: "new" } }),
    change("Secret: delete", "rbac", "DELETE", `${secrets}/app`),
    change("Secrets: delete all", "rbac", "DELETE", secrets),
    change("Secret elsewhere: a value", "rbac", "PATCH", `/api/v1/namespaces/${elsewhere}/secrets/app`, {
      data: { k: "eA==" },
    }),
  ];
}

export function workloadWrites({ namespace }: Ground): readonly Denied[] {
  const apps = `/apis/apps/v1/namespaces/${namespace}`;
  const patch = (what: string, body: unknown, to: string = "deployments/app", type: string = mergePatch) =>
    change(`${to}: ${what}`, "cage", "PATCH", `${apps}/${to}`, body, type);
  const template = (what: string, body: unknown, to?: string) => patch(what, { spec: { template: body } }, to);
  const pod = (what: string, spec: object, to?: string) =>
    change(
      `${to ?? "deployments/app"}: ${what}`,
      "cage",
      "PATCH",
      `${apps}/${to ?? "deployments/app"}`,
      {
        spec: { template: { spec } },
      },
      strategic,
    );
  const deployment = { apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "app", namespace } };
  return [
    pod("another image", { containers: [{ name: "app", image: "thief" }] }),
    pod("another command", { containers: [{ name: "app", command: ["sh"] }] }),
    pod("one more container", { containers: [{ name: "thief", image: "thief" }] }),
    pod("an env variable", { containers: [{ name: "app", env: [{ name: "LD_PRELOAD", value: "/x" }] }] }),
    pod("privileged", { containers: [{ name: "app", securityContext: { privileged: true } }] }),
    pod("another service account", { serviceAccountName: "admin" }),
    pod("a host path", { volumes: [{ name: "host", hostPath: { path: "/" } }] }),
    pod("the host's network", { hostNetwork: true }),
    pod("another node", { nodeSelector: { role: "thief" } }),
    pod("another image", { containers: [{ name: "app", image: "thief" }] }, "statefulsets/store"),
    pod("the host's processes", { hostPID: true }, "daemonsets/agent"),
    patch(
      "an image, by a JSON patch",
      [{ op: "replace", path: "/spec/template/spec/containers/0/image", value: "thief" }],
      "deployments/app",
      jsonPatch,
    ),
    template("a marker and an image", {
      metadata: { annotations: { "rotation-bridge/versions": "x" } },
      spec: { hostNetwork: true },
    }),
    template("another annotation", { metadata: { annotations: { "kubectl.kubernetes.io/restartedAt": "now" } } }),
    template("no marker", { metadata: { annotations: { "rotation-bridge/versions": null } } }),
    template("a label of its pods", { metadata: { labels: { team: "thief" } } }),
    template("without a label of its pods", { metadata: { labels: { [extra]: null } } }),
    template("without an annotation of its pods", { metadata: { annotations: { [extra]: null } } }),
    template("pods that cannot be deleted", { metadata: { finalizers: ["example.com/keep"] } }),
    template("without its name", { metadata: { name: null } }),
    patch("ready at once", { spec: { minReadySeconds: null } }),
    patch("no replicas", { spec: { replicas: 0 } }),
    patch("paused", { spec: { paused: true } }),
    patch("another strategy", { spec: { strategy: { type: "Recreate", rollingUpdate: null } } }),
    patch("no history", { spec: { revisionHistoryLimit: 0 } }),
    patch("a partition", { spec: { updateStrategy: { rollingUpdate: { partition: 1 } } } }, "statefulsets/store"),
    patch("a label", { metadata: { labels: { team: "thief" } } }),
    patch("an annotation", { metadata: { annotations: { note: "x" } } }),
    patch("without a label", { metadata: { labels: { [extra]: null } } }),
    patch("without an annotation", { metadata: { annotations: { [extra]: null } } }),
    patch("a finalizer", { metadata: { finalizers: ["example.com/keep"] } }),
    patch("an owner", { metadata: { ownerReferences: [{ apiVersion: "v1", kind: "Pod", name: "x", uid: "y" }] } }),
    change(
      "deployments/app: an image, by server-side apply",
      "cage",
      "PATCH",
      `${apps}/deployments/app?force=true&fieldManager=thief`,
      { ...deployment, spec: { template: { spec: { containers: [{ name: "app", image: "thief" }] } } } },
      apply,
    ),
    change("deployments/app: scale", "rbac", "PATCH", `${apps}/deployments/app/scale`, { spec: { replicas: 0 } }),
    change("deployments/app: status", "rbac", "PATCH", `${apps}/deployments/app/status`, { status: { replicas: 9 } }),
    change("deployments: make", "rbac", "POST", `${apps}/deployments`, newDeployment("thief")),
    change(
      "deployments: make, by server-side apply",
      "rbac",
      "PATCH",
      `${apps}/deployments/thief?fieldManager=thief`,
      newDeployment("thief"),
      apply,
    ),
    change("deployments/app: delete", "rbac", "DELETE", `${apps}/deployments/app`),
  ];
}

function newDeployment(name: string) {
  const labels = { app: name };
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name },
    spec: {
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name, image: "thief" }] } },
    },
  };
}
