/** B16: somebody edits workload, Secret or class between the bridge's read and its patch. */

import assert from "node:assert/strict";
import { at, textAt } from "../../../local/cluster/json.ts";
import type { FrontRequest } from "../../../local/cluster/http-front.ts";
import { providerClass, workload } from "../../scenarios/manifests.ts";
import type { Scenario } from "./scenario.ts";
import type { Scene } from "./scene.ts";
import { oneApp } from "./set-ups.ts";
import { assertRuns } from "./truth.ts";

const wanted = { env: { PASSWORD: "new" }, files: { "kv/db": "new" }, versions: true } as const;

/** Runs `edit` once, right before the bridge's first patch of that kind reaches the API server. */
function onceBeforePatch(scene: Scene, kind: string, edit: () => Promise<void>): () => boolean {
  let done = false;
  const { front } = scene;
  assert.ok(front);
  front.before = async ({ verb, route }: FrontRequest) => {
    if (done || verb !== "patch" || route.kind.kind !== kind) return undefined;
    done = true;
    await edit();
    return undefined;
  };
  return () => done;
}

export const edits: readonly Scenario[] = [
  {
    id: "B16",
    title: "a new image and more replicas between read and restart survive",
    own: true,
    run: async (scene) => {
      await oneApp(scene);
      const { namespace } = scene;
      const edited = onceBeforePatch(scene, "Deployment", () =>
        scene.apply(
          workload({
            name: "app",
            namespace,
            replicas: 3,
            mounts: ["kv"],
            env: { PASSWORD: ["app", "k"], EXTRA: ["app", "k"] },
          }),
        ),
      );
      await scene.rotate("db", "new");
      await scene.untilOutcome("kv", "converged");
      assert.ok(edited());
      await assertRuns(scene, "app", { ...wanted, pods: 3, env: { PASSWORD: "new", EXTRA: "new" } });
      assert.ok(scene.steps("restart").length <= 1);
    },
  },
  {
    id: "B16",
    title: "labels and notes on the Secret, written between read and write, survive",
    own: true,
    run: async (scene) => {
      await oneApp(scene);
      const metadata = { labels: { team: "shop" }, annotations: { note: "mine" } };
      const edited = onceBeforePatch(scene, "Secret", () => scene.patch("Secret", "app", { metadata }));
      // A driver that rotates writes now and then before the bridge does; then the next version is as good.
      let rotations = 0;
      let value: string;
      do {
        value = `new-${++rotations}`;
        await scene.rotate("db", value);
        await scene.untilOutcome("kv", "converged");
      } while (!edited() && scene.rotating && rotations < 4);
      assert.ok(edited());
      const secret = await scene.get("Secret", "app");
      assert.equal(textAt(secret, "metadata", "labels", "team"), "shop");
      assert.equal(textAt(secret, "metadata", "annotations", "note"), "mine");
      assert.equal(textAt(secret, "metadata", "labels", "secrets-store.csi.k8s.io/managed"), "true");
      assert.ok(at(secret, "metadata", "ownerReferences"), "its owners stay");
      await assertRuns(scene, "app", { ...wanted, env: { PASSWORD: value }, files: { "kv/db": value } });
      assert.equal(scene.witness.restarts("Deployment/app").length, rotations);
    },
  },
  {
    id: "B16",
    title: "a class that names another object between read and write is followed",
    own: true,
    in: ({ rotation }) => rotation === "off",
    run: async (scene) => {
      scene.old("other", "o1");
      await oneApp(scene);
      const { namespace, vault } = scene;
      const edited = onceBeforePatch(scene, "Secret", () =>
        scene.apply(
          providerClass({ name: "kv", namespace, vault, objects: ["other"], secrets: { app: { k: "other" } } }),
        ),
      );
      await scene.rotate("db", "new");
      await scene.until("the edit", edited);
      await scene.pass(5000);
      // The event was about an object that the class no longer names; the timer looks at all.
      await scene.app.timer();
      await scene.untilOutcome("kv", "waiting(class-changed)");
      assert.match(scene.about("kv").join(), /other/);
      const annotations = { "kubectl.kubernetes.io/restartedAt": new Date().toISOString() };
      await scene.patch("Deployment", "app", { spec: { template: { metadata: { annotations } } } });
      await scene.settled("Deployment/app");
      await scene.app.timer();
      await scene.untilOutcome("kv", "converged");
      assert.equal(await scene.secretValue("app", "k"), "o1");
      await assertRuns(scene, "app", { env: { PASSWORD: "o1" } });
    },
  },
];
