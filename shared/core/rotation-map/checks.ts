/** What the schema cannot see: what one part of the map says of another. */

import { didYouMean } from "../did-you-mean.ts";
import { parseDuration } from "../duration.ts";
import { vaultUrlProblem } from "../endpoint.ts";
import { matchesAny, matchesPattern } from "../pattern.ts";
import { checkClusters } from "./check-clusters.ts";
import { child, items, text, texts, type Entry, type Finding } from "./loose.ts";

/** All contradictions in a map of whatever form. */
export function crossChecks(value: unknown): readonly Finding[] {
  const map: Entry = { value, path: [] };
  const vaults = items(map, "vaults");
  const clusters = items(map, "clusters");
  return [
    ...duplicates(vaults, "vault"),
    ...duplicates(clusters, "cluster"),
    ...vaults.flatMap(checkVaultUrl),
    ...checkClusters(clusters),
    ...vaults.flatMap((vault) => items(vault, "flowsTo")).flatMap((flow) => checkClusterPattern(flow, clusters)),
    ...items(map, "workloads").flatMap((rule) => checkClusterPattern(rule, clusters)),
    ...items(map, "links").flatMap((link) => checkLink(link, vaults, clusters)),
    ...checkSettle(child(map, "policy")),
  ];
}

/** Vaults compare without regard to case, as Key Vault does; cluster names as written. */
function duplicates(entries: readonly Entry[], what: "vault" | "cluster"): readonly Finding[] {
  const seen = new Set<string>();
  return entries.flatMap((entry) => {
    const name = text(entry, "name");
    const key = what === "vault" ? name?.toLowerCase() : name;
    if (key === undefined) return [];
    if (!seen.has(key)) {
      seen.add(key);
      return [];
    }
    const problem = `The ${what} ${key} is named twice.`;
    return [{ path: [...entry.path, "name"], problem, mend: "Put everything about it into one entry." }];
  });
}

function checkVaultUrl(vault: Entry): readonly Finding[] {
  const name = text(vault, "name");
  const url = text(vault, "url");
  const problem = name === undefined || url === undefined ? undefined : vaultUrlProblem(name, url);
  return problem === undefined ? [] : [{ path: [...vault.path, "url"], ...problem }];
}

function checkClusterPattern(entry: Entry, clusters: readonly Entry[]): readonly Finding[] {
  const pattern = text(entry, "cluster");
  const names = clusters.flatMap((cluster) => text(cluster, "name") ?? []);
  if (pattern === undefined || names.some((name) => matchesPattern(pattern, name))) return [];
  return [
    { path: [...entry.path, "cluster"], problem: "No cluster of the map matches.", mend: suggest(pattern, names) },
  ];
}

function checkLink(link: Entry, vaults: readonly Entry[], clusters: readonly Entry[]): readonly Finding[] {
  const findings: Finding[] = [];
  const namespace = text(link, "namespace");
  const clusterName = text(link, "cluster");
  const cluster = clusters.find((candidate) => text(candidate, "name") === clusterName);
  if (clusterName !== undefined && cluster === undefined) {
    const names = clusters.flatMap((candidate) => text(candidate, "name") ?? []);
    const mend = suggest(clusterName, names);
    findings.push({ path: [...link.path, "cluster"], problem: "The map does not name this cluster.", mend });
  }
  const looked = cluster === undefined ? [] : texts(cluster, "namespaces");
  if (namespace !== undefined && looked.length > 0 && !matchesAny(looked, namespace)) {
    const mend = "Add it to the cluster's namespaces.";
    findings.push({ path: [...link.path, "namespace"], problem: "The cluster's namespaces leave it out.", mend });
  }
  const vaultName = text(link, "vault");
  const vault = vaults.find((candidate) => text(candidate, "name")?.toLowerCase() === vaultName?.toLowerCase());
  if (vaultName === undefined) return findings;
  const path = [...link.path, "vault"];
  if (vault === undefined) {
    const names = vaults.flatMap((candidate) => text(candidate, "name") ?? []);
    findings.push({ path, problem: "The map does not name this vault.", mend: suggest(vaultName, names) });
  } else if (cluster !== undefined && clusterName !== undefined && namespace !== undefined) {
    const flows = items(vault, "flowsTo").some(
      (flow) =>
        matchesPattern(text(flow, "cluster") ?? "", clusterName) && matchesAny(texts(flow, "namespaces"), namespace),
    );
    const mend = "Add cluster and namespace to the vault's flowsTo.";
    if (!flows) findings.push({ path, problem: "The vault does not flow to this namespace.", mend });
  }
  return findings;
}

function checkSettle(policy: Entry): readonly Finding[] {
  const settle = parseDuration(text(policy, "settle") ?? "");
  const atMost = parseDuration(text(policy, "settleAtMost") ?? "");
  if (atMost === undefined || atMost >= (settle ?? 2_000)) return [];
  const problem = "Shorter than the settle time.";
  return [{ path: [...policy.path, "settleAtMost"], problem, mend: "Make it at least as long as settle." }];
}

function suggest(word: string, known: readonly string[]): string {
  const near = didYouMean(word, known);
  if (near !== undefined) return `Did you mean ${near}?`;
  return known.length === 0 ? "Add it to the map." : `Name one of ${known.slice(0, 5).join(", ")}.`;
}
