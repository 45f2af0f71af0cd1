/** Maps as the tests of this folder write them, and what the parser makes of a text. */

import assert from "node:assert/strict";
import type { TargetPolicy } from "../../../shared/core/policy.ts";
import { mapProblemText, parseRotationMap, policyFor } from "../../../shared/core/rotation-map.ts";
import type { RotationMap } from "../../../shared/core/rotation-map/map-types.ts";

export const aks = (name: string) =>
  `/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg/providers/Microsoft.ContainerService/managedClusters/${name}`;

/** A right map; tests add to it or break it. */
export const base = `
vaults:
  - name: KV-Shop
    flowsTo: [{cluster: aks-prod, namespaces: [shop, "shop-*"]}]
clusters:
  - name: aks-prod
    aks: ${aks("aks-prod")}
`;

export function parsed(text: string): RotationMap {
  const result = parseRotationMap(text, "map.yaml");
  assert.ok(result.ok, result.ok ? "" : result.problems.map(mapProblemText).join("\n"));
  return result.map;
}

export function problems(text: string): readonly string[] {
  const result = parseRotationMap(text, "map.yaml");
  return result.ok ? [] : result.problems.map(mapProblemText);
}

export function policy(text: string, target: string): TargetPolicy {
  const [cluster = "", namespace = ""] = target.split("/");
  const found = policyFor(parsed(text), { cluster, namespace });
  assert.ok(found, `${target} is mapped`);
  return found;
}
