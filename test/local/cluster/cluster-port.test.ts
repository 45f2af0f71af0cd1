import { test } from "node:test";
import assert from "node:assert/strict";
import { ApiError } from "../../../local/cluster/api-error.ts";
import { clusterPort } from "../../../local/cluster/cluster-port.ts";
import type { PortCall, PortHooks } from "../../../local/cluster/cluster-port.ts";
import { RemoteProblem } from "../../../shared/core/remote-problem.ts";
import { SecretValue } from "../../../shared/core/secret-value.ts";
import type { Cluster } from "../../../shared/ports.ts";
import { livePods, liveValues, providerClass, rig, workload } from "./fixture.ts";
import type { Rig } from "./fixture.ts";

async function running(hooks: PortHooks = {}): Promise<Rig & { port: Cluster }> {
  const r = rig({ generation: "1.6" });
  r.cluster.apply(providerClass());
  r.cluster.apply(workload());
  await r.clock.advance(20_000);
  return { ...r, port: clusterPort(r.cluster, hooks) };
}

test("Through the port a target reads as the bridge's own words", async () => {
  const r = await running();
  const [status] = await r.port.podStatuses("default");
  const pods = await r.port.pods("default");
  assert.deepEqual(
    (await r.port.classes("default")).map(({ name }) => name),
    ["app"],
  );
  assert.deepEqual(
    (await r.port.index()).map(({ namespace }) => namespace),
    ["default"],
  );
  assert.deepEqual(
    (await r.port.workloads("default")).map(({ kind, name, desired }) => [kind, name, desired]),
    [["Deployment", "web", 2]],
  );
  assert.ok(pods.every((pod) => pod.started && pod.ready && pod.owner?.kind === "ReplicaSet"));
  assert.ok(pods.some((pod) => pod.uid === status?.podUid));
  assert.equal(status?.versions.size, 1);
  assert.deepEqual(
    (await r.port.revisions("default")).map(({ kind }) => kind),
    ["ReplicaSet"],
  );
  assert.deepEqual(await r.port.driver(), { generation: "1.6", rotation: "off", pollIntervalMs: 120_000 });
  assert.equal(await r.port.secret("default", "none"), undefined);
  r.cluster.stop();
});

test("Through the port a Secret is written with a lock and a workload restarted", async () => {
  const r = await running();
  const old = livePods(r);
  const secret = await r.port.secret("default", "app");
  assert.ok(secret?.managed);
  const data = new Map([["k", SecretValue.fromText("v2")]]);
  const written = await r.port.writeSecret("default", "app", data, secret.resourceVersion);
  assert.deepEqual(
    written.writers.map(({ manager }) => manager),
    ["csi-secrets-store", "rotation-bridge"].slice(1),
  );
  const isConflict = (error: unknown): boolean => error instanceof RemoteProblem && error.kind === "conflict";
  await assert.rejects(r.port.writeSecret("default", "app", data, secret.resourceVersion), isConflict);
  const [web] = await r.port.workloads("default");
  assert.ok(web !== undefined);
  r.vault.set("k", "v2");
  const restarted = await r.port.restart("default", web, "m", web.resourceVersion);
  assert.equal(restarted.marker, "m");
  assert.notEqual(restarted.restartedByUsAt, undefined);
  await assert.rejects(r.port.restart("default", web, "n", web.resourceVersion), isConflict);
  await r.clock.advance(20_000);
  assert.deepEqual(liveValues(r), ["v2", "v2"]);
  assert.equal(
    livePods(r).some((pod) => old.includes(pod)),
    false,
  );
  r.cluster.stop();
});

test("A touched pod status makes the driver bring a lost Secret back", async () => {
  const r = await running();
  r.cluster.delete("Secret", "default", "app");
  const [status] = await r.port.podStatuses("default");
  await r.port.touchPodStatus("default", status?.name ?? "", r.clock.now());
  await r.clock.advance(1000);
  assert.equal(r.cluster.secretValue("default", "app", "k"), "v1");
  r.cluster.stop();
});

test("A hook sees every call, may refuse it before it takes effect and may lose its answer after", async () => {
  const calls: PortCall[] = [];
  let fault: ApiError | undefined;
  let lost: Error | undefined;
  const r = await running({
    before: (call) => {
      calls.push(call);
      if (fault !== undefined) throw fault;
    },
    after: () => {
      if (lost !== undefined) throw lost;
    },
  });
  for (const [status, kind] of [
    [401, "unauthorized"],
    [403, "forbidden"],
    [404, "not-found"],
    [409, "conflict"],
    [422, "rejected"],
    [429, "throttled"],
    [503, "unavailable"],
  ] as const) {
    fault = new ApiError(status, "InternalError", "injected");
    const reading =
      status === 404
        ? r.port.restart("default", { kind: "Deployment", name: "web" }, "m", "")
        : r.port.secret("default", "app");
    await assert.rejects(reading, (error) => error instanceof RemoteProblem && error.kind === kind);
  }
  fault = undefined;
  lost = new Error("killed");
  const data = new Map([["k", SecretValue.fromText("v2")]]);
  await assert.rejects(r.port.writeSecret("default", "app", data, ""), /killed/);
  assert.equal(r.cluster.secretValue("default", "app", "k"), "v2");
  assert.deepEqual(calls.at(-1), { verb: "patch", kind: "Secret", namespace: "default", name: "app" });
  r.cluster.stop();
});
