import type { TestContext } from "node:test";
import { realClock } from "../../../local/clock.ts";
import type { Fault } from "../../../local/cluster/http-faults.ts";
import { startFront } from "../../../local/cluster/http-front.ts";
import type { Front, FrontOptions, FrontRequest } from "../../../local/cluster/http-front.ts";
import { Store } from "../../../local/cluster/store.ts";
import { createKubernetesCluster } from "../../../shared/adapters/kubernetes/cluster.ts";
import type { KubernetesCluster, KubernetesOptions } from "../../../shared/adapters/kubernetes/cluster.ts";

export interface Subject {
  readonly cluster: KubernetesCluster;
  readonly store: Store;
  readonly front: Front;
}

/** The real client in front of a store, with short waits. Both end with the test. */
export async function subject(
  t: TestContext,
  options: Partial<KubernetesOptions> = {},
  frontOptions: FrontOptions = {},
): Promise<Subject> {
  const clock = realClock();
  const store = new Store(clock);
  const front = await startFront(store, frontOptions);
  const limits = { tries: 3, totalMs: 3_000, tryMs: 1_500, firstWaitMs: 1 };
  const cluster = createKubernetesCluster({ server: front.url, clock, limits, ...options });
  t.after(async () => {
    await cluster.close();
    await front.close();
  });
  return { cluster, store, front };
}

/** The first `times` requests that `wanted` picks go wrong. */
export function failing(
  fault: Fault,
  times = Number.POSITIVE_INFINITY,
  wanted: (request: FrontRequest) => boolean = () => true,
): (request: FrontRequest) => Fault | undefined {
  let left = times;
  return (request) => {
    if (left <= 0 || !wanted(request)) return undefined;
    left -= 1;
    return fault;
  };
}
