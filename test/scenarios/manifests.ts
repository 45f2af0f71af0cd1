/** Manifests as people write them, in the fewest words that a scenario needs. */

export interface ClassSpec {
  readonly name: string;
  readonly namespace?: string;
  readonly vault?: string;
  /** Object names, or whole items of `objects`. */
  readonly objects: readonly (string | Readonly<Record<string, string>>)[];
  /** Secret name -> key -> object name. */
  readonly secrets?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Types of Secrets that are not Opaque. */
  readonly types?: Readonly<Record<string, string>>;
  readonly parameters?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly provider?: string;
}

export function providerClass(spec: ClassSpec): Record<string, unknown> {
  const items = spec.objects.map((item) => {
    const fields =
      typeof item === "string" ? { objectName: item, objectType: "secret" } : { objectType: "secret", ...item };
    return `  - |\n${Object.entries(fields)
      .map(([key, value]) => `    ${key}: ${value}`)
      .join("\n")}`;
  });
  const secretObjects = Object.entries(spec.secrets ?? {}).map(([secretName, data]) => ({
    secretName,
    type: spec.types?.[secretName] ?? "Opaque",
    data: Object.entries(data).map(([key, objectName]) => ({ key, objectName })),
  }));
  return {
    apiVersion: "secrets-store.csi.x-k8s.io/v1",
    kind: "SecretProviderClass",
    metadata: { name: spec.name, namespace: spec.namespace ?? "default", annotations: spec.annotations ?? {} },
    spec: {
      provider: spec.provider ?? "azure",
      parameters: {
        keyvaultName: spec.vault ?? "contoso",
        tenantId: "11111111-1111-1111-1111-111111111111",
        clientID: "22222222-2222-2222-2222-222222222222",
        objects: `array:\n${items.join("\n")}`,
        ...spec.parameters,
      },
      ...(secretObjects.length > 0 ? { secretObjects } : {}),
    },
  };
}

export interface WorkloadSpec {
  readonly kind?: "Deployment" | "StatefulSet" | "DaemonSet";
  readonly name: string;
  readonly namespace?: string;
  readonly replicas?: number;
  /** Classes that it mounts, each at /mnt/<class>. */
  readonly mounts?: readonly string[];
  /** Env variable -> [Secret, key]. */
  readonly env?: Readonly<Record<string, readonly [string, string]>>;
  readonly envFrom?: readonly string[];
  /** Secrets mounted as volumes. */
  readonly volumes?: readonly string[];
  readonly annotations?: Readonly<Record<string, string>>;
  readonly spec?: Readonly<Record<string, unknown>>;
  readonly podSpec?: Readonly<Record<string, unknown>>;
  readonly volumeAttributes?: Readonly<Record<string, string>>;
}

export function workload(spec: WorkloadSpec): Record<string, unknown> {
  const kind = spec.kind ?? "Deployment";
  const labels = { app: spec.name };
  return {
    apiVersion: "apps/v1",
    kind,
    metadata: { name: spec.name, namespace: spec.namespace ?? "default", annotations: spec.annotations ?? {} },
    spec: {
      ...(kind === "DaemonSet" ? {} : { replicas: spec.replicas ?? 1 }),
      ...(kind === "StatefulSet" ? { serviceName: spec.name } : {}),
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: podSpec(spec) },
      ...spec.spec,
    },
  };
}

/** A pod that nobody owns, or a Job with one pod. */
export function barePod(spec: WorkloadSpec): Record<string, unknown> {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: spec.name, namespace: spec.namespace ?? "default", labels: { app: spec.name } },
    spec: podSpec(spec),
  };
}

export function job(spec: WorkloadSpec): Record<string, unknown> {
  return {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: { name: spec.name, namespace: spec.namespace ?? "default" },
    spec: {
      template: { metadata: { labels: { app: spec.name } }, spec: { restartPolicy: "Never", ...podSpec(spec) } },
    },
  };
}

function podSpec(spec: WorkloadSpec): Record<string, unknown> {
  const csi = (spec.mounts ?? []).map((name) => ({
    name: `class-${name}`,
    csi: {
      driver: "secrets-store.csi.k8s.io",
      readOnly: true,
      volumeAttributes: { secretProviderClass: name, ...spec.volumeAttributes },
    },
  }));
  const secrets = (spec.volumes ?? []).map((secretName) => ({ name: `secret-${secretName}`, secret: { secretName } }));
  const env = Object.entries(spec.env ?? {}).map(([name, [secret, key]]) => ({
    name,
    valueFrom: { secretKeyRef: { name: secret, key } },
  }));
  const envFrom = (spec.envFrom ?? []).map((name) => ({ secretRef: { name } }));
  const volumeMounts = [
    ...(spec.mounts ?? []).map((name) => ({ name: `class-${name}`, mountPath: `/mnt/${name}`, readOnly: true })),
    ...(spec.volumes ?? []).map((name) => ({ name: `secret-${name}`, mountPath: `/secrets/${name}`, readOnly: true })),
  ];
  return {
    containers: [
      { name: "app", image: "example/app:1", env, ...(envFrom.length > 0 ? { envFrom } : {}), volumeMounts },
    ],
    volumes: [...csi, ...secrets],
    ...spec.podSpec,
  };
}
