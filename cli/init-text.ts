/** The text of a first rotation map: short, in observe mode, with what to do next in its comments. */

import { stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { stringify } from "yaml";
import type { InitCluster } from "./init-clusters.ts";
import type { Discovery, FoundVault } from "./init-discovery.ts";

/** `file`: where it will stand, for the editors' schema. */
export async function initText(clusters: readonly InitCluster[], found: Discovery, file: string): Promise<string> {
  const schema = "schema/rotation-map.schema.json";
  const hasSchema = await stat(join(dirname(file), schema)).then(
    (there) => there.isFile(),
    () => false,
  );
  const lines = [
    ...(hasSchema ? [`# yaml-language-server: $schema=./${schema}`] : []),
    ...head,
    "",
    "# observe plans and reports, and writes nothing.",
    "mode: observe",
    "",
    "vaults:",
    ...found.vaults.flatMap(vaultLines),
    "",
    "clusters:",
    ...clusters.flatMap((cluster) => clusterLines(cluster, found)),
  ];
  return `${lines.join("\n")}\n`;
}

const head = [
  "# The rotation map, made by rotation-bridge init from the classes that were in the clusters. All words: docs/rotation-map.md",
  "#",
  "# What to do next:",
  "# 1. Read it. A vault's values are written only where its flowsTo says so: remove what should not be there.",
  "# 2. rotation-bridge validate",
  "# 3. rotation-bridge status, and rotation-bridge plan --secret VAULT/NAME: what is there, and what a rotation would touch.",
  "# 4. Deploy it (docs/install.md), give it its rights (rotation-bridge rbac --object-id ID --cage), and ask",
  "#    rotation-bridge doctor. Read for a while what the bridge reports.",
  "# 5. Let it act, in one namespace first: add modes to a cluster, then set mode: act.",
];

function vaultLines({ name, url, flowsTo }: FoundVault): readonly string[] {
  return [
    `  - name: ${scalar(name)}`,
    ...(url === undefined ? [] : [`    url: ${scalar(url)}`]),
    "    # Values of this vault are written here and nowhere else.",
    "    flowsTo:",
    ...flowsTo.flatMap(({ cluster, namespaces }) => [
      `      - cluster: ${scalar(cluster)}`,
      `        namespaces: ${flow(namespaces)}`,
    ]),
  ];
}

function clusterLines({ name, written, comment }: InitCluster, { clusters }: Discovery): readonly string[] {
  const namespaces = clusters.find((cluster) => cluster.name === name)?.namespaces ?? [];
  return [
    `  - name: ${scalar(name)}`,
    ...(comment === undefined ? [] : [`    # ${comment}`]),
    ...Object.entries(written).map(([key, value]) => `    ${key}: ${scalar(value)}`),
    ...(namespaces.length === 0
      ? ["    # No class here names a vault yet."]
      : [
          '    # Where the bridge looks. A new namespace is added here and to flowsTo; "*" looks everywhere.',
          `    namespaces: ${flow(namespaces)}`,
        ]),
  ];
}

function scalar(text: string): string {
  return stringify(text, { lineWidth: 0 }).trimEnd();
}

function flow(names: readonly string[]): string {
  return `[${names.map(scalar).join(", ")}]`;
}
