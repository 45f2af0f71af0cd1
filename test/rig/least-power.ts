/**
 * `node --test test/rig/least-power.ts`: on a real API server the bridge works with no more than what `rotation-bridge
 * rbac` prints and the cage around it, needs all of that, and whoever has its identity can do nothing else.
 */

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { createKubernetesCluster } from "../../shared/adapters/kubernetes/cluster.ts";
import { fixedToken } from "../../shared/adapters/kubernetes/token.ts";
import { realClock } from "../../local/clock.ts";
import { rbacManifests } from "../../shared/core/rbac-manifests.ts";
import { neededRights } from "../../shared/core/rbac-rules.ts";
import { alone, together } from "./least-power-scenarios.ts";
import { askedByApp, rigMap } from "./least-rights.ts";
import type { Api } from "./api.ts";
import { type SharedGround, startGround } from "./scenarios/ground.ts";
import type { Scenario } from "./scenarios/scenario.ts";
import { play } from "./scenarios/play.ts";
import { type Stage, startStage } from "./scenarios/stage.ts";
import { until } from "./until.ts";

describe("Least power, on a real API server", () => {
  let ground: SharedGround | undefined;
  let running: Stage | undefined;

  before(async () => {
    ground = await startGround();
    const scenarios = [...together, ...alone];
    running = await startStage({ driver: "1.6.1", rotation: "off" }, scenarios, ground, console.log, "least");
    await crowd(running.rig.admin);
  });
  after(async () => {
    await running?.close();
    await ground?.close();
  });

  function stage(): Stage {
    assert.ok(running, "The rig does not run.");
    return running;
  }
  const played = (scenario: Scenario) =>
    test(`${scenario.id}: ${scenario.title}`, async (t) => play(stage(), scenario, (note) => t.diagnostic(note)));

  describe("rotations", { concurrency: true }, () => {
    for (const scenario of together) void played(scenario);
  });

  test("nothing that the bridge asked for was denied, and nothing is granted that it did not ask for", async () => {
    const asked = await askedByApp(stage().rig.folder);
    assert.ok(asked.length > 100, `${asked.length} requests`);
    assert.deepEqual([...new Set(asked.filter(({ code }) => code === 403).map((one) => JSON.stringify(one)))], []);
    // Who it is may ask everybody who signs in: the API server's own role system:basic-user.
    const granting = asked.filter(({ resource }) => resource !== "selfsubjectreviews");
    const used = new Set(granting.map(({ verb, apiGroup, resource }) => `${verb} ${resource}.${apiGroup}`));
    const rules = (stage().leastRights?.granted ?? []).flatMap((role) => role.rules);
    const granted = new Set(
      rules.flatMap(({ apiGroup, resources, uses }) =>
        resources.flatMap((resource) => uses.map(({ verb }) => `${verb} ${resource}.${apiGroup}`)),
      ),
    );
    assert.deepEqual([...granted].sort(), [...used].sort());
    // Of Secrets also name by name: each that may be read was read, in its namespace.
    const read = new Set(
      asked.filter(({ resource }) => resource === "secrets").map((one) => `${one.namespace}/${one.name}`),
    );
    const readable = (stage().leastRights?.granted ?? []).flatMap(({ namespace, rules: own }) =>
      own
        .filter(({ resources }) => resources.includes("secrets"))
        .flatMap(({ resourceNames }) => (resourceNames ?? ["*"]).map((name) => `${namespace}/${name}`)),
    );
    assert.deepEqual([...new Set(readable)].sort(), [...read].sort());
  });

  for (const scenario of alone) void played(scenario);

  test("a map without patterns: one watch a namespace, and nothing outside", async () => {
    const { rig } = stage();
    const { map, cluster } = rigMap(`vaults: [{ name: contoso, flowsTo: [{ cluster: rig, namespaces: [narrow] }] }]
clusters: [{ name: rig, server: "${rig.server}", token: { file: t }, namespaces: [narrow] }]`);
    const { roles } = neededRights(map, cluster, [], { outside: false });
    assert.deepEqual(
      roles.map(({ namespace }) => namespace),
      ["narrow"],
    );
    await rig.admin.apply({ apiVersion: "v1", kind: "Namespace", metadata: { name: "narrow" } });
    await rig.admin.must("DELETE", "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/rotation-bridge");
    for (const manifest of rbacManifests(roles, "rotation-bridge")) await rig.admin.apply(manifest);
    const list = "/apis/secrets-store.csi.x-k8s.io/v1/secretproviderclasses";
    await until("no cluster-wide list", rig, async () => (await rig.bridge.call("GET", list)).status === 403);
    const narrow = createKubernetesCluster({
      server: rig.server,
      caData: rig.ca,
      token: fixedToken(rig.tokens.bridge),
      clock: realClock(),
      indexNamespaces: cluster.namespaces,
      // A crowd is watched, and so is this.
      listUpTo: -1,
    });
    try {
      await until("the narrow list", rig, async () => (await narrow.index()).length === 0);
      assert.deepEqual(await narrow.index(), []);
      const watched = (await askedByApp(rig.folder)).filter(
        ({ verb, namespace }) => verb === "watch" && namespace === "narrow",
      );
      assert.deepEqual(
        watched.map(({ code }) => code),
        [200],
      );
    } finally {
      await narrow.close();
    }
  });
});

/** More classes than are listed at each event, in a namespace that is not the bridge's. */
async function crowd(admin: Api): Promise<void> {
  await admin.apply({ apiVersion: "v1", kind: "Namespace", metadata: { name: "crowd" } });
  const apiVersion = "secrets-store.csi.x-k8s.io/v1";
  const path = `/apis/${apiVersion}/namespaces/crowd/secretproviderclasses`;
  for (let index = 0; index <= 500; index += 1) {
    const metadata = { name: `class-${index}` };
    await admin.must("POST", path, { apiVersion, kind: "SecretProviderClass", metadata, spec: { provider: "azure" } });
  }
}
