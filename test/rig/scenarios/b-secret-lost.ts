/** B10: the Secret is deleted: the driver makes it again at a touch of a pod status, never the bridge. */

import assert from "node:assert/strict";
import type { FrontRequest } from "../../../local/cluster/http-front.ts";
import type { Scenario } from "./scenario.ts";
import type { Scene } from "./scene.ts";
import { nextSecond, oneAppIn } from "./set-ups.ts";
import { assertRuns } from "./truth.ts";
import { type Witness, witness } from "./witness.ts";

interface Moment {
  readonly when: string;
  /** Deleted when the bridge made such a request; before the new version where left out. */
  readonly after?: (request: FrontRequest) => boolean;
  /** Our write goes with the Secret: lost in the rollout, nobody can tell what its pods got, and it costs one more. */
  readonly mostRestarts: number;
}

const isPatch = (kind: string) => (request: FrontRequest) =>
  request.verb === "patch" && request.route.kind.kind === kind;

const moments: readonly Moment[] = [
  { when: "before", mostRestarts: 1 },
  { when: "written", after: isPatch("Secret"), mostRestarts: 1 },
  { when: "restarted", after: isPatch("Deployment"), mostRestarts: 2 },
];

export const lostSecrets: readonly Scenario[] = [
  {
    id: "B10",
    title: "the Secret is deleted before, during and after the restart",
    own: true,
    seconds: 50,
    run: async (scene) => {
      const { front } = scene;
      assert.ok(front);
      // Where the driver rotates it may be the first to write the Secret.
      const sure = moments.filter(({ when }) => !scene.rotating || when !== "written");
      const places = await Promise.all(
        [...sure, { when: "proven", mostRestarts: 1 }].map(async (moment) => ({
          ...moment,
          ...(await place(scene, moment.when)),
        })),
      );
      try {
        await nextSecond(scene);
        const due = new Map(places.map(({ space, after }) => [space, after] as const));
        front.after = async (request) => {
          const { namespace: space = "" } = request.route;
          if (due.get(space)?.(request) !== true) return undefined;
          due.delete(space);
          await scene.delete("Secret", "app", space);
          return undefined;
        };
        for (const { space, when } of places) {
          if (when === "before") await scene.delete("Secret", "app", space);
          await scene.rotate(`db-${when}`, "new");
        }
        for (const { space, seen } of places.filter(({ when }) => when === "proven")) {
          await scene.until("the restart", () => seen.restarts("Deployment/app").length === 1);
          await scene.settled("Deployment/app", space);
          await scene.delete("Secret", "app", space);
        }
        for (const { space, seen, when, mostRestarts } of places) {
          await scene.until(`converged, ${when}`, () => outcomeOf(scene, space) === "converged");
          assert.equal(seen.lost("app"), 1, when);
          await assertHealed(scene, space, seen);
          const restarts = seen.restarts("Deployment/app").length;
          assert.ok(restarts >= 1 && restarts <= mostRestarts, `${when}: ${restarts} restarts`);
        }
        assert.ok(scene.steps("touch").length > 0);
      } finally {
        await Promise.all(places.map(({ seen }) => seen.close()));
      }
    },
  },
  {
    id: "B10",
    title: "a rollout faster than the owner patcher loses the Secret to garbage collection",
    own: true,
    seconds: 60,
    run: async (scene) => {
      const places = await Promise.all(
        ["1", "2", "3", "4"].map((each) => place(scene, each, { revisionHistoryLimit: 0 })),
      );
      try {
        let lost = 0;
        let rounds = 0;
        // Whether the patcher (every 5 s) comes first is chance: the rollouts begin at different times of its period.
        for (; rounds < 8 && lost === 0; rounds += 1) {
          await nextSecond(scene);
          for (const { object } of places) {
            await scene.rotate(object, `new-${rounds}`);
            await scene.pass(1250);
          }
          for (const { space, seen } of places) {
            const value = `new-${rounds}`;
            await scene.until("rolled out", () => seen.restarts("Deployment/app").length === rounds + 1);
            await scene.until(`converged in ${space}`, () => outcomeOf(scene, space) === "converged");
            await assertHealed(scene, space, seen, value);
            assert.equal(seen.restarts("Deployment/app").length, rounds + 1, "one restart a version");
          }
          lost = places.reduce((sum, { seen }) => sum + seen.lost("app"), 0);
        }
        assert.ok(lost > 0, `never lost in ${rounds * places.length} rollouts`);
        assert.ok(scene.steps("touch").length > 0);
      } finally {
        await Promise.all(places.map(({ seen }) => seen.close()));
      }
    },
  },
  {
    id: "B10",
    title: "no pod mounts the class: nothing is made, nobody is alarmed",
    own: true,
    run: async (scene) => {
      const { namespace, app } = scene;
      await oneAppIn(scene, namespace, "db", { replicas: 0 });
      await scene.rotate("db", "new");
      await scene.untilOutcome("kv", "converged");
      await app.timer();
      assert.equal(scene.outcome("kv"), "converged");
      assert.equal(await scene.secretValue("app", "k"), undefined, "never made by the bridge");
      assert.deepEqual(scene.witness.order(), []);
      assert.deepEqual(
        app.lines.filter(({ category, level }) => category === "user" && level !== "information"),
        [],
      );
      await scene.patch("Deployment", "app", { spec: { replicas: 1 } });
      await scene.settled("Deployment/app");
      await assertRuns(scene, "app", { env: { PASSWORD: "new" }, files: { "kv/db": "new" }, versions: true });
    },
  },
];

async function place(scene: Scene, suffix: string, spec: Readonly<Record<string, unknown>> = {}) {
  const space = await scene.space(suffix);
  const object = `db-${suffix}`;
  const seen = await witness(scene.rig, space);
  await oneAppIn(scene, space, object, { spec });
  return { space, object, seen };
}

/** The last one said, whatever was rotated since. */
function outcomeOf({ app }: Scene, space: string): string | undefined {
  return app.outcome(`rig/${space}`, "kv");
}

async function assertHealed(scene: Scene, space: string, seen: Witness, value: string = "new"): Promise<void> {
  assert.equal(await scene.secretValue("app", "k", space), value, space);
  await assertRuns(scene, "app", { env: { PASSWORD: value }, versions: true }, space);
  seen.check();
}
