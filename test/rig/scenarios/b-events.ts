/** B1, B7, B12d: events that repeat and come late, and versions that must not be rolled out. */

import assert from "node:assert/strict";
import type { Scenario } from "./scenario.ts";
import { oneApp } from "./set-ups.ts";
import { assertRuns } from "./truth.ts";

const wanted = { env: { PASSWORD: "newest" }, files: { "kv/db": "newest" }, versions: true } as const;

export const events: readonly Scenario[] = [
  {
    id: "B1",
    title: "every event three times, in odd order, also long after it was proven",
    run: async (scene) => {
      await oneApp(scene);
      const first = scene.set("db", "newer");
      await scene.announce("db", first);
      await scene.until("the first restart", () => scene.witness.restarts("Deployment/app").length === 1);
      // Pods that are not mounted yet would take the second version with them.
      await scene.settled("Deployment/app");
      const second = scene.set("db", "newest");
      for (const version of [second, first, first, second]) await scene.announce("db", version);
      await scene.untilOutcome("kv", "converged");
      const restarts = scene.witness.restarts("Deployment/app").length;
      assert.equal(restarts, 2, "one for each version");
      await assertRuns(scene, "app", wanted);
      const proven = scene.app.said("outcome").length;
      for (const version of [first, second]) await scene.announce("db", version);
      await scene.until("a look", () => scene.app.said("outcome").length > proven);
      await scene.pass(15_000);
      assert.equal(scene.witness.restarts("Deployment/app").length, restarts, "none after the newest is proven");
      assert.equal(await scene.secretValue("app", "k"), "newest");
      await assertRuns(scene, "app", wanted);
    },
  },
  {
    id: "B7",
    title: "another object of the class is disabled: refused before anything restarts",
    run: async (scene) => {
      scene.old("mail", "mail");
      await oneApp(scene, {}, { objects: ["db", "mail"] });
      const mail = scene.stage.vault.versions(scene.vault, "mail").at(-1)?.version ?? "";
      scene.stage.vault.disable(scene.vault, "mail", mail);
      await scene.rotate("db", "newest");
      await scene.untilOutcome("kv", "refused(object-disabled)");
      assert.match(scene.about("kv").join(), /mail/);
      await scene.pass(10_000);
      assert.deepEqual(scene.witness.order(), [], "nothing is restarted");
      assert.deepEqual(scene.steps("write"), [], "nothing is written");
      await assertRuns(scene, "app", { env: { PASSWORD: "old" } });
      scene.stage.vault.enable(scene.vault, "mail", mail);
      await scene.rotate("db", "newest");
      await scene.untilOutcome("kv", "converged");
      await assertRuns(scene, "app", { ...wanted, files: { "kv/db": "newest", "kv/mail": "mail" } });
      assert.equal(scene.witness.restarts("Deployment/app").length, 1);
    },
  },
  {
    id: "B12d",
    title: "a deploy between the version and its event",
    in: ({ rotation }) => rotation === "off",
    run: async (scene) => {
      await oneApp(scene, { replicas: 2 });
      const version = scene.set("db", "newest");
      const annotations = { "kubectl.kubernetes.io/restartedAt": new Date().toISOString() };
      await scene.pass(1100);
      await scene.patch("Deployment", "app", { spec: { template: { metadata: { annotations } } } });
      await scene.until("the deploy", () => scene.witness.restarts("Deployment/app").length === 1);
      await scene.settled("Deployment/app");
      const env = scene.generation === "1.5" ? "old" : "newest";
      await assertRuns(scene, "app", { pods: 2, env: { PASSWORD: env }, files: { "kv/db": "newest" }, versions: true });
      await scene.pass(3000);
      await scene.announce("db", version);
      await scene.untilOutcome("kv", "converged");
      await assertRuns(scene, "app", { ...wanted, pods: 2 });
      assert.equal(await scene.secretValue("app", "k"), "newest");
      assert.equal(scene.steps("restart").length, scene.generation === "1.5" ? 1 : 0, "restarts by the bridge");
    },
  },
];
