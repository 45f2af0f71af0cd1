/** What a world is made of, and the map that its bridge reads. */

import assert from "node:assert/strict";
import type { LocalClusterOptions } from "../../local/cluster/cluster.ts";
import type { VaultRead } from "../../local/cluster/csi/mounts.ts";
import { parseRotationMap } from "../../shared/core/rotation-map.ts";
import type { RotationMap } from "../../shared/core/rotation-map/map-types.ts";

export interface WorldOptions extends Partial<Omit<LocalClusterOptions, "clock" | "vault" | "name">> {
  readonly generation: "1.5" | "1.6";
  /** Further clusters beside `blue`. */
  readonly clusters?: readonly string[];
  /** Lines of YAML put into the map's top level. */
  readonly map?: string;
  /** `mode`, at the top of the map. */
  readonly mode?: "observe" | "act";
  /** `withoutCage`, at the top of the map; true by default, because a local cluster enforces no policy. */
  readonly withoutCage?: boolean;
  /** Lines of YAML put into each cluster's entry of the map. */
  readonly clusterMap?: string;
  /** Entries of the map's `vaults`, as YAML; by default `contoso`, which may flow everywhere. */
  readonly vaultsMap?: string;
  /** What the drivers' mounts read instead of the vaults themselves. */
  readonly driverReads?: (read: VaultRead) => VaultRead;
  /** Vaults that exist; `contoso` and `other` by default. */
  readonly vaults?: readonly string[];
  /** From a new version to its event on the queue; undefined: no events. */
  readonly eventDelayMs?: number | undefined;
  readonly timeBudgetMs?: number;
  /** From one deep look of the timer to the next; the product's default where it is absent. */
  readonly deepEveryMs?: number;
  /** How often the queue is looked at; 500 ms by default. */
  readonly queuePollMs?: number;
}

export type MapOptions = Pick<WorldOptions, "mode" | "withoutCage" | "map" | "clusterMap" | "vaultsMap">;

export function mapOf(clusters: Iterable<string>, options: MapOptions): RotationMap {
  const text = [
    `mode: ${options.mode ?? "act"}`,
    `withoutCage: ${options.withoutCage ?? true}`,
    "vaults:",
    options.vaultsMap ?? `  - { name: contoso, flowsTo: [{ cluster: "*", namespaces: ["*"] }] }`,
    "clusters:",
    ...[...clusters].flatMap((name) => [
      `  - name: ${name}`,
      `    server: https://127.0.0.1:1`,
      `    token: { file: token }`,
      options.clusterMap ?? "",
    ]),
    options.map ?? "",
  ].join("\n");
  const parsed = parseRotationMap(text, "world.yaml");
  assert.ok(parsed.ok, JSON.stringify(parsed));
  return parsed.map;
}
