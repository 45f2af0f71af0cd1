/** A local cluster with a vault to play with, for the tests of this folder. */

import { VirtualClock } from "../../../local/clock.ts";
import { LocalCluster } from "../../../local/cluster/cluster.ts";
import type { LocalClusterOptions } from "../../../local/cluster/cluster-options.ts";
import type { JsonObject } from "../../../local/cluster/json.ts";
import { nameOf } from "../../../local/cluster/objects.ts";
import type { VaultAnswer, VaultObject, VersionListAnswer } from "../../../shared/core/vault-object.ts";
import { SecretValue } from "../../../shared/core/secret-value.ts";

/** One value per object name; each `set` is a new version. */
export class TestVault {
  readonly #values = new Map<string, { value: string; version: string; disabled: boolean }>();
  reads = 0;
  #versions = 0;

  set(name: string, value: string): string {
    this.#versions += 1;
    const version = this.#versions.toString(16).padStart(32, "0");
    this.#values.set(name.toLowerCase(), { value, version, disabled: false });
    return version;
  }

  disable(name: string, disabled: boolean = true): void {
    const held = this.#values.get(name.toLowerCase());
    if (held !== undefined) held.disabled = disabled;
  }

  readonly current = (object: VaultObject): Promise<VaultAnswer> => {
    this.reads += 1;
    const held = this.#values.get(object.name.toLowerCase());
    if (held === undefined) return Promise.resolve({ ok: false, problem: "not-found" });
    if (held.disabled) return Promise.resolve({ ok: false, problem: "disabled" });
    const current = {
      version: held.version,
      createdOn: undefined,
      value: SecretValue.fromText(held.value),
      contentType: undefined,
      keyId: undefined,
      notBefore: undefined,
      expiresOn: undefined,
    };
    return Promise.resolve({ ok: true, current });
  };

  readonly versions = (): Promise<VersionListAnswer> => Promise.resolve({ ok: false, problem: "not-found" });
}

export interface Rig {
  readonly clock: VirtualClock;
  readonly vault: TestVault;
  readonly cluster: LocalCluster;
}

/** A cluster whose vault holds `k` = `v1`. */
export function rig(options: Partial<LocalClusterOptions> = {}): Rig {
  const clock = new VirtualClock();
  const vault = new TestVault();
  vault.set("k", "v1");
  const cluster = new LocalCluster({
    clock,
    name: "test",
    generation: "1.5",
    rotation: "off",
    vault,
    ...options,
  });
  return { clock, vault, cluster };
}

export interface ClassEntry {
  readonly secret: string;
  /** Key -> object. */
  readonly data: Readonly<Record<string, string>>;
  readonly type?: string;
}

/** Class `app` of these objects, syncing these Secrets (Secret `app`, key `k` by default). */
export function providerClass(
  objects: readonly string[] = ["k"],
  entries: readonly ClassEntry[] = [{ secret: "app", data: { k: "k" } }],
  name: string = "app",
): JsonObject {
  const items = objects.map((object) => `  - |\n    objectName: ${object}\n    objectType: secret\n`).join("");
  return {
    apiVersion: "secrets-store.csi.x-k8s.io/v1",
    kind: "SecretProviderClass",
    metadata: { name, namespace: "default" },
    spec: {
      provider: "azure",
      parameters: { keyvaultName: "contoso", tenantId: "t", clientID: "c", objects: `array:\n${items}` },
      secretObjects: entries.map(({ secret, data, type }) => ({
        secretName: secret,
        type: type ?? "Opaque",
        data: Object.entries(data).map(([key, objectName]) => ({ key, objectName })),
      })),
    },
  };
}

export interface WorkloadShape {
  readonly kind?: "Deployment" | "StatefulSet" | "DaemonSet" | "Job" | "Pod";
  readonly name?: string;
  readonly replicas?: number;
  /** Class that it mounts; none where it is null. */
  readonly mounts?: string | null;
  /** Key of Secret `app` that it reads as env VALUE; none where it is null. */
  readonly reads?: string | null;
  readonly spec?: JsonObject;
  readonly annotations?: JsonObject;
}

/** A workload `web` that mounts class `app` at /mnt and reads key `k` of Secret `app` into VALUE. */
export function workload(shape: WorkloadShape = {}): JsonObject {
  const { kind = "Deployment", name = "web", replicas = 2, mounts = "app", reads = "k", spec = {} } = shape;
  const volumes = mounts === null ? [] : [csiVolume(mounts)];
  const env = reads === null ? [] : [{ name: "VALUE", valueFrom: { secretKeyRef: { name: "app", key: reads } } }];
  const podSpec: JsonObject = {
    containers: [
      { name: "main", image: "app", env, volumeMounts: volumes.map(() => ({ name: "secrets", mountPath: "/mnt" })) },
    ],
    volumes,
    ...(kind === "Job" ? { restartPolicy: "Never" } : {}),
  };
  const labels = { app: name };
  const metadata = { name, namespace: "default", annotations: shape.annotations ?? {} };
  if (kind === "Pod") return { apiVersion: "v1", kind, metadata: { ...metadata, labels }, spec: podSpec };
  const counted = kind === "Deployment" || kind === "StatefulSet" ? { replicas } : {};
  const selector = kind === "Job" ? {} : { selector: { matchLabels: labels } };
  return {
    apiVersion: kind === "Job" ? "batch/v1" : "apps/v1",
    kind,
    metadata,
    spec: { ...counted, ...selector, template: { metadata: { labels }, spec: podSpec }, ...spec },
  };
}

function csiVolume(className: string): JsonObject {
  const csi = {
    driver: "secrets-store.csi.k8s.io",
    readOnly: true,
    volumeAttributes: { secretProviderClass: className },
  };
  return { name: "secrets", csi };
}

/** Names of the pods of `default` that are not being deleted. */
export function livePods({ cluster }: Rig, prefix: string = ""): readonly string[] {
  return cluster.store
    .list("Pod", "default")
    .items.filter((pod) => !("deletionTimestamp" in Object(pod["metadata"])))
    .map(nameOf)
    .filter((name) => name.startsWith(prefix));
}

/** VALUE of every live container. */
export function liveValues({ cluster }: Rig): readonly (string | undefined)[] {
  return cluster.running("default").map((start) => start.env["VALUE"]);
}

/** What the bridge does to a Secret. */
export function bridgeWrite({ cluster }: Rig, data: Readonly<Record<string, string>>, name: string = "app"): void {
  const encoded = Object.entries(data).map(([key, value]) => [key, Buffer.from(value).toString("base64")] as const);
  cluster.patch("Secret", "default", name, { data: Object.fromEntries(encoded) }, "rotation-bridge");
}

/** What the bridge does to a workload. */
export function bridgeRestart(
  { cluster }: Rig,
  marker: string,
  name: string = "web",
  kind: "Deployment" | "StatefulSet" | "DaemonSet" = "Deployment",
): void {
  const template = { metadata: { annotations: { "rotation-bridge/versions": marker } } };
  cluster.patch(kind, "default", name, { spec: { template } }, "rotation-bridge");
}
