import { test } from "node:test";
import assert from "node:assert/strict";
import { VirtualClock } from "../../local/clock.ts";
import { lateCluster } from "../../shared/adapters/late-cluster.ts";
import { RemoteProblem } from "../../shared/core/remote-problem.ts";
import type { Cluster } from "../../shared/ports.ts";

const unknown: Cluster = {
  index: async () => [],
  classes: async () => [],
  workloads: async () => [],
  pods: async () => [],
  podStatuses: async () => [],
  revisions: async () => [],
  secret: async () => undefined,
  driver: async () => ({ generation: "unknown", rotation: "unknown", pollIntervalMs: 120_000 }),
  cage: async () => ({ stands: true }),
  writeSecret: () => Promise.reject(new RemoteProblem("not-found", "No such Secret.")),
  restart: () => Promise.reject(new RemoteProblem("not-found", "No such workload.")),
  touchPodStatus: async () => undefined,
};

/** Counts connections; each call of `pods` throws what `failing` holds. */
function setUp(failConnect?: () => Error | undefined) {
  const clock = new VirtualClock();
  const state: { connected: number; failing: RemoteProblem | undefined } = { connected: 0, failing: undefined };
  const connect = async (): Promise<Cluster> => {
    state.connected += 1;
    const problem = failConnect?.();
    if (problem !== undefined) throw problem;
    const pods = () => (state.failing === undefined ? Promise.resolve([]) : Promise.reject(state.failing));
    return { ...unknown, pods };
  };
  return { clock, state, cluster: lateCluster("blue", connect, clock, 600_000) };
}

test("connects at the first call, once for all", async () => {
  const { state, cluster } = setUp();
  assert.equal(state.connected, 0);
  await Promise.all([cluster.pods("a"), cluster.index(), cluster.pods("b")]);
  assert.equal(state.connected, 1);
});

test("tries again after a connection that failed, and says why in words of ours only", async () => {
  const cases: readonly (readonly [Error, string, RegExp])[] = [
    [new RemoteProblem("throttled", "Azure answered 429.", 429), "throttled", /^Azure answered 429\.$/],
    [new Error("The kubeconfig has no such context."), "rejected", /blue .* no such context/],
    [Object.assign(new Error("hunter2"), { code: "ERR" }), "rejected", /^(?!.*hunter2).*cannot be used/],
    [new TypeError("hunter2"), "rejected", /^(?!.*hunter2).*cannot be used/],
  ];
  for (const [error, kind, message] of cases) {
    let failing: Error | undefined = error;
    const { state, cluster } = setUp(() => failing);
    await assert.rejects(cluster.pods("a"), { name: "RemoteProblem", kind, message });
    failing = undefined;
    await cluster.pods("a");
    assert.equal(state.connected, 2);
  }
});

test("connects anew when an old connection begins to fail, not a young one, and not for an answer", async () => {
  const { clock, state, cluster } = setUp();
  const fail = async (kind: RemoteProblem["kind"]) => {
    state.failing = new RemoteProblem(kind, "problem");
    await assert.rejects(cluster.pods("a"), { kind });
    state.failing = undefined;
    await cluster.pods("a");
    return state.connected;
  };
  assert.equal(await fail("unavailable"), 1);
  await clock.advance(600_000);
  assert.equal(await fail("forbidden"), 1);
  assert.equal(await fail("unavailable"), 2);
  assert.equal(await fail("timeout"), 2);
});
