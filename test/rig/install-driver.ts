/** What an installation of the driver leaves in the API: CRDs, RBAC, CSIDriver and DaemonSet, from its own manifests. */

import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import { z } from "zod";
import type { Api } from "./api.ts";
import type { DriverVersion } from "./go-build.ts";
import type { Namespace } from "./namespace.ts";
import { until } from "./until.ts";

export interface DriverSettings {
  readonly version: DriverVersion;
  readonly rotation: "off" | "on";
  /** As Go writes durations: `2m`, `10s`. */
  readonly pollInterval: string;
}

/** Applies the manifests in `folder`, with the CSIDriver as the driver's chart sets it up for rotation on or off. */
export async function installDriver(api: Api, folder: string, settings: DriverSettings): Promise<void> {
  const objects = (await manifestsIn(folder)).map((object) => adapted(object, settings));
  await Promise.all(objects.map((object) => api.apply(object)));
}

/** The driver ends at once where its kinds are not served yet, which takes a moment (more of it on a busy machine). */
export async function kindsServed(namespace: Pick<Namespace, "check">, api: Api): Promise<void> {
  await until("the driver's kinds", namespace, async () => {
    const { groups } = groupList.parse(await api.must("GET", "/apis"));
    const { resources } = resourceList.parse(await api.must("GET", `/apis/${group}/v1`));
    return groups.some(({ name }) => name === group) && resources.some(({ kind }) => kind === statusKind);
  });
}

const group = "secrets-store.csi.x-k8s.io";
const statusKind = "SecretProviderClassPodStatus";
const groupList = z.object({ groups: z.array(z.object({ name: z.string() })) });
const resourceList = z.object({ resources: z.array(z.object({ kind: z.string() })) });

/** Applies only the definitions of the driver's two kinds. */
export async function installKinds(api: Api, folder: string): Promise<void> {
  const definitions = (await manifestsIn(folder)).filter(isDefinition);
  await Promise.all(definitions.map((object) => api.apply(object)));
}

/** Definitions first. */
async function manifestsIn(folder: string): Promise<readonly Manifest[]> {
  const objects: Manifest[] = [];
  for (const file of await readdir(folder)) {
    for (const document of parseAllDocuments(await readFile(join(folder, file), "utf8"))) {
      const parsed = manifest.safeParse(document.toJS());
      if (parsed.success) objects.push(parsed.data);
    }
  }
  return [...objects.filter(isDefinition), ...objects.filter((object) => !isDefinition(object))];
}

function isDefinition({ kind }: Manifest): boolean {
  return kind === "CustomResourceDefinition";
}

const manifest = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({ name: z.string() }),
  spec: z.looseObject({}).optional(),
});
type Manifest = z.infer<typeof manifest>;

function adapted(object: Manifest, settings: DriverSettings): Manifest {
  if (object.kind === "CSIDriver" && settings.version !== "1.5.6") {
    return { ...object, spec: { ...object.spec, requiresRepublish: settings.rotation === "on" } };
  }
  return object.kind === "DaemonSet" ? idleDaemonSet(object, settings) : object;
}

/** For those who read it only: the rig's drivers are processes, so no node fits the DaemonSet. */
function idleDaemonSet(object: Manifest, { rotation, pollInterval }: DriverSettings): Manifest {
  const { template, ...spec } = daemonSetSpec.parse(object.spec);
  const flags = [`--enable-secret-rotation=${rotation === "on"}`, `--rotation-poll-interval=${pollInterval}`];
  const containers = template.spec.containers.map((container) => {
    if (container.name !== "secrets-store") return container;
    const others = (container.args ?? []).filter(
      (arg) => !/^--(enable-secret-rotation|rotation-poll-interval)=/.test(arg),
    );
    return { ...container, args: [...others, ...flags] };
  });
  const podSpec = { ...template.spec, containers, nodeSelector: { "rig.example/runs-driver-pods": "true" } };
  return { ...object, spec: { ...spec, template: { ...template, spec: podSpec } } };
}

const daemonSetSpec = z.looseObject({
  template: z.looseObject({
    spec: z.looseObject({
      containers: z.array(z.looseObject({ name: z.string(), args: z.array(z.string()).optional() })),
    }),
  }),
});
