/** Carries out the steps of a plan. Nothing else in the product patches a cluster. */

import { parseMarker, sameMarker } from "./core/marker.ts";
import { workloadKey } from "./core/observed.ts";
import type { SyncedSecret } from "./core/observed.ts";
import type { Step, StepProblem } from "./core/plan/plan-types.ts";
import { RemoteProblem } from "./core/remote-problem.ts";
import type { Target } from "./core/target.ts";
import type { Clock, Cluster } from "./ports.ts";

export interface DoneStep {
  readonly step: Step;
  /** The Secret as it is since. */
  readonly written?: SyncedSecret;
}

export interface Acted {
  readonly done: readonly DoneStep[];
  /** Steps that met a change by somebody else: read again, decide again. */
  readonly conflicts: number;
  /** What went wrong for as long as this run lasts: by `Secret/name`, `Kind/name` or `touch`. */
  readonly problems: ReadonlyMap<string, StepProblem>;
  /** The cluster could not be reached for a step: the run ends. */
  readonly stopped: RemoteProblem | undefined;
}

/** All steps side by side, each to its end; they are independent of each other. Throws for a defect only. */
export async function act(
  steps: readonly Step[],
  target: Target,
  ports: { readonly cluster: Cluster; readonly clock: Clock },
): Promise<Acted> {
  const problems = new Map<string, StepProblem>();
  const results = await Promise.allSettled(steps.map((step) => carryOut(step, target.namespace, ports)));
  const done: DoneStep[] = [];
  let conflicts = 0;
  let stopped: RemoteProblem | undefined;
  for (const [index, result] of results.entries()) {
    const step = steps[index];
    if (step === undefined) continue;
    if (result.status === "fulfilled") {
      const { problem, ...rest } = result.value;
      done.push({ step, ...rest });
      if (problem !== undefined) problems.set(stepKey(step), problem);
      continue;
    }
    const problem: unknown = result.reason;
    if (!(problem instanceof RemoteProblem)) throw problem;
    if (problem.kind === "conflict" || problem.kind === "not-found") conflicts += 1;
    else if (problem.passing) stopped = problem;
    else problems.set(stepKey(step), stepProblem(problem));
  }
  return { done, conflicts, problems, stopped };
}

async function carryOut(
  step: Step,
  namespace: string,
  { cluster, clock }: { readonly cluster: Cluster; readonly clock: Clock },
): Promise<{ readonly problem?: StepProblem; readonly written?: SyncedSecret }> {
  switch (step.kind) {
    case "write": {
      const written = await cluster.writeSecret(namespace, step.secret, step.data, step.resourceVersion);
      return { written };
    }
    case "touch":
      await cluster.touchPodStatus(namespace, step.podStatus, clock.now());
      return {};
    case "restart": {
      const after = await cluster.restart(namespace, step.workload, step.marker, step.workload.resourceVersion);
      if (sameMarker(parseMarker(after.marker), parseMarker(step.marker))) return {};
      const about = "the marker is not in the API server's answer to the patch";
      return { problem: { kind: "failed", reason: "patch-undone", about } };
    }
  }
}

function stepKey(step: Step): string {
  switch (step.kind) {
    case "write":
      return `Secret/${step.secret}`;
    case "restart":
      return workloadKey(step.workload);
    case "touch":
      return "touch";
  }
}

function stepProblem(problem: RemoteProblem): StepProblem {
  const refused = problem.kind === "forbidden" || problem.kind === "unauthorized";
  return refused
    ? { kind: "refused", reason: "no-rbac", about: problem.message }
    : { kind: "failed", reason: "patch-rejected", about: problem.message };
}
