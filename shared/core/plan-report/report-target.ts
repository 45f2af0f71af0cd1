/** One target's part of the plan report: the same survey, holds and obstacles that the bridge decides with. */

import type { WorkloadPods } from "../dependents.ts";
import type { Pod } from "../observed.ts";
import { describe } from "../plan/describe-step.ts";
import type { Plan, PlanInput } from "../plan/plan-types.ts";
import { saidOf } from "../said.ts";
import { lookAhead, obstacleAhead } from "./look-ahead.ts";
import type { Ahead } from "./look-ahead.ts";
import { outageOf } from "./outage.ts";
import type {
  ClassPlan,
  PlanMode,
  PodPlan,
  ReadPlan,
  SecretPlan,
  TargetPlan,
  WorkloadPlan,
} from "./plan-report-types.ts";
import { fedKeys, fedReads, touchedClasses } from "./touched.ts";
import type { Touched } from "./touched.ts";

/** `objects`: keys (`objectKey`) of what would get a new version. */
export function reportTarget(input: PlanInput, plan: Plan, objects: ReadonlySet<string>): TargetPlan {
  const ahead = lookAhead(input, objects);
  const touched = touchedClasses(ahead.look.found, objects);
  const { cluster, namespace } = input.observed.target;
  return {
    cluster,
    namespace,
    mode: modeOf(input),
    classes: touched.map((one) => classPlan(one, ahead, plan)),
    secrets: touched.flatMap((one) => secretPlans(one, ahead)),
    workloads: ahead.look.found.workloads
      .flatMap((item) => workloadPlan(item, touched, ahead, objects) ?? [])
      .sort((one, other) => rank(one) - rank(other) || byName(one, other)),
    pods: podPlans(touched, ahead),
    dueNow: [...plan.steps, ...plan.wouldDo].map(describe),
  };
}

export function modeOf({ policy }: Pick<PlanInput, "policy">): PlanMode {
  return policy.writesStopped ? "stopped" : policy.mode;
}

function classPlan({ item, objects }: Touched, { look, stopped }: Ahead, plan: Plan): ClassPlan {
  const obstacle = stopped.get(item.name);
  const now = plan.outcomes.get(item.name) ?? { kind: "converged", idle: true };
  return {
    name: item.name,
    objects: objects.map(({ id }) => id),
    mounters: mountersOf(item.name, look.found.livePods).length,
    now: saidOf(now),
    ...(obstacle === undefined ? {} : { stopped: saidOf(obstacle) }),
  };
}

function secretPlans(touched: Touched, { look, stopped }: Ahead): readonly SecretPlan[] {
  const { item } = touched;
  const owner = look.active.get(item.name);
  return item.content.secretObjects.flatMap((entry) => {
    const keys = fedKeys(touched, entry.secretName);
    if (keys.length === 0) return [];
    const state = owner?.secrets.find(({ name }) => name === entry.secretName)?.state;
    const obstacle = state?.kind === "refused" ? state.outcome : stopped.get(item.name);
    return {
      name: entry.secretName,
      class: item.name,
      type: entry.type,
      keys,
      exists: look.input.observed.secrets.get(entry.secretName)?.kind === "present",
      ...(obstacle === undefined ? {} : { stopped: saidOf(obstacle) }),
    };
  });
}

function workloadPlan(
  item: WorkloadPods,
  touched: readonly Touched[],
  ahead: Ahead,
  objects: ReadonlySet<string>,
): WorkloadPlan | undefined {
  const { workload } = item;
  const mounted = touched.filter((one) => item.mounts.has(one.item.name));
  const reads = fedReads(item.reads, touched);
  if (mounted.length === 0 && reads.length === 0) return undefined;
  const role = mounted.length > 0 ? "mounter" : "reader";
  const base = {
    kind: workload.kind,
    name: workload.name,
    replicas: workload.desired,
    pods: item.pods.length,
    role,
    classes: [...new Set([...mounted.map((one) => one.item.name), ...reads.map((read) => read.class)])],
    reads: reads.map(({ secret, key, by }): ReadPlan => ({ secret, ...(key === undefined ? {} : { key }), by })),
    strategy: strategies[workload.strategy],
  } as const;
  if (item.pods.length === 0) return { ...base, action: "none" };
  const obstacle = obstacleAhead(item, base.classes, ahead, objects);
  if (obstacle === "refresh") return { ...base, action: "refresh" };
  if (obstacle !== undefined) return { ...base, action: "stopped", stopped: saidOf(obstacle) };
  const outage = outageOf(workload);
  const wave = role === "mounter" ? 1 : 2;
  return { ...base, action: "restart", wave, ...(outage === undefined ? {} : { outage }) };
}

const strategies = { rolling: "RollingUpdate", recreate: "Recreate", "on-delete": "OnDelete" } as const;

/** Pods that no restart of a Deployment, StatefulSet or DaemonSet replaces. */
function podPlans(touched: readonly Touched[], { look }: Ahead): readonly PodPlan[] {
  return look.found.unmanaged.flatMap((pod) => {
    const mounts = touched.some(({ item }) => mountersOf(item.name, [pod]).length > 0);
    const reads = fedReads(pod.uses.reads, touched).some(({ by }) => by !== "volume");
    if (!mounts && !reads) return [];
    const reason = mounts ? "old-mount" : "unmanaged-pod";
    return {
      name: pod.name,
      ...(pod.owner === undefined ? {} : { owner: `${pod.owner.kind}/${pod.owner.name}` }),
      role: mounts ? "mounter" : "reader",
      said: saidOf({ kind: "waiting", reason, about: [`Pod/${pod.name}`] }),
    };
  });
}

function mountersOf(className: string, pods: readonly Pod[]): readonly Pod[] {
  return pods.filter((pod) => pod.uses.mounts.some((mount) => mount.className === className));
}

function rank({ action, wave }: WorkloadPlan): number {
  return action === "restart" ? (wave ?? 0) : { stopped: 3, refresh: 4, none: 5 }[action];
}

function byName(one: WorkloadPlan, other: WorkloadPlan): number {
  const [a, b] = [`${one.kind}/${one.name}`, `${other.kind}/${other.name}`];
  return a < b ? -1 : a > b ? 1 : 0;
}
