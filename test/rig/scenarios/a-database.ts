/** A3: an app logs in to a database with the secret, and the old password dies with the new version. */

import assert from "node:assert/strict";
import { type Exposure, watchExposure } from "./exposure.ts";
import type { Scenario } from "./scenario.ts";
import type { Scene } from "./scene.ts";
import { assertRuns } from "./truth.ts";
import { vaultOf } from "./stage.ts";

/** With one pod it is known when the driver looks next; the first of several would be anywhere in the interval. */
async function app(scene: Scene, namespace: string, object: string): Promise<void> {
  scene.old(object, "old");
  await scene.class({ name: "kv", namespace, objects: [object], secrets: { app: { k: object } } });
  await scene.workload({ name: "app", namespace, mounts: ["kv"], env: { PASSWORD: ["app", "k"] } });
  await scene.settled("Deployment/app", namespace);
}

/** How often the vault was asked for an object. Only the driver asks for one that no event names. */
function looks(scene: Scene, object: string): number {
  const vaults = [...scene.stage.keyVaults];
  const server = vaults.find(([scenario]) => vaultOf(scene.stage.nameOf(scenario)) === scene.vault)?.[1];
  return server?.requests.filter((line) => line === `GET /secrets/${object}`).length ?? 0;
}

async function lasted(scene: Scene, who: string, exposure: Exposure): Promise<number> {
  await scene.until(`new pods ${who}`, () => exposure.lasted() !== undefined);
  const ms = exposure.lasted();
  assert.ok(ms !== undefined);
  return ms;
}

export const databases: readonly Scenario[] = [
  {
    id: "A3",
    title: "the old password dies at once: pods hold it for a shorter time than without the bridge",
    in: ({ rotation }) => rotation === "on",
    // Another scenario's timer would make the shared app look at the namespace that is to have no bridge.
    own: true,
    seconds: 75,
    run: async (scene) => {
      const alone = await scene.space("alone");
      await Promise.all([app(scene, scene.namespace, "db"), app(scene, alone, "other")]);
      const exposures = await Promise.all([scene.namespace, alone].map((space) => watchExposure(scene.rig, space)));
      const [bridged, unbridged] = exposures;
      assert.ok(bridged && unbridged);
      try {
        // At any other moment chance would decide how soon the driver looks. Now it has an interval to go.
        const before = looks(scene, "other");
        await scene.until("the driver's look", () => looks(scene, "other") > before);
        await scene.pass(1100);
        for (const namespace of [scene.namespace, alone])
          await scene.stage.exit({ namespace, env: { PASSWORD: "old" }, exitCode: 1 });
        const at = Date.now();
        for (const exposure of exposures) exposure.begin();
        scene.set("other", "new");
        await scene.rotate("db", "new");
        const byHand = async () => {
          await scene.until(
            "the driver's poll",
            async () => (await scene.secretValue("app", "k", alone)) === "new",
            180_000,
          );
          const annotations = { "kubectl.kubernetes.io/restartedAt": new Date().toISOString() };
          await scene.patch("Deployment", "app", { spec: { template: { metadata: { annotations } } } }, alone);
          return lasted(scene, "without the bridge", unbridged);
        };
        const [withBridge, without] = await Promise.all([
          lasted(scene, "with the bridge", bridged),
          byHand(),
          scene.untilOutcome("kv", "converged"),
        ]);
        for (const namespace of [scene.namespace, alone]) {
          await assertRuns(scene, "app", { env: { PASSWORD: "new" }, versions: true }, namespace);
          const late = (await scene.starts("app", namespace)).filter(({ startedAt }) => startedAt > at);
          assert.deepEqual(
            late.map(({ env }) => env["PASSWORD"]),
            ["new"],
            `starts in ${namespace} after the password died`,
          );
        }
        assert.equal(scene.outcome("kv", alone), undefined, "the bridge has nothing to do with it");
        assert.ok(withBridge < without, `${withBridge} ms with the bridge, ${without} ms without`);
        const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;
        scene.note(
          `pods held the dead value for ${seconds(withBridge)} after the event; without the bridge for ${seconds(without)} (the driver had just looked, and somebody restarted the app as soon as the Secret changed)`,
        );
      } finally {
        await Promise.all(exposures.map((exposure) => exposure.close()));
      }
    },
  },
];
