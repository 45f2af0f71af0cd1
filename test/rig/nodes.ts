/** Nodes of the rig: a real kubelet and a real driver each, and one provider for all. */

import { access, mkdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import type { Api } from "./api.ts";
import type { Built } from "./go-build.ts";
import { kubeconfigPath } from "./identities.ts";
import type { DriverSettings } from "./install-driver.ts";
import type { Namespace, Process } from "./namespace.ts";
import { until } from "./until.ts";

/** How pretended containers behave; times in milliseconds, 0 where left out. Means what kubelet/behaviour.go says. */
export interface Behaviour {
  /** Between mounting a pod's volumes and reading its first container's env. */
  readonly sandboxDelay?: number;
  /** Between reading a container's env and its start. */
  readonly startDelay?: number;
  /** How long a container takes to end, within its grace period. */
  readonly stopDelay?: number;
  /** How late the kubelet sees changes of Secrets that it knows. */
  readonly secretDelay?: number;
  /** Containers that end by themselves: the first rule that fits counts; what is left out fits anything. */
  readonly exits?: readonly ExitRule[];
}

export interface ExitRule {
  readonly namespace?: string;
  readonly podPrefix?: string;
  readonly container?: string;
  /** All of these variables have exactly these values. */
  readonly env?: Readonly<Record<string, string>>;
  readonly after?: number;
  readonly exitCode: number;
}

/** What the real provider made of a certificate's secret; the rig's own converts nothing (provider/recorded.go). */
export interface RecordedFile {
  /** Of the secret's value as the vault gives it, in hexadecimal. */
  readonly sha256: string;
  /** The class's words, in lower case; empty where it has none. */
  readonly objectFormat: string;
  readonly objectEncoding: string;
  /** The file, in base64. */
  readonly contents: string;
}

export interface NodesOptions {
  readonly nodes: readonly string[];
  readonly built: Built;
  readonly driver: DriverSettings;
  readonly syncSeconds: number;
}

/** Starts provider, drivers and kubelets; `nodesReady` waits for them. */
export async function startNodes(namespace: Namespace, options: NodesOptions): Promise<void> {
  const { folder } = namespace;
  for (const node of options.nodes) await mkdir(join(folder, node, "providers"), { recursive: true });
  await namespace.start({
    name: "provider",
    command: options.built.provider,
    args: [
      `--sockets=${options.nodes.map((node) => join(folder, node, "providers", "azure.sock")).join(",")}`,
      `--vaults=${vaultsFile(folder)}`,
      `--recorded=${recordedFile(folder)}`,
    ],
  });
  for (const node of options.nodes) await namespace.start(driverProcess(folder, node, options));
  for (const node of options.nodes) {
    // A kubelet that finds no driver behind the socket tries again only after a while.
    await until(`driver of ${node}`, namespace, () => access(join(folder, node, "csi.sock")).then(() => true));
    await namespace.start({
      name: `kubelet-${node}`,
      command: options.built.kubelet,
      args: [
        `--node=${node}`,
        `--root=${join(folder, node, "kubelet")}`,
        `--kubeconfig=${kubeconfigPath(folder, node)}`,
        `--driver-socket=${join(folder, node, "csi.sock")}`,
        `--behaviour=${behaviourFile(folder, node)}`,
        `--records=${recordsFile(folder, node)}`,
        `--sync-frequency=${options.syncSeconds}s`,
      ],
    });
  }
}

export function driverProcess(folder: string, node: string, { built, driver }: NodesOptions): Process {
  const providers = join(folder, node, "providers");
  return {
    name: `driver-${node}`,
    command: built.driver,
    args: [
      `--endpoint=unix://${join(folder, node, "csi.sock")}`,
      `--nodeid=${node}`,
      `--provider-volume=${providers}`,
      `--additional-provider-volume-paths=${providers}`,
      "--metrics-addr=0",
      `--enable-secret-rotation=${driver.rotation === "on"}`,
      `--rotation-poll-interval=${driver.pollInterval}`,
    ],
    env: { KUBECONFIG: kubeconfigPath(folder, "driver") },
  };
}

/** Every node takes pods and its kubelet knows the driver (about 4 s). */
export async function nodesReady(namespace: Namespace, api: Api, nodes: readonly string[]): Promise<void> {
  for (const name of nodes) {
    await until(`node ${name}`, namespace, async () => {
      const node = nodeSchema.parse(await api.must("GET", `/api/v1/nodes/${name}`));
      const csi = csiNodeSchema.parse(await api.must("GET", `/apis/storage.k8s.io/v1/csinodes/${name}`));
      const ready = node.status.conditions.some(({ type, status }) => type === "Ready" && status === "True");
      return ready && node.spec.taints === undefined && (csi.spec.drivers ?? []).length > 0;
    });
  }
}

const nodeSchema = z.object({
  spec: z.object({ taints: z.array(z.unknown()).optional() }),
  status: z.object({ conditions: z.array(z.object({ type: z.string(), status: z.string() })) }),
});

const csiNodeSchema = z.object({ spec: z.object({ drivers: z.array(z.unknown()).nullish() }) });

export function vaultsFile(folder: string): string {
  return join(folder, "vaults.json");
}

export function recordedFile(folder: string): string {
  return join(folder, "recorded.json");
}

export function recordsFile(folder: string, node: string): string {
  return join(folder, node, "records.jsonl");
}

export function behaviourFile(folder: string, node: string): string {
  return join(folder, node, "behaviour.json");
}

/** Readers see the old file or the new one, whole. */
export async function replaceFile(path: string, content: unknown): Promise<void> {
  await writeFile(`${path}.new`, JSON.stringify(content));
  await rename(`${path}.new`, path);
}
