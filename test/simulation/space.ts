/** One namespace as chance makes it: mostly what people have, now and then what they get wrong. */

import { isObject, listAt, objectAt, toJson, withAt } from "../../local/cluster/json.ts";
import type { JsonObject } from "../../local/cluster/json.ts";
import { barePod, job, providerClass, workload } from "../scenarios/manifests.ts";
import type { ClassSpec, WorkloadSpec } from "../scenarios/manifests.ts";
import type { Random } from "./random.ts";
import { objectNames } from "./names.ts";

/** One namespace with everything in it. */
export interface Space {
  readonly cluster: "blue" | "green";
  readonly namespace: string;
  /** Does the map name it, and let the vault flow there? */
  readonly mapped: boolean;
  readonly flows: boolean;
  readonly classes: readonly OddClassSpec[];
  readonly workloads: readonly WorkloadSpec[];
  readonly pods: readonly WorkloadSpec[];
  readonly jobs: readonly WorkloadSpec[];
}

/** A class, and what people get wrong in its secretObjects. */
export interface OddClassSpec extends ClassSpec {
  /** Of all its Secrets; Opaque by default. */
  readonly secretType?: string;
  /** Its first Secret is named twice. */
  readonly twice?: boolean;
}

/** The manifests of a namespace, in the order in which they are applied. */
export function manifestsOf(space: Space): readonly object[] {
  const { namespace } = space;
  return [
    ...space.classes.map((spec) => oddly(providerClass({ ...spec, namespace }), spec)),
    ...space.workloads.map((spec) => workload({ ...spec, namespace })),
    ...space.pods.map((spec) => barePod({ ...spec, namespace })),
    ...space.jobs.map((spec) => job({ ...spec, namespace })),
  ];
}

function oddly(manifest: Readonly<Record<string, unknown>>, { secretType, twice }: OddClassSpec): JsonObject {
  const made = objectAt({ manifest: toJson(manifest) }, "manifest");
  const entries = listAt(made, "spec", "secretObjects").flatMap((entry, index) => {
    const typed = isObject(entry) && secretType !== undefined ? { ...entry, type: secretType } : entry;
    return twice === true && index === 0 ? [typed, typed] : [typed];
  });
  return entries.length === 0 ? made : withAt(made, ["spec", "secretObjects"], entries);
}

export function spaceOf(namespace: string, random: Random, rotation: "off" | "on"): Omit<Space, "cluster"> {
  const outside = namespace === "outside";
  const count = random.weighted([
    [1, 4],
    [2, 4],
    [3, 2],
  ]);
  const classes = Array.from({ length: count }, (_, index) => classOf(index, random));
  if (random.chance(0.04)) classes.push({ ...classOf(9, random), secrets: { ...classes[0]?.secrets } });
  const few = random.weighted([
    [1, 3],
    [2, 5],
    [3, 2],
  ]);
  const workloads = Array.from({ length: few }, (_, index) => workloadOf(index, classes, random, rotation));
  const side = (name: string): WorkloadSpec => ({ name, ...usesOf(classes, random) });
  return {
    namespace,
    mapped: !outside,
    flows: !outside && !(namespace === "bank" && random.chance(0.2)),
    classes,
    workloads,
    pods: random.chance(0.1) ? [side("bare")] : [],
    jobs: random.chance(0.07) ? [side("batch")] : [],
  };
}

function workloadOf(
  index: number,
  classes: readonly OddClassSpec[],
  random: Random,
  rotation: "off" | "on",
): WorkloadSpec {
  const kind = random.weighted([
    ["Deployment", 7],
    ["StatefulSet", 2],
    ["DaemonSet", 1],
  ] as const);
  const uses = usesOf(classes, random);
  // The first one mounts the first class, so that something happens in most worlds.
  const mounts = index === 0 ? [...new Set(["kv-0", ...uses.mounts])] : uses.mounts;
  return {
    kind,
    name: `app-${index}`,
    replicas: random.weighted([
      [1, 4],
      [2, 4],
      [3, 2],
    ]),
    ...uses,
    mounts,
    annotations: annotationsOf(random),
    spec: specOf(kind, random),
    ...(random.chance(rotation === "on" ? 0.03 : 0.02)
      ? { volumeAttributes: { [random.pick(["tenantId", "example"])]: "other" } }
      : {}),
  };
}

