/** What a seed's world consists of before anything happens: drivers, map, classes, workloads. Plain data. */

import type { Random } from "./random.ts";
import { type Space, spaceOf } from "./space.ts";

export interface Shape {
  readonly generation: "1.5" | "1.6";
  readonly rotation: "off" | "on";
  readonly driverVisible: boolean;
  readonly reloader: boolean;
  /** How far kubelets see Secrets late. */
  readonly secretCacheMs: number;
  /** Pods start and end so fast that the driver's owner patcher comes too late. */
  readonly fast: boolean;
  readonly instances: number;
  /** A remote call takes at most this long. */
  readonly latencyMs: number;
  /** How far each instance's clock is ahead of the clusters'. */
  readonly skewMs: readonly number[];
  /** How long one invocation may work. */
  readonly timeBudgetMs: number;
  /** The map says that the vault is in another cloud than most classes do. */
  readonly china: boolean;
  /** See certificates.ts. */
  readonly certificates: boolean;
  readonly mode: "act" | "observe" | "stopped";
  /** When the bridge is installed, in milliseconds from the start. */
  readonly installedAt: number;
  readonly mapLines: readonly string[];
  /** Names of namespaces are unique over all clusters. */
  readonly spaces: readonly Space[];
}

const minute = 60_000;

export function shapeOf(random: Random): Shape {
  const rotation = random.chance(0.4) ? "on" : "off";
  const instances = random.weighted([
    [1, 6],
    [2, 3],
    [3, 1],
  ]);
  const generation = random.pick(["1.5", "1.6"] as const);
  const fast = random.chance(0.2);
  return {
    generation,
    rotation,
    driverVisible: random.chance(0.85),
    reloader: random.chance(0.15),
    // Pods on 1.6 read what their own mount wrote 0.1 s before; a cache slower than their start breaks that by itself.
    secretCacheMs: generation === "1.5" ? random.pick([0, 300, 900]) : fast ? 0 : random.pick([0, 100, 300]),
    fast,
    instances,
    latencyMs: random.weighted([
      [5, 4],
      [40, 4],
      [400, 2],
    ]),
    skewMs: Array.from({ length: instances }, () => (random.chance(0.2) ? random.int(-900, 900) : 0)),
    timeBudgetMs: random.pick([60_000, 120_000, 240_000]),
    china: random.chance(0.02),
    certificates: false,
    mode: random.weighted([
      ["act", 92],
      ["observe", 5],
      ["stopped", 3],
    ]),
    installedAt: random.weighted([
      [30_000, 4],
      [random.int(1, 6) * minute, 6],
    ]),
    mapLines: mapLines(random),
    spaces: spacesOf(random, rotation),
  };
}

function spacesOf(random: Random, rotation: Shape["rotation"]): readonly Space[] {
  const places: [Space["cluster"], string][] = [["blue", "shop"]];
  if (random.chance(0.35)) places.push(["blue", "bank"]);
  if (random.chance(0.15)) places.push(["green", "depot"]);
  if (random.chance(0.1)) places.push(["blue", "outside"]);
  return places.map(([cluster, namespace]) => ({ cluster, ...spaceOf(namespace, random.fork(), rotation) }));
}

/** Time-outs are short, so that a world that stands still does so for minutes and not for an hour. */
function mapLines(random: Random): readonly string[] {
  const timeouts = random.weighted([
    ["rollout: 1m, secretLost: 2m, vaultStale: 20s", 8],
    ["rollout: 2m", 1],
    ["rollout: 30s, secretLost: 1m, vaultStale: 20s", 1],
  ]);
  const policy = [
    `timeouts: { ${timeouts} }`,
    ...(random.chance(0.25) ? ["newObjects: restart"] : []),
    ...(random.chance(0.1) ? ["restart: always"] : []),
    ...(random.chance(0.05) ? ["settle: 12s"] : []),
    ...(random.chance(0.1) ? ["assumeMountable: [kv-1]"] : []),
  ];
  const rules = [
    ...(random.chance(0.12) ? ["{ kind: Deployment, name: app-0, restart: never }"] : []),
    ...(random.chance(0.1) ? ["{ kind: Deployment, name: app-1, restart: never }"] : []),
    ...(random.chance(0.1) ? ["{ kind: StatefulSet, name: '*', restart: always }"] : []),
  ];
  return [`policy: { ${policy.join(", ")} }`, `workloads: [${rules.join(", ")}]`];
}
