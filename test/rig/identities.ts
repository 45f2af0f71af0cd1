/** Who may talk to the rig's API server: a static token each, and the kubeconfig files that carry them. */

import { randomBytes } from "node:crypto";
import { chmod, writeFile } from "node:fs/promises";
import { join } from "node:path";

export interface Identity {
  readonly name: string;
  readonly user: string;
  readonly groups: readonly string[];
  readonly token: string;
}

const driverNamespace = "system:serviceaccounts:kube-system";

/**
 * `admin` may do anything; `bridge` (user `rotation-bridge`) only what RBAC objects of the test give it; `driver` is
 * the service account of the driver's own manifests; each kubelet is its node, under the Node authorizer.
 */
export function identities(nodes: readonly string[]): ReadonlyMap<string, Identity> {
  const all: readonly (readonly [string, string, readonly string[]])[] = [
    ["admin", "admin", ["system:masters"]],
    ["bridge", "rotation-bridge", []],
    [
      "driver",
      "system:serviceaccount:kube-system:secrets-store-csi-driver",
      ["system:serviceaccounts", driverNamespace],
    ],
    ["scheduler", "system:kube-scheduler", []],
    ...nodes.map((node) => [node, `system:node:${node}`, ["system:nodes"]] as const),
  ];
  return new Map(
    all.map(([name, user, groups]) => [name, { name, user, groups, token: randomBytes(24).toString("hex") }]),
  );
}

/** The file for kube-apiserver's `--token-auth-file`. */
export async function writeTokenFile(path: string, all: ReadonlyMap<string, Identity>): Promise<void> {
  const lines = [...all.values()].map(
    ({ name, user, groups, token }) => `${token},${user},${name},"${groups.join(",")}"`,
  );
  await writeFile(path, `${lines.join("\n")}\n`, { mode: 0o600 });
}

/** `<folder>/<name>.kubeconfig` for each; JSON, which is YAML. */
export async function writeKubeconfigs(
  folder: string,
  server: string,
  ca: string,
  all: ReadonlyMap<string, Identity>,
): Promise<void> {
  for (const { name, token } of all.values()) {
    const config = {
      apiVersion: "v1",
      kind: "Config",
      clusters: [
        { name: "rig", cluster: { server, "certificate-authority-data": Buffer.from(ca).toString("base64") } },
      ],
      users: [{ name, user: { token } }],
      contexts: [{ name: "rig", context: { cluster: "rig", user: name } }],
      "current-context": "rig",
    };
    const path = kubeconfigPath(folder, name);
    await writeFile(path, JSON.stringify(config, undefined, 2));
    await chmod(path, 0o600);
  }
}

export function kubeconfigPath(folder: string, name: string): string {
  return join(folder, `${name}.kubeconfig`);
}
