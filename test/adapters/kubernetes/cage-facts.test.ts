/** The real client asks a local API server for the cage. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { afterEach, test } from "node:test";
import { cageManifests } from "../../../cli/cage.ts";
import { VirtualClock } from "../../../local/clock.ts";
import { clusterPort } from "../../../local/cluster/cluster-port.ts";
import { startFront } from "../../../local/cluster/http-front.ts";
import type { FrontOptions } from "../../../local/cluster/http-front.ts";
import { rig } from "../../local/cluster/fixture.ts";
import { createCageFacts } from "../../../shared/adapters/kubernetes/cage-facts.ts";
import { createKubernetesCluster } from "../../../shared/adapters/kubernetes/cluster.ts";
import { RemoteProblem } from "../../../shared/core/remote-problem.ts";

const file = readFileSync(new URL("../../../infra/cluster/admission-policy.yaml", import.meta.url), "utf8");
const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

async function started(options: FrontOptions = {}) {
  const local = rig({ generation: "1.6" });
  const clock = new VirtualClock();
  const front = await startFront(local.cluster.store, options);
  const cluster = createKubernetesCluster({ server: front.url, clock, limits: { tries: 1 } });
  ends.push(async () => {
    await cluster.close();
    await front.close();
    local.cluster.stop();
  });
  return { local: local.cluster, front, cluster, clock };
}

test("the cage stands once policy and binding are there, for the user who signs in; a yes is kept for ten minutes", async () => {
  const { local, front, cluster, clock } = await started();
  const absent = { stands: false, why: "There is no ValidatingAdmissionPolicy rotation-bridge-cage." } as const;
  assert.deepEqual(await cluster.cage(), absent);
  const [policy, binding] = cageManifests(file, "rotation-bridge");
  local.apply(policy);
  assert.match(JSON.stringify(await cluster.cage()), /no ValidatingAdmissionPolicyBinding/);
  local.apply(binding);
  assert.deepEqual(await cluster.cage(), { stands: true });
  assert.deepEqual(await clusterPort(local).cage(), { stands: true }, "the port in this process says the same");
  const asked = () => front.requests.get("get ValidatingAdmissionPolicy");
  const before = asked();
  await clock.advance(599_000);
  await cluster.cage();
  assert.equal(asked(), before);
  local.delete("ValidatingAdmissionPolicy", "", "rotation-bridge-cage");
  await clock.advance(2_000);
  assert.deepEqual(await cluster.cage(), absent);
});

test("a cage around somebody else is none", async () => {
  const { local, cluster } = await started({ user: "11111111-2222-3333-4444-555555555555" });
  for (const manifest of cageManifests(file, "rotation-bridge")) local.apply(manifest);
  assert.match(JSON.stringify(await cluster.cage()), /not about the identity that signs in here, 11111111-/);
});

test("a read that RBAC denies is a no that names the rule", async () => {
  const denied: FrontOptions["faults"] = ({ route }) =>
    route.kind.kind === "ValidatingAdmissionPolicyBinding" ? { kind: "status", status: 403 } : undefined;
  const { cluster } = await started({ faults: denied });
  assert.deepEqual(await cluster.cage(), {
    stands: false,
    why: "The API server does not allow: get validatingadmissionpolicybindings.admissionregistration.k8s.io/rotation-bridge-cage.",
  });
});

test("an API server of before 1.28 cannot say who signs in: a no, and not a cluster out of reach", async () => {
  const missing = () => Promise.reject(new RemoteProblem("not-found", "The API server has no such thing.", 404));
  const cage = createCageFacts(
    { readCagePolicy: missing, readCageBinding: missing, whoAmI: missing },
    new VirtualClock(),
  );
  assert.deepEqual(await cage(), {
    stands: false,
    why: "The API server does not say who it takes the bridge for.",
  });
});

test("an API server that does not answer is a problem, and no word about the cage", async () => {
  const { cluster } = await started({ faults: () => ({ kind: "status", status: 503 }) });
  await assert.rejects(cluster.cage(), (error) => error instanceof RemoteProblem && error.passing);
});
