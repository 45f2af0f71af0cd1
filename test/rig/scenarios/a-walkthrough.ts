/** A1, A2, A6: one Deployment that mounts the class and reads its Secret. */

import assert from "node:assert/strict";
import type { Scenario } from "./scenario.ts";
import type { Scene } from "./scene.ts";
import { assertRuns } from "./truth.ts";

const secret = "syncedsecret";

/** The plain walkthrough, settled, older than any version that comes from now on. */
async function walkthrough(scene: Scene, parameters: Readonly<Record<string, string>> = {}): Promise<void> {
  scene.old("Secret", "old");
  await scene.class({ name: "kv", objects: ["Secret"], secrets: { [secret]: { mysecret: "Secret" } }, parameters });
  await scene.workload({ name: "app", mounts: ["kv"], env: { PASSWORD: [secret, "mysecret"] } });
  await scene.settled("Deployment/app");
  // Dates are whole seconds: a version must not come in the second in which the pod was created.
  await scene.pass(1100);
}

async function assertRotated(scene: Scene): Promise<void> {
  assert.equal(await scene.secretValue(secret, "mysecret"), "new");
  await assertRuns(scene, "app", { env: { PASSWORD: "new" }, files: { "kv/Secret": "new" }, versions: true });
  assert.equal(scene.witness.restarts("Deployment/app").length, 1, "restarted once");
  assert.equal((await scene.starts("app")).length, 2, "the first start and one restart");
  assert.deepEqual(scene.witness.values(secret, "mysecret"), ["old", "new"]);
}

/** Such classes have no `clientID`. */
const signIns = [
  ["pod identity", { usePodIdentity: "true", clientID: "" }],
  [
    "a managed identity of the nodes",
    {
      useVMManagedIdentity: "true",
      userAssignedIdentityID: "33333333-3333-3333-3333-333333333333",
      clientID: "",
    },
  ],
] as const;

export const walkthroughs: readonly Scenario[] = [
  {
    id: "A1",
    title: "the plain walkthrough",
    namespace: "default",
    in: ({ rotation }) => rotation === "off",
    run: async (scene) => {
      await walkthrough(scene);
      await scene.rotate("Secret", "new");
      await scene.untilOutcome("kv", "converged");
      await assertRotated(scene);
    },
  },
  {
    id: "A2",
    title: "the driver rotates too: its polls change nothing afterwards",
    in: ({ rotation }) => rotation === "on",
    run: async (scene) => {
      await walkthrough(scene);
      await scene.rotate("Secret", "new");
      await scene.untilOutcome("kv", "converged");
      await assertRotated(scene);
      await scene.pass(45_000);
      await assertRotated(scene);
    },
  },
  ...signIns.map(([how, parameters]): Scenario => ({
    id: "A6",
    title: `an old class that signs in with ${how}`,
    run: async (scene) => {
      await walkthrough(scene, parameters);
      await scene.rotate("Secret", "new");
      await scene.untilOutcome("kv", "converged");
      await assertRotated(scene);
    },
  })),
];
