/** A Cluster that is connected at its first use: asking Azure for an address and loading the client take time. */

import { RemoteProblem } from "../core/remote-problem.ts";
import type { Clock, Cluster } from "../ports.ts";

/**
 * `connect` may throw a RemoteProblem, or an Error of ours with a sentence for a person; the next call tries again.
 * A connection that begins to fail is made anew once it is older than `keepMs`, because a cluster that was stopped or
 * moved comes back with another address or certificate authority.
 */
export function lateCluster(
  name: string,
  connect: () => Promise<Cluster>,
  clock: Clock,
  keepMs: number = 600_000,
): Cluster {
  let made: { readonly cluster: Promise<Cluster>; readonly at: number } | undefined;

  async function call<T>(work: (cluster: Cluster) => Promise<T>): Promise<T> {
    made ??= { cluster: connect(), at: clock.now() };
    const current = made;
    const cluster = await current.cluster.catch((error: unknown) => {
      if (made === current) made = undefined;
      throw connectProblem(name, error);
    });
    try {
      return await work(cluster);
    } catch (error) {
      if (mayHaveMoved(error) && made === current && clock.now() - current.at >= keepMs) made = undefined;
      throw error;
    }
  }

  return {
    index: () => call((cluster) => cluster.index()),
    classes: (namespace) => call((cluster) => cluster.classes(namespace)),
    workloads: (namespace) => call((cluster) => cluster.workloads(namespace)),
    pods: (namespace) => call((cluster) => cluster.pods(namespace)),
    podStatuses: (namespace) => call((cluster) => cluster.podStatuses(namespace)),
    revisions: (namespace, kinds) => call((cluster) => cluster.revisions(namespace, kinds)),
    secret: (namespace, secret) => call((cluster) => cluster.secret(namespace, secret)),
    driver: () => call((cluster) => cluster.driver()),
    cage: () => call((cluster) => cluster.cage()),
    writeSecret: (...args) => call((cluster) => cluster.writeSecret(...args)),
    restart: (...args) => call((cluster) => cluster.restart(...args)),
    touchPodStatus: (...args) => call((cluster) => cluster.touchPodStatus(...args)),
  };
}

function mayHaveMoved(error: unknown): boolean {
  if (!(error instanceof RemoteProblem)) return false;
  return error.kind === "unavailable" || error.kind === "timeout" || error.kind === "unauthorized";
}

/** Errors of ours are plain and have no code; what anything else says stays here. */
function connectProblem(name: string, error: unknown): RemoteProblem {
  if (error instanceof RemoteProblem) return error;
  const ours = error instanceof Error && error.constructor === Error && !("code" in error);
  const why = ours ? error.message : "Its address, certificate authority or sign-in cannot be used.";
  return new RemoteProblem("rejected", `Cluster ${name} cannot be connected. ${why}`);
}
