/** B5: two instances of the bridge converge one target at the same time. */

import assert from "node:assert/strict";
import { newVersionEvent } from "../../../local/key-vault/events.ts";
import type { App } from "../../end-to-end/app.ts";
import { allOf, holdFirstPatch, meetAtPatch } from "./patch-order.ts";
import type { Scenario } from "./scenario.ts";
import type { Scene } from "./scene.ts";
import { nextSecond, oneAppIn, readerIn } from "./set-ups.ts";
import { assertRuns } from "./truth.ts";
import { type Witness, witness } from "./witness.ts";

/** What both would patch. Where the driver rotates it may be the first to write the Secret. */
function patchedBy({ rotating }: Scene): readonly string[] {
  return rotating ? ["Deployment"] : ["Secret", "Deployment"];
}

export const twoInstances: readonly Scenario[] = [
  {
    id: "B5",
    title: "two instances patch at the same moment: one patch counts, one restart",
    own: true,
    run: async (scene) => {
      const { app: one, front, namespace } = scene;
      assert.ok(front);
      await oneAppIn(scene, namespace, "db", { replicas: 2 });
      await readerIn(scene, namespace);
      await nextSecond(scene);
      const { app: other, front: otherFront } = await scene.another("same-queue");
      try {
        const meetings = patchedBy(scene).map(meetAtPatch);
        front.before = allOf(meetings.map(({ join }) => join()));
        otherFront.before = allOf(meetings.map(({ join }) => join()));
        const version = scene.set("db", "new");
        // Which instance gets a message is chance: the event is repeated until both are at work.
        await scene.until("both at each patch", async () => {
          if (meetings.every(({ met }) => met())) return true;
          await scene.announce("db", version);
          await scene.pass(700);
          return false;
        });
        await saidBy(scene, [one, other], namespace, 1);
        await assertRuns(scene, "app", {
          pods: 2,
          env: { PASSWORD: "new" },
          files: { "kv/db": "new" },
          versions: true,
        });
        await assertRuns(scene, "reader", { env: { PASSWORD: "new" } });
        assert.deepEqual(scene.witness.values("app", "k"), ["old", "new"]);
        assert.deepEqual(scene.witness.order(), ["Deployment/app", "Deployment/reader"], "one restart each");
        assert.equal((await scene.starts("app")).length, 4);
        assert.equal((await scene.starts("reader")).length, 2);
      } finally {
        await other.close();
      }
    },
  },
  {
    id: "B5",
    title: "an instance's patch arrives after the other rolled out a newer version: it undoes nothing",
    own: true,
    seconds: 50,
    run: async (scene) => {
      const { app: one, front } = scene;
      assert.ok(front);
      const { app: other, front: otherFront } = await scene.another("own-queue");
      const witnesses: Witness[] = [];
      try {
        const places = await Promise.all(
          patchedBy(scene).map(async (kind) => {
            const space = await scene.space(kind.toLowerCase());
            const seen = await witness(scene.rig, space);
            witnesses.push(seen);
            await oneAppIn(scene, space, `db-${kind}`);
            return { object: `db-${kind}`, kind, space, seen, late: holdFirstPatch(kind, space) };
          }),
        );
        await nextSecond(scene);
        front.before = allOf(places.map(({ late }) => late.hold));
        front.after = allOf(places.map(({ late }) => late.note));
        otherFront.before = allOf(places.map(({ late }) => late.comeSecond));
        const rotateAll = async (value: string) => {
          for (const { object } of places) {
            const version = await scene.rotate(object, value);
            await other.deliver(newVersionEvent(scene.vault, object, version, "event-grid"));
          }
        };
        await rotateAll("new");
        for (const { space, late } of places) {
          await saidBy(scene, [one, other], space, 1);
          assert.ok(late.isHeld());
        }
        await nextSecond(scene);
        await rotateAll("newest");
        for (const { space } of places) await saidBy(scene, [one, other], space, 2);
        for (const { late } of places) {
          assert.ok(!late.hasArrived());
          late.arrive();
          await scene.until("its arrival", late.hasArrived);
        }
        await scene.pass(3000);
        for (const { space, seen, kind } of places) {
          assert.deepEqual(seen.values("app", "k"), ["old", "new", "newest"], `${kind}: no value comes back`);
          await assertRuns(scene, "app", { env: { PASSWORD: "newest" }, versions: true }, space);
          assert.equal(seen.restarts("Deployment/app").length, 2, `${kind}: one restart a version`);
          seen.check();
        }
      } finally {
        await other.close();
        await Promise.all(witnesses.map((seen) => seen.close()));
      }
    },
  },
];

/** Each of the instances has said `converged` of the class so often, and says it last. */
async function saidBy(scene: Scene, apps: readonly App[], space: string, times: number): Promise<void> {
  const target = `rig/${space}`;
  await scene.until(`converged, said by both of ${space}`, () =>
    apps.every(
      (app) =>
        app.outcome(target, "kv") === "converged" &&
        app.said("outcome").filter((line) => line["target"] === target && line["outcome"] === "converged").length >=
          times,
    ),
  );
}
