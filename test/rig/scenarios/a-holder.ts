/** A4, A5: one Deployment mounts the class for others, which read its Secrets; and the class gains objects. */

import assert from "node:assert/strict";
import { assertHolderRotated, assertNoneLost, holderClass, holderPattern } from "./holder.ts";
import type { Scenario } from "./scenario.ts";
import type { Scene } from "./scene.ts";
import { assertRuns } from "./truth.ts";

const all = ["database", "theme", "post", "extra"];

/** The class gains object `token`, a key in the Secret `theme`, and the Secret `extra`. */
async function grow(scene: Scene): Promise<void> {
  await scene.class({
    ...holderClass,
    objects: [...holderClass.objects, "token"],
    secrets: { ...holderClass.secrets, theme: { color: "color", "mail-too": "mail" }, extra: { token: "token" } },
  });
}

/** A class that will grow, and pods that have what it names today. */
async function beforeGrowth(scene: Scene): Promise<void> {
  await holderPattern(scene);
  scene.old("token", "token-1");
}

async function assertGrown(scene: Scene): Promise<void> {
  assert.equal(await scene.secretValue("extra", "token"), "token-1");
  assert.equal(await scene.secretValue("theme", "mail-too"), "mail-1");
  assert.equal(await scene.secretValue("theme", "color"), "color-1");
  await assertRuns(scene, "painter", { env: { COLOR: "color-1" } });
  for (const reader of ["shop", "billing", "painter"])
    assert.deepEqual(scene.witness.restarts(`Deployment/${reader}`), [], `${reader} is left alone`);
  assertNoneLost(scene, all);
}

export const holders: readonly Scenario[] = [
  {
    id: "A4",
    title: "a holder makes the Secrets, others read them by env",
    run: async (scene) => {
      await holderPattern(scene);
      const at = Date.now();
      await scene.rotate("db", "db-2");
      await scene.untilOutcome("kv", "converged");
      await assertHolderRotated(scene, at);
      assert.deepEqual(scene.witness.values("database", "password"), ["db-1", "db-2"]);
    },
  },
  {
    id: "A4",
    title: "the driver looks at the old holder pod before and after the new one mounts",
    run: async (scene) => {
      // The old pod lives for some time beside the new one.
      await holderPattern(scene, { spec: { minReadySeconds: 6 } });
      const [old = ""] = await scene.pods("holder");
      const at = Date.now();
      await scene.rotate("db", "db-2");
      await scene.until("the holder's restart", () => scene.witness.restarts("Deployment/holder").length === 1);
      await scene.tick(old);
      await scene.until("the new holder pod", async () => (await scene.starts("holder")).length === 2);
      assert.ok((await scene.pods("holder")).includes(old), "the old pod still lives");
      const ticked = Date.now();
      await scene.tick(old);
      // Its mount is old for sure only where the driver does not rotate it; 1.5 never changes a Secret for it.
      if (scene.generation === "1.6" && !scene.rotating) {
        await scene.until("the old value is back", () =>
          scene.witness
            .history("database", "password")
            .some(({ value, at: when }) => value === "db-1" && when >= ticked),
        );
      }
      await scene.untilOutcome("kv", "converged");
      await assertHolderRotated(scene, at);
    },
  },
  {
    id: "A5",
    title: "a class gains an object, a key and a Secret: its owner's rollout brings them",
    in: ({ rotation }) => rotation === "off",
    own: true,
    run: async (scene) => {
      await beforeGrowth(scene);
      await grow(scene);
      await scene.app.timer();
      await scene.untilOutcome("kv", "waiting(class-changed)");
      assert.deepEqual(scene.about("kv"), [`${scene.vault}/secret/token`, "Secret/extra"]);
      assert.deepEqual(scene.witness.order(), [], "the bridge restarts nothing");
      const annotations = { "kubectl.kubernetes.io/restartedAt": new Date().toISOString() };
      await scene.patch("Deployment", "holder", { spec: { template: { metadata: { annotations } } } });
      await scene.until("the rollout", () => scene.witness.restarts("Deployment/holder").length === 1);
      await scene.settled("Deployment/holder");
      await scene.app.timer();
      await scene.untilOutcome("kv", "converged");
      await assertGrown(scene);
      assert.deepEqual(scene.witness.order(), ["Deployment/holder"], "the owner's own rollout is the only one");
    },
  },
  {
    id: "A5",
    title: "a class gains an object, a key and a Secret: the driver's poll brings them, nobody restarts",
    in: ({ rotation }) => rotation === "on",
    own: true,
    seconds: 50,
    run: async (scene) => {
      await beforeGrowth(scene);
      await grow(scene);
      await scene.app.timer();
      const brought = async () => (await scene.secretValue("extra", "token")) !== undefined;
      await scene.until("the driver's poll", brought);
      await scene.app.timer();
      await scene.untilOutcome("kv", "converged");
      await assertGrown(scene);
      assert.deepEqual(scene.witness.order(), [], "nothing is restarted");
    },
  },
  {
    id: "A5",
    title: "newObjects: restart has the bridge restart one mounter for them",
    map: "policy: { newObjects: restart }",
    run: async (scene) => {
      await beforeGrowth(scene);
      await grow(scene);
      await scene.app.timer();
      await scene.untilOutcome("kv", "converged");
      await assertGrown(scene);
      // A rotating driver may have brought them before the bridge looked: then into the pod that runs.
      const brought = scene.rotating && scene.steps("restart").length === 0;
      const files = { "kv/db": "db-1", ...(brought ? {} : { "kv/token": "token-1" }) };
      await assertRuns(scene, "holder", { files, versions: true });
      const restarts = brought ? [] : ["Deployment/holder"];
      assert.deepEqual(scene.witness.order(), restarts);
      assert.equal(scene.steps("restart").length, restarts.length, "all of them by the bridge");
    },
  },
];