function classOf(index: number, random: Random): OddClassSpec {
  const objects = random.some(objectNames, 1, 3);
  const secretNames = random.some([`secret-${index}`, `extra-${index}`], 1, 2);
  const secrets = Object.fromEntries(
    secretNames.map((secret) => [
      secret,
      Object.fromEntries(random.some(objects, 1, 3).map((object) => [`k-${object}`, object])),
    ]),
  );
  return { name: `kv-${index}`, objects, secrets, ...oddClass(random) };
}

const array = (...items: readonly string[]) => `array:\n${items.map((item) => `  - |\n${item}`).join("")}`;

/** Now and then a class as people get it wrong, or as the bridge cannot render it yet. */
function oddClass(random: Random): Partial<OddClassSpec> {
  if (!random.chance(0.1)) return {};
  return random.pick<Partial<OddClassSpec>>([
    { annotations: { "rotation-bridge/ignore": "true" } },
    { provider: "vault" },
    { parameters: { objects: array("    objectName: db\n    objectType: Secret\n") } },
    { parameters: { objects: array("    objectName: absent\n    objectType: secret\n") } },
    { parameters: { objects: array("    objectName: db\n    objectType: secret\n    objectVersionHistory: 3\n") } },
    { parameters: { objects: array("    ? objectName\n    : db\n    objectType: secret\n") } },
    { parameters: { objects: array("    objectName: db\n    objectType: secret\n    objectEncoding: hex\n") } },
    { parameters: { cloudName: "AzureChinaCloud" } },
    { secrets: { broken: { k: "not-mounted" } } },
    { secretType: "kubernetes.io/tls" },
    { secretType: "kubernetes.io/tls", secrets: { pair: { "tls.crt": "db", "tls.key": "db" } }, objects: ["db"] },
    { twice: true },
    { vault: "other" },
  ]);
}

interface Uses extends Pick<WorkloadSpec, "env" | "envFrom" | "volumes"> {
  readonly mounts: readonly string[];
}

function usesOf(classes: readonly OddClassSpec[], random: Random): Uses {
  const mounts = random.some(
    classes.map(({ name }) => name),
    0,
    2,
  );
  const keys = classes.flatMap(({ secrets = {} }) =>
    Object.entries(secrets).flatMap(([secret, data]) => Object.keys(data).map((key) => [secret, key] as const)),
  );
  const env = Object.fromEntries(
    random.some(keys, 0, 3).map(([secret, key], index) => [`V${index}`, [secret, key] as const]),
  );
  const secrets = [...new Set(keys.map(([secret]) => secret))];
  return {
    mounts,
    env,
    ...(random.chance(0.12) && secrets.length > 0 ? { envFrom: [random.pick(secrets)] } : {}),
    ...(random.chance(0.12) && secrets.length > 0 ? { volumes: [random.pick(secrets)] } : {}),
  };
}

function annotationsOf(random: Random): Readonly<Record<string, string>> {
  return {
    ...(random.chance(0.04) ? { "rotation-bridge/ignore": "true" } : {}),
    ...(random.chance(0.2) ? { "reloader.stakater.com/auto": "true" } : {}),
    ...(random.chance(0.05) ? { "secret.reloader.stakater.com/reload": "secret-0" } : {}),
  };
}

function specOf(kind: "Deployment" | "StatefulSet" | "DaemonSet", random: Random): Readonly<Record<string, unknown>> {
  if (kind === "Deployment") {
    return {
      progressDeadlineSeconds: random.weighted([
        [30, 6],
        [60, 3],
        [600, 1],
      ]),
      ...(random.chance(0.15) ? { revisionHistoryLimit: 0 } : {}),
      ...(random.chance(0.15) ? { strategy: { type: "Recreate" } } : {}),
      ...(random.chance(0.1) ? { minReadySeconds: 5 } : {}),
    };
  }
  if (random.chance(0.08)) return { updateStrategy: { type: "OnDelete" } };
  if (kind === "StatefulSet" && random.chance(0.08))
    return { updateStrategy: { type: "RollingUpdate", rollingUpdate: { partition: 1 } } };
  return random.chance(0.2) && kind === "StatefulSet" ? { podManagementPolicy: "Parallel" } : {};
}
