/**
 * The rotation map: which vaults may flow where, which clusters are looked at, and what may be done there. Text in,
 * a map or all its problems out; then what it means for one target. Documented in docs/rotation-map.md.
 */

import { LineCounter, parseDocument, type Document } from "yaml";
import { cloudOf } from "./endpoint.ts";
import { matchesAny, matchesPattern } from "./pattern.ts";
import type { Link, RestartPolicy, TargetPolicy } from "./policy.ts";
import { crossChecks } from "./rotation-map/checks.ts";
import type { Path } from "./rotation-map/loose.ts";
import type { MappedCluster, MappedVault, Mode, RotationMap } from "./rotation-map/map-types.ts";
import { positionAt, positionOf, positionOfKey, type Position } from "./rotation-map/positions.ts";
import { mapSchema } from "./rotation-map/schema.ts";
import { schemaFindings, type SchemaFinding } from "./rotation-map/schema-findings.ts";
import { printable } from "./printable.ts";
import type { Target } from "./target.ts";
import { objectKey } from "./vault-object.ts";

export interface MapProblem extends Position {
  readonly file: string;
  /** `clusters[0].driver.rotation`; empty for the whole file. */
  readonly path: string;
  readonly problem: string;
  readonly mend: string;
}

export type ParsedMap =
  | { readonly ok: true; readonly map: RotationMap }
  | { readonly ok: false; readonly problems: readonly MapProblem[] };

/** Far more than any map needs; a bound on what a wrong file costs. In characters. */
const maxText = 1_048_576;
/** Anchors may be used, but not to blow up a small file ("billion laughs"). */
const maxAliasCount = 100;

/** Parses a map. `file` is its name for the problems, which come all at once, by line. Never throws. */
export function parseRotationMap(text: string, file: string): ParsedMap {
  const whole = (problem: string, mend: string): ParsedMap => ({
    ok: false,
    problems: [{ file, line: 1, column: 1, path: "", problem, mend }],
  });
  if (text.length > maxText) return whole("The file is larger than 1 MiB.", "Use patterns instead of single names.");
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, stringKeys: true });
  const problems: MapProblem[] = [...document.errors, ...document.warnings].map((error) => ({
    file,
    ...positionAt(lines, error.pos[0]),
    path: "",
    problem: `Not valid YAML: ${printable(error.message, 200)}.`,
    mend: "Mend the syntax; mind the indentation.",
  }));
  const readable = document.errors.every((error) => error.code === "DUPLICATE_KEY");
  if (readable && document.contents === null) return whole("The file is empty.", "Name vaults and clusters.");
  if (!readable) return { ok: false, problems };
  const plain = plainData(document);
  if (plain === undefined) return whole("A YAML alias leads nowhere, or there are too many.", "Write the values out.");

  const parsed = mapSchema.safeParse(plain.data);
  const found: readonly SchemaFinding[] = parsed.success ? [] : schemaFindings(parsed.error.issues, plain.data);
  const findings: readonly SchemaFinding[] = [...found, ...crossChecks(plain.data)];
  for (const { path, problem, mend, key } of findings) {
    const position =
      key === undefined ? positionOf(document, lines, path) : positionOfKey(document, lines, path.slice(0, -1), key);
    problems.push({ file, ...position, path: pathText(path), problem, mend });
  }
  if (parsed.success && problems.length === 0) return { ok: true, map: parsed.data };
  return { ok: false, problems: inOrder(problems) };
}

/** Where in the text of a map something stands, for what is wrong with it in the eyes of others. */
export function placeInMap(text: string, path: Path): Position & Pick<MapProblem, "path"> {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, stringKeys: true });
  return { ...positionOf(document, lines, path), path: pathText(path) };
}

/** One line for a terminal or a log: `rotation-map.yaml:3:9 vaults[0].name: Not a vault's name. Use 3-24 letters…`. */
export function mapProblemText({ file, line, column, path, problem, mend }: MapProblem): string {
  return `${file}:${line}:${column} ${path === "" ? "" : `${path}: `}${problem} ${mend}`;
}

