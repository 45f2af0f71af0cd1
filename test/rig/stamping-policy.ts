/** Admission that changes pod templates: a MutatingAdmissionPolicy, which the API server takes for a webhook's work. */

import { mergePatch } from "./api.ts";
import type { Rig } from "./rig.ts";
import { until } from "./until.ts";

/** Puts a label on the pod template at each update, as a company's webhook would. The answer ends it. */
export async function stampTemplates(
  rig: Pick<Rig, "admin" | "check">,
  namespace: string,
): Promise<() => Promise<void>> {
  const root = "/apis/admissionregistration.k8s.io/v1";
  const metadata = { name: `stamp-${namespace}` };
  const apiVersion = "admissionregistration.k8s.io/v1";
  const expression =
    'Object{spec: Object.spec{template: Object.spec.template{metadata: Object.spec.template.metadata{labels: {"policies.example.com/seen": object.metadata.resourceVersion}}}}}';
  await rig.admin.must("POST", `${root}/mutatingadmissionpolicies`, {
    apiVersion,
    kind: "MutatingAdmissionPolicy",
    metadata,
    spec: {
      failurePolicy: "Fail",
      reinvocationPolicy: "Never",
      matchConstraints: {
        namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": namespace } },
        resourceRules: [
          { apiGroups: ["apps"], apiVersions: ["v1"], operations: ["UPDATE"], resources: ["deployments"] },
        ],
      },
      mutations: [{ patchType: "ApplyConfiguration", applyConfiguration: { expression } }],
    },
  });
  await rig.admin.must("POST", `${root}/mutatingadmissionpolicybindings`, {
    apiVersion,
    kind: "MutatingAdmissionPolicyBinding",
    metadata,
    spec: { policyName: metadata.name },
  });
  await until("the mutating policy", rig, async () => {
    const path = `/apis/apps/v1/namespaces/${namespace}/deployments/app?dryRun=All`;
    const answer = await rig.admin.must("PATCH", path, { metadata: { annotations: { probe: "x" } } }, mergePatch);
    return JSON.stringify(answer).includes("policies.example.com/seen");
  });
  return async () => {
    await rig.admin.must("DELETE", `${root}/mutatingadmissionpolicybindings/${metadata.name}`);
    await rig.admin.must("DELETE", `${root}/mutatingadmissionpolicies/${metadata.name}`);
  };
}
