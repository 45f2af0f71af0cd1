/** The map says `act`, and nothing keeps the bridge's identity to what it does. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { cageManifests } from "../../cli/cage.ts";
import { applyApp, assertRuns, reconcileUntil, unheard } from "./one-app.ts";
import { World } from "./world.ts";

const file = readFileSync(new URL("../../infra/cluster/admission-policy.yaml", import.meta.url), "utf8");

async function withApp(clusters: readonly string[] = []): Promise<World> {
  const world = new World({ generation: "1.6", clusters, withoutCage: false });
  world.set("db", "old");
  await unheard(world, 660_000);
  for (const cluster of world.clusters.values()) applyApp(world, {}, cluster);
  await unheard(world, 660_000);
  return world;
}

const patches = (world: World, cluster: string) =>
  world.calls.filter((call) => call.cluster === cluster && call.verb === "patch");

test("without the cage nothing is written, the plan is said, and the cluster that has it goes on", async () => {
  const world = await withApp(["green"]);
  for (const manifest of cageManifests(file, "rotation-bridge")) world.clusters.get("green")?.apply(manifest);
  const app = { world, bridge: world.start().bridge };
  const before = world.blue.starts.length;
  world.set("db", "new");
  await world.until("both have ended", () => world.queue.size === 0 && patches(world, "green").length === 2);
  assert.equal(world.blue.starts.length, before);
  assert.deepEqual(patches(world, "blue"), []);
  const said = world.log.filter(({ fields }) => fields["reason"] === "no-cage");
  assert.deepEqual(
    said.map(({ fields }) => [fields["target"], fields["outcome"], fields["about"]]),
    [
      [
        "blue/default",
        "refused",
        ["There is no ValidatingAdmissionPolicy rotation-bridge-cage.", "write Secret/app (k)"],
      ],
    ],
  );

  for (const manifest of cageManifests(file, "rotation-bridge")) world.blue.apply(manifest);
  await reconcileUntil(app, "kv", "converged");
  assertRuns(world, "new");
  world.stop();
});

test("the cage of another identity is none", async () => {
  const world = await withApp();
  for (const manifest of cageManifests(file, "somebody-else")) world.blue.apply(manifest);
  world.start();
  world.set("db", "new");
  await world.until("the refusal", () =>
    world.log.some(({ fields }) => JSON.stringify(fields["about"]).includes("not about the identity that signs in")),
  );
  await world.pass(60_000);
  assert.deepEqual(patches(world, "blue"), []);
  world.stop();
});

test("withoutCage lets it act, and nobody looks for a cage", async () => {
  const world = await withApp();
  world.start({ withoutCage: true });
  world.set("db", "new");
  await world.untilOutcome("kv", "converged");
  assertRuns(world, "new");
  assert.deepEqual(
    world.calls.filter(({ kind }) => kind.startsWith("ValidatingAdmissionPolicy")),
    [],
  );
  world.stop();
});