/** What the map says for a target; undefined if it does not name the cluster, or not the namespace. */
export function policyFor(map: RotationMap, target: Target): TargetPolicy | undefined {
  const cluster = map.clusters.find((candidate) => candidate.name === target.cluster);
  if (cluster === undefined || !matchesAny(cluster.namespaces, target.namespace)) return undefined;
  const { policy } = map;
  const mode = modeOf(map, cluster, target.namespace);
  return {
    mode,
    writesStopped: map.writes === "stopped",
    needsCage: mode === "act" && !withoutCage(map, cluster),
    vaults: new Set(map.vaults.filter((vault) => flowsTo(vault, target)).map((vault) => vault.name)),
    ...cloudsOf(map),
    settleMs: policy.settleMs,
    settleAtMostMs: policy.settleAtMostMs,
    newObjects: policy.newObjects,
    assumeMountable: new Set(policy.assumeMountable),
    replaceUnproven: new Set(policy.replaceUnproven),
    restart: policy.restart,
    restartByWorkload: { get: (key) => restartOf(map, target, key) },
    driver: cluster.driver,
    provider: cluster.provider,
    discovery: map.discovery,
    links: linksOf(map, target),
    timeouts: policy.timeouts,
  };
}

/** The vault of that name (Key Vault does not regard its case); undefined if the map does not name it. */
export function mappedVault(map: Pick<RotationMap, "vaults">, name: string): MappedVault | undefined {
  return map.vaults.find((vault) => vault.name === name.toLowerCase());
}

export function mappedClusters(map: RotationMap): readonly MappedCluster[] {
  return map.clusters;
}

function cloudsOf(map: RotationMap): Pick<TargetPolicy, "clouds"> {
  const clouds = map.vaults.flatMap(({ name, url }) => {
    const cloud = cloudOf(url);
    return cloud === undefined ? [] : [[name, cloud] as const];
  });
  return clouds.length === 0 ? {} : { clouds: new Map(clouds) };
}

function modeOf(map: RotationMap, cluster: MappedCluster, namespace: string): Mode {
  return cluster.modes.find((entry) => matchesAny(entry.namespaces, namespace))?.mode ?? cluster.mode ?? map.mode;
}

/** Does the map let the bridge act in this cluster although no cage stands there? */
export function withoutCage(map: RotationMap, cluster: MappedCluster): boolean {
  return cluster.withoutCage ?? map.withoutCage;
}

function flowsTo(vault: MappedVault, target: Target): boolean {
  return vault.flowsTo.some(
    (flow) => matchesPattern(flow.cluster, target.cluster) && matchesAny(flow.namespaces, target.namespace),
  );
}

/** `key` is `Kind/name`. The first entry that matches decides. */
function restartOf(map: RotationMap, target: Target, key: string): RestartPolicy | undefined {
  return map.workloads.find(
    (rule) =>
      matchesPattern(rule.cluster, target.cluster) &&
      matchesPattern(rule.namespace, target.namespace) &&
      matchesPattern(`${rule.kind}/${rule.name}`, key),
  )?.restart;
}

function linksOf(map: RotationMap, target: Target): readonly Link[] {
  return map.links
    .filter((link) => link.cluster === target.cluster && link.namespace === target.namespace)
    .map((link) => ({
      object: objectKey({ vault: link.vault, type: link.type, name: link.object }),
      secret: link.secret,
      workloads: link.workloads,
    }));
}

function plainData(document: Document): { readonly data: unknown } | undefined {
  try {
    return { data: document.toJS({ maxAliasCount }) };
  } catch {
    return undefined;
  }
}

function pathText(path: Path): string {
  return path.map((part, index) => (typeof part === "number" ? `[${part}]` : index === 0 ? part : `.${part}`)).join("");
}

/** By line and column, each once: the schema and the cross checks may find the same. */
function inOrder(problems: readonly MapProblem[]): readonly MapProblem[] {
  const byText = new Map(problems.map((problem) => [mapProblemText(problem), problem]));
  return [...byText.values()].sort((one, other) => one.line - other.line || one.column - other.column);
}
