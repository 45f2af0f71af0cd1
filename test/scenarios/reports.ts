/** The reports of `plan` and `status` of a world, as the CLI and the HTTP functions make them. */

import assert from "node:assert/strict";
import { clusterPort } from "../../local/cluster/cluster-port.ts";
import type { PortCall } from "../../local/cluster/cluster-port.ts";
import { vaultPort } from "../../local/key-vault/vault-port.ts";
import type { PlanReport } from "../../shared/core/plan-report/plan-report-types.ts";
import type { StatusReport } from "../../shared/core/status-report/status-report-types.ts";
import { parseRotationMap } from "../../shared/core/rotation-map.ts";
import type { ReportPorts } from "../../shared/look-only.ts";
import { planReport } from "../../shared/plan-report.ts";
import { statusReport } from "../../shared/status-report.ts";
import type { World } from "./world.ts";

/** `map`: lines of YAML put into the map's top level; `cluster`: into the entry of each cluster. */
export interface ReportMap {
  readonly map?: string;
  readonly cluster?: string;
  /** Asked before every call to a cluster; what it throws, the call throws. */
  readonly before?: (cluster: string, call: PortCall) => void;
}

export function planOf(world: World, name: string, map: ReportMap = {}): Promise<PlanReport> {
  return world.clock.until(planReport({ vault: "contoso", name }, portsOf(world, map)));
}

export function statusOf(world: World, map: ReportMap = {}): Promise<StatusReport> {
  return world.clock.until(statusReport({}, portsOf(world, map)));
}

export function portsOf(world: World, { map = "", cluster = "", before }: ReportMap = {}): ReportPorts {
  const text = [
    'vaults: [{ name: contoso, flowsTo: [{ cluster: "*", namespaces: ["*"] }] }]',
    "clusters:",
    ...[...world.clusters.keys()].flatMap((name) => [
      `  - name: ${name}`,
      "    server: https://127.0.0.1:1",
      "    token: { file: token }",
      cluster,
    ]),
    map,
  ].join("\n");
  const parsed = parseRotationMap(text, "report.yaml");
  assert.ok(parsed.ok, JSON.stringify(parsed));
  const clusters = new Map(
    [...world.clusters].map(([name, one]) => [name, clusterPort(one, { before: (call) => before?.(name, call) })]),
  );
  return { map: parsed.map, clusters, vault: vaultPort(world.vault), clock: world.clock };
}
