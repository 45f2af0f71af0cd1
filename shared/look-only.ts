/**
 * One look at many targets for a report: all clusters first, then the vault once for all (the order law), then the same
 * `plan` that the bridge decides with. Nothing is acted on, whatever the map's mode says.
 */

import { emptyMemory } from "./core/memory.ts";
import type { Scope } from "./core/message.ts";
import type { Observed } from "./core/observed.ts";
import { plan } from "./core/plan/plan.ts";
import type { Plan, PlanInput } from "./core/plan/plan-types.ts";
import type { TargetPolicy } from "./core/policy.ts";
import { fetchKey } from "./core/rendering/needed-objects.ts";
import { RemoteProblem } from "./core/remote-problem.ts";
import { policyFor } from "./core/rotation-map.ts";
import type { RotationMap } from "./core/rotation-map/map-types.ts";
import type { Target } from "./core/target.ts";
import { targetKey } from "./core/target.ts";
import { objectKey } from "./core/vault-object.ts";
import { forEachBounded } from "./bounded.ts";
import { fetchNeeds, gatherCluster, noFacts, viewOf } from "./gather.ts";
import { gatherVault } from "./gather-vault.ts";
import type { Clock, Cluster, Vault } from "./ports.ts";
import { readOnlyCluster } from "./read-only-cluster.ts";

export interface ReportPorts {
  readonly map: RotationMap;
  readonly clusters: ReadonlyMap<string, Cluster>;
  readonly vault: Vault;
  readonly clock: Clock;
  /** Told what is being read, for who waits. */
  readonly progress?: (doing: string) => void;
}

/** What one look came to: the input that the plan decided from, and the plan. */
export interface Look {
  readonly target: Target;
  readonly input: PlanInput;
  readonly plan: Plan;
}

export type LookResult =
  | ({ readonly ok: true } & Look)
  | { readonly ok: false; readonly target: Target; readonly problem: RemoteProblem };

const mostTargetsAtOnce = 32;
const mostRoundsOfNeeds = 8;

/** Never writes. Throws only for a defect: what a cluster refuses is an answer. */
export async function lookOnly(
  targets: readonly Target[],
  scope: Scope,
  ports: ReportPorts,
): Promise<readonly LookResult[]> {
  const asked = targets.map((target) => ({ target }));
  const clusters = new Map(
    [...ports.clusters].map(([name, cluster]) => [name, withDriverOnce(readOnlyCluster(cluster))]),
  );
  const gathered = await each(asked, ports, "Reading", async ({ target }): Promise<Gathered> => {
    const { cluster, policy } = partsOf(target, ports.map, clusters);
    const observed = await gatherCluster(cluster, target, scope, policy, () => ports.clock.now());
    return { target, cluster, policy, observed };
  });
  const vault = askedOnce(ports.vault);
  const read = gathered.flatMap((result) => (result.ok ? [result.value] : []));
  const planned = await each(read, ports, "Asking the vault for", (found) =>
    planOnce(found, scope, vault, ports.clock),
  );
  const failed = [...gathered, ...planned].flatMap((result) => (result.ok ? [] : [result]));
  return [...failed, ...planned.flatMap((result) => (result.ok ? [{ ok: true as const, ...result.value }] : []))];
}

interface Gathered {
  readonly target: Target;
  readonly cluster: Cluster;
  readonly policy: TargetPolicy;
  readonly observed: Observed;
}

async function planOnce(
  { target, cluster, policy, observed }: Gathered,
  scope: Scope,
  vault: Vault,
  clock: Clock,
): Promise<Look> {
  const reading = await gatherVault(vault, observed, scope, policy, undefined);
  const facts = noFacts();
  let complete = observed;
  for (let round = 0; ; round += 1) {
    const input: PlanInput = {
      observed: complete,
      vault: viewOf(reading, facts),
      policy,
      scope,
      memory: emptyMemory,
      problems: new Map(),
      now: clock.now(),
    };
    const decided = plan(input);
    if (decided.needs.length === 0) return { target, input, plan: decided };
    if (round >= mostRoundsOfNeeds) throw new Error("A plan keeps asking for facts that it has been given.");
    complete = await fetchNeeds(decided.needs, complete, facts, { cluster, vault });
  }
}

function partsOf(
  target: Target,
  map: RotationMap,
  clusters: ReadonlyMap<string, Cluster>,
): Pick<Gathered, "cluster" | "policy"> {
  const cluster = clusters.get(target.cluster);
  const policy = policyFor(map, target);
  if (cluster === undefined || policy === undefined) throw new Error("A target is not of the map.");
  return { cluster, policy };
}

/** Its driver is the same for all namespaces. */
function withDriverOnce(cluster: Cluster): Cluster {
  let driver: ReturnType<Cluster["driver"]> | undefined;
  return { ...cluster, driver: () => (driver ??= cluster.driver()) };
}

type Each<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly target: Target; readonly problem: RemoteProblem };

async function each<I extends { readonly target: Target }, T>(
  items: readonly I[],
  { progress }: ReportPorts,
  doing: string,
  work: (item: I) => Promise<T>,
): Promise<readonly Each<T>[]> {
  let done = 0;
  const results = await forEachBounded(items, mostTargetsAtOnce, async (item): Promise<Each<T>> => {
    const { target } = item;
    progress?.(`${doing} ${targetKey(target)} (${done} of ${items.length} done)`);
    try {
      return { ok: true, value: await work(item) };
    } catch (error) {
      if (error instanceof RemoteProblem) return { ok: false, target, problem: error };
      throw error;
    } finally {
      done += 1;
    }
  });
  return results.map((result) => {
    if (result.status === "rejected") throw result.reason;
    return result.value;
  });
}

/** The same answer for everybody who asks within one report. */
function askedOnce(vault: Vault): Vault {
  const current = new Map<string, ReturnType<Vault["current"]>>();
  const lists = new Map<string, ReturnType<Vault["versions"]>>();
  const single = new Map<string, ReturnType<Vault["version"]>>();
  const before = new Map<string, ReturnType<Vault["before"]>>();
  return {
    current: (object, pin) => remember(current, fetchKey(object, pin), () => vault.current(object, pin)),
    versions: (object) => remember(lists, objectKey(object), () => vault.versions(object)),
    version: (object, id) => remember(single, fetchKey(object, id), () => vault.version(object, id)),
    before: (object, id) => remember(before, fetchKey(object, id), () => vault.before(object, id)),
    listed: (...asked) => vault.listed(...asked),
  };
}

function remember<T>(known: Map<string, Promise<T>>, key: string, ask: () => Promise<T>): Promise<T> {
  const answer = known.get(key) ?? ask();
  known.set(key, answer);
  return answer;
}
