/** A cluster that can only be read: what `plan` and `status` see. A write through it is a defect of ours and throws. */

import type { Cluster } from "./ports.ts";

export function readOnlyCluster(cluster: Cluster): Cluster {
  return {
    index: () => cluster.index(),
    classes: (namespace) => cluster.classes(namespace),
    workloads: (namespace) => cluster.workloads(namespace),
    pods: (namespace) => cluster.pods(namespace),
    podStatuses: (namespace) => cluster.podStatuses(namespace),
    revisions: (namespace) => cluster.revisions(namespace),
    secret: (namespace, name) => cluster.secret(namespace, name),
    driver: () => cluster.driver(),
    // Whoever reads may be somebody else than the bridge, around whom no cage need stand: `doctor` looks for it.
    cage: async () => ({ stands: true }),
    writeSecret: () => refuse("Secret"),
    restart: () => refuse("workload"),
    touchPodStatus: () => refuse("pod status"),
  };
}

/** Rejected, and no RemoteProblem: nothing may take it for an answer of the cluster. */
async function refuse(what: string): Promise<never> {
  throw new Error(`A report tried to write a ${what}.`);
}
