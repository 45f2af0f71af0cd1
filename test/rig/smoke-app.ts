/** The application of the smoke test: a class of one object, a Deployment of two pods, and what is done to them. */

import { z } from "zod";
import { mergePatch } from "./api.ts";
import type { ContainerStart } from "./records.ts";
import type { Rig } from "./rig.ts";
import { until } from "./until.ts";

export const vaultName = "kv-smoke";
const namespace = "smoke";
export const secretPath = `/api/v1/namespaces/${namespace}/secrets/app`;
export const deploymentPath = `/apis/apps/v1/namespaces/${namespace}/deployments/app`;
export const objects: readonly object[] = [
  { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } },
  {
    apiVersion: "secrets-store.csi.x-k8s.io/v1",
    kind: "SecretProviderClass",
    metadata: { name: "app", namespace },
    spec: {
      provider: "azure",
      parameters: { keyvaultName: vaultName, objects: "array:\n- |\n  objectName: db-pass\n  objectType: secret\n" },
      secretObjects: [{ secretName: "app", type: "Opaque", data: [{ objectName: "db-pass", key: "password" }] }],
    },
  },
  {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "app", namespace },
    spec: {
      replicas: 2,
      selector: { matchLabels: { app: "app" } },
      template: {
        metadata: { labels: { app: "app" } },
        spec: {
          terminationGracePeriodSeconds: 2,
          containers: [
            {
              name: "app",
              image: "example/app",
              env: [{ name: "DB_PASS", valueFrom: { secretKeyRef: { name: "app", key: "password" } } }],
              volumeMounts: [{ name: "secrets", mountPath: "/mnt/secrets", readOnly: true }],
            },
          ],
          volumes: [
            {
              name: "secrets",
              csi: {
                driver: "secrets-store.csi.k8s.io",
                readOnly: true,
                volumeAttributes: { secretProviderClass: "app" },
              },
            },
          ],
        },
      },
    },
  },
];

export async function patchSecret(rig: Rig, value: string): Promise<void> {
  const data = { password: Buffer.from(value).toString("base64") };
  await rig.admin.must("PATCH", `${secretPath}?fieldManager=rotation-bridge`, { data }, mergePatch);
}

export function restartPatch(): object {
  const annotations = { "kubectl.kubernetes.io/restartedAt": new Date().toISOString() };
  return { spec: { template: { metadata: { annotations } } } };
}

export async function restart(rig: Rig): Promise<void> {
  await rig.admin.must("PATCH", deploymentPath, restartPatch(), mergePatch);
  await until("the rollout", rig, async () => {
    const { metadata, spec, status } = deploymentSchema.parse(await rig.admin.must("GET", deploymentPath));
    const { updatedReplicas = 0, availableReplicas = 0, replicas = 0 } = status;
    const current = status.observedGeneration === metadata.generation;
    return current && [updatedReplicas, availableReplicas, replicas].every((count) => count === spec.replicas);
  });
}

export async function allStartedWith(rig: Rig, count: number, value: string): Promise<void> {
  await until("container starts", rig, async () => {
    const starts = await rig.starts();
    return starts.length === count && starts.every(({ env }) => env["DB_PASS"] === value);
  });
}

export async function startsAfter(rig: Rig, time: number): Promise<readonly ContainerStart[]> {
  return (await rig.starts()).filter(({ startedAt }) => startedAt >= time);
}

export function fileOf(start: ContainerStart): string | undefined {
  return start.files["secrets"]?.["db-pass"]?.toString();
}

/** Versions that the class's SecretProviderClassPodStatus objects show, those of ending pods too. */
export async function versions(rig: Rig): Promise<readonly (string | undefined)[]> {
  const path = `/apis/secrets-store.csi.x-k8s.io/v1/namespaces/${namespace}/secretproviderclasspodstatuses`;
  return statusesSchema.parse(await rig.admin.must("GET", path)).items.map(({ status }) => status.objects[0]?.version);
}

const statusesSchema = z.object({
  items: z.array(z.object({ status: z.object({ objects: z.array(z.object({ version: z.string() })) }) })),
});
export const secretSchema = z.object({
  data: z.record(z.string(), z.string()),
  metadata: z.object({ managedFields: z.array(z.object({ manager: z.string() })) }),
});
const deploymentSchema = z.object({
  metadata: z.object({ generation: z.number() }),
  spec: z.object({ replicas: z.number() }),
  status: z.object({
    observedGeneration: z.number().optional(),
    updatedReplicas: z.number().optional(),
    availableReplicas: z.number().optional(),
    replicas: z.number().optional(),
  }),
});
