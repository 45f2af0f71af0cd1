/** What a map may say and probably does not mean. Pure. */

import { matchesPattern } from "../shared/core/pattern.ts";
import type { MappedCluster, MappedVault, RotationMap } from "../shared/core/rotation-map/map-types.ts";

export function mapHints(map: RotationMap): readonly string[] {
  return [
    ...map.clusters
      .filter((cluster) => !map.vaults.some((vault) => flowsInto(vault, cluster)))
      .map(
        ({ name }) =>
          `cluster ${name}: No vault flows into a namespace that is looked at there, so nothing would ever be written.`,
      ),
    ...map.vaults
      .filter((vault) => !map.clusters.some((cluster) => flowsInto(vault, cluster)))
      .map(
        ({ name }) =>
          `vault ${name}: It flows into no namespace that a cluster is looked at in, so nothing of it would ever be written.`,
      ),
    ...(map.writes === "stopped" ? ["writes: stopped: Nothing is written anywhere until it is removed."] : []),
  ];
}

function flowsInto({ flowsTo }: MappedVault, { name, namespaces }: MappedCluster): boolean {
  return flowsTo.some(
    (flow) =>
      matchesPattern(flow.cluster, name) &&
      flow.namespaces.some((one) => namespaces.some((other) => mayMeet(one, other))),
  );
}

/** May a namespace match both patterns? Two with wildcards may meet unless their beginnings or ends differ. */
function mayMeet(one: string, other: string): boolean {
  if (!one.includes("*")) return matchesPattern(other, one);
  if (!other.includes("*")) return matchesPattern(one, other);
  const [start, end] = [startOf(one), endOf(one)];
  const [otherStart, otherEnd] = [startOf(other), endOf(other)];
  return (
    (start.startsWith(otherStart) || otherStart.startsWith(start)) && (end.endsWith(otherEnd) || otherEnd.endsWith(end))
  );
}

function startOf(pattern: string): string {
  return pattern.slice(0, pattern.indexOf("*"));
}

function endOf(pattern: string): string {
  return pattern.slice(pattern.lastIndexOf("*") + 1);
}
