/** Plays one scenario in one mode: in a namespace, with a vault and, where it wants one, an app of its own. */

import assert from "node:assert/strict";
import { newVersionEvent } from "../../../local/key-vault/events.ts";
import type { App } from "../../end-to-end/app.ts";
import type { ApiFront } from "../api-front.ts";
import { collection } from "../holdings.ts";
import type { Rig } from "../rig.ts";
import { until } from "../until.ts";
import { rolledOut } from "./rolled-out.ts";
import type { Scenario } from "./scenario.ts";
import { sceneObjects } from "./scene-objects.ts";
import { sceneOutcomes, timeline } from "./scene-outcomes.ts";
import { scenePods } from "./scene-pods.ts";
import type { Scene } from "./scene.ts";
import { hasOwnApp, spaceOf, vaultOf } from "./stage.ts";
import type { Stage } from "./stage.ts";
import { witness } from "./witness.ts";
import type { Witness } from "./witness.ts";

/** Sets the scene and plays the scenario on it; throws what it throws. Removes what it made. */
export async function play(stage: Stage, scenario: Scenario, note: (text: string) => void): Promise<void> {
  const name = stage.nameOf(scenario);
  const own = hasOwnApp(scenario) ? await stage.startApp(scenario, name) : undefined;
  const namespace = spaceOf(scenario, name);
  const spaces = [namespace];
  const { rig } = stage;
  await rig.admin.apply({ apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } });
  const seen = await witness(rig, namespace);
  try {
    await scenario.run(sceneOf(stage, scenario, spaces, own?.app ?? stage.app, own?.front, seen, note));
    seen.check();
  } finally {
    await seen.close();
    await own?.app.close();
    for (const space of spaces) {
      if (space === "default") await empty(rig);
      else await rig.admin.call("DELETE", `/api/v1/namespaces/${space}`);
    }
  }
}

function sceneOf(
  stage: Stage,
  scenario: Scenario,
  spaces: string[],
  app: App,
  front: ApiFront | undefined,
  seen: Witness,
  note: (text: string) => void,
): Scene {
  const { rig, vault: store, mode } = stage;
  const name = stage.nameOf(scenario);
  const [namespace = ""] = spaces;
  const vault = vaultOf(name);
  const objects = sceneObjects(rig, namespace, vault);

  const scene: Scene = {
    ...objects,
    ...scenePods(rig, objects.list, namespace),
    ...sceneOutcomes(app, spaces),
    class: async (spec) => {
      await objects.class(spec);
      await stage.leastRights?.reach(spec.namespace ?? namespace, spec.name);
    },
    stage,
    rig,
    generation: mode.driver === "1.5.6" ? "1.5" : "1.6",
    rotating: mode.rotation === "on",
    namespace,
    vault,
    app,
    front,
    witness: seen,
    another: (on) => {
      const { name: queue } = app.queue;
      const same = { ROTATION_QUEUE: queue, ROTATION_HISTORY_TABLE: `history${queue.replaceAll("-", "")}` };
      return stage.startApp(scenario, `${name}-other`, on === "same-queue" ? same : {});
    },
    space: async (suffix) => {
      const space = `${name}-${suffix}`;
      spaces.push(space);
      await rig.admin.apply({ apiVersion: "v1", kind: "Namespace", metadata: { name: space } });
      return space;
    },
    old: (object, value) => store.setSecret(vault, object, value, { createdOn: Date.now() - 86_400_000 }),
    set: (object, value, options) => {
      scene.mark();
      return store.setSecret(vault, object, value, options);
    },
    announce: (object, version, type) => app.deliver(newVersionEvent(vault, object, version, "event-grid", type)),
    rotate: async (object, value, options) => {
      const version = scene.set(object, value, options);
      await scene.announce(object, version);
      return version;
    },
    untilOutcome: (className, wanted, atMostMs, space) =>
      scene.until(`${className} ${wanted}`, () => scene.outcome(className, space) === wanted, atMostMs),
    until: async (what, holds, atMostMs = 120_000) => {
      try {
        await until(what, rig, async () => holds(), atMostMs);
      } catch (error) {
        assert.fail(
          `${error instanceof Error ? error.message : what}${causeOf(error)}\n${timeline(app, name, spaces)}`,
        );
      }
    },
    settled: (reference, space = namespace) =>
      scene.until(`the rollout of ${reference}`, () => rolledOut(scene, reference, space)),
    pass: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    note,
  };
  return scene;
}

/** The namespace `default` stays; what scenarios put there goes. */
async function empty({ admin }: Rig): Promise<void> {
  for (const kind of ["Deployment", "SecretProviderClass"] as const)
    await admin.call("DELETE", collection(kind, "default"));
}

function causeOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error ? ` (${cause.message})` : "";
}
