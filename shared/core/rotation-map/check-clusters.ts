/** A cluster is reached in exactly one way, and what belongs to another way contradicts it. */

import { serverUrlProblem } from "../endpoint.ts";
import { has, text, type Entry, type Finding } from "./loose.ts";
import { sentence } from "./sentence.ts";

const ways = ["aks", "server", "kubeconfig"] as const;
const none = { problem: "Nothing says how to reach the cluster.", mend: "Add one of aks, server or kubeconfig." };

/** The same words for the schema, which meets this case too. */
export const accessSentence = sentence(none.problem, none.mend);

/** Options that belong to one way only. */
const belongs = [
  { option: "certificateAuthority", way: "server" },
  { option: "token", way: "server" },
  { option: "context", way: "kubeconfig" },
] as const;

export function checkClusters(clusters: readonly Entry[]): readonly Finding[] {
  return clusters.flatMap(checkCluster);
}

function checkCluster(cluster: Entry): readonly Finding[] {
  if (typeof cluster.value !== "object" || cluster.value === null) return [];
  const given = ways.filter((way) => has(cluster, way));
  const findings: Finding[] = [];
  if (given.length === 0) findings.push({ path: cluster.path, ...none });
  for (const extra of given.slice(1)) {
    const problem = `The cluster already has ${given[0] ?? ""}.`;
    findings.push({ path: [...cluster.path, extra], problem, mend: "Keep one of aks, server and kubeconfig." });
  }
  for (const { option, way } of belongs) {
    if (!has(cluster, option) || has(cluster, way)) continue;
    const problem = `${option} belongs to ${way}, which is not given.`;
    findings.push({ path: [...cluster.path, option], problem, mend: `Remove it, or reach the cluster by ${way}.` });
  }
  const server = text(cluster, "server");
  const url = server === undefined ? undefined : serverUrlProblem(server);
  if (url !== undefined) findings.push({ path: [...cluster.path, "server"], ...url });
  return findings;
}
