/** What an act is done to: drawn from a shape, read back from its parameters. */

import { isApiError } from "../../local/cluster/api-error.ts";
import type { LocalCluster } from "../../local/cluster/cluster.ts";
import type { Params } from "./acts.ts";
import type { Random } from "./random.ts";
import { objectNames } from "./names.ts";
import { type Shape } from "./shape.ts";
import type { Sim } from "./sim.ts";

export function text(params: Params, name: string): string {
  return String(params[name] ?? "");
}

export function number(params: Params, name: string): number {
  return Number(params[name] ?? 0);
}

/** Long enough for a rollout to be given up, short enough to see the end of it. */
export function someTime(random: Random): number {
  return random.int(5, 300) * 1000;
}

/** The cluster of the namespace that an act is done to. */
export function clusterOf(sim: Sim, params: Params): LocalCluster {
  return sim.clusterOf(text(params, "namespace"));
}

export function anySpace(random: Random, shape: Shape): Params {
  return { namespace: random.pick(shape.spaces).namespace };
}

export function anyWorkload(random: Random, shape: Shape): Params {
  const { namespace, workloads } = random.pick(shape.spaces);
  const { kind = "Deployment", name } = random.pick(workloads);
  return { namespace, kind, name };
}

export function anyClass(random: Random, shape: Shape): Params {
  const { namespace, classes } = random.pick(shape.spaces);
  return { namespace, name: random.pick(classes).name };
}

export function anySecret(random: Random, shape: Shape): Params | undefined {
  const { namespace, classes } = random.pick(shape.spaces);
  const names = classes.flatMap(({ secrets = {} }) => Object.keys(secrets));
  return names.length === 0 ? undefined : { namespace, name: random.pick(names) };
}

export function anyObject(random: Random): Params {
  return { object: random.pick(objectNames) };
}

/** A kind as the cluster spells it; Deployment for anything unknown. */
export function workloadKind(params: Params): "Deployment" | "StatefulSet" | "DaemonSet" {
  const kind = text(params, "kind");
  return kind === "StatefulSet" || kind === "DaemonSet" ? kind : "Deployment";
}

/** What an act meets may be gone, or be refused by the API; people see that and shrug. */
export function shrug(run: () => void): void {
  try {
    run();
  } catch (error) {
    if (!isApiError(error) && !(error instanceof Error && /no revision/.test(error.message))) throw error;
  }
}
