import assert from "node:assert/strict";
import { test } from "node:test";
import { providerClass, workload } from "./manifests.ts";
import { reconcile } from "./one-app.ts";
import { witness } from "./truth.ts";
import { bothGenerations, World } from "./world.ts";
import type { WorldOptions } from "./world-options.ts";

const hour = 3_600_000;

/** A verifier that accepts the newest signing keys: all are env variables of one Secret. */
async function verifier(
  generation: WorldOptions["generation"],
  item: Readonly<Record<string, string>> = {},
): Promise<World> {
  const world = new World({ generation });
  const start = world.clock.now();
  for (const [index, value] of ["one", "two", "three", "four"].entries()) {
    const createdOn = start - (9 - index) * hour;
    world.vault.setSecret("contoso", "signing", value, { version: idOf(value), createdOn });
  }
  world.blue.apply(
    providerClass({
      name: "kv",
      objects: [{ objectName: "signing", objectVersionHistory: "2", ...item }],
      secrets: { keys: { now: "signing/0", before: "signing/1", oldest: "signing/2" } },
    }),
  );
  const env = { NOW: ["keys", "now"], BEFORE: ["keys", "before"], OLDEST: ["keys", "oldest"] } as const;
  world.blue.apply(workload({ name: "verifier", mounts: ["kv"], env }));
  await world.pass(60_000);
  return world;
}

function idOf(value: string): string {
  return Buffer.from(value).toString("hex").padEnd(32, "0");
}

function started(world: World): readonly (string | undefined)[] {
  return world.blue.running("default").flatMap(({ env }) => [env["NOW"], env["BEFORE"], env["OLDEST"]]);
}

for (const generation of bothGenerations) {
  test(`objectVersionHistory: a new version moves every key in one write and one restart, ${generation}`, async () => {
    const world = await verifier(generation);
    assert.deepEqual(started(world), ["four", "three", "two"]);
    const seen = witness(world);
    world.start();
    world.set("signing", "five");
    await world.untilOutcome("kv", "converged");
    assert.deepEqual(started(world), ["five", "four", "three"]);
    await world.pass(hour);
    assert.deepEqual(started(world), ["five", "four", "three"]);
    assert.deepEqual(world.steps("write"), ["write Secret/keys (now, before, oldest)"]);
    assert.equal(seen.restarts("Deployment/verifier").length, 1);
    assert.equal(world.outcome("kv"), "converged");
    world.stop();
  });

  test(`objectVersionHistory: an older version that is disabled moves the keys behind it, ${generation}`, async () => {
    const world = await verifier(generation);
    const { bridge } = world.start();
    const [, , third] = world.vault.versions("contoso", "signing");
    world.vault.disable("contoso", "signing", third?.version ?? "");
    world.mark();
    await reconcile({ world, bridge });
    await world.untilOutcome("kv", "converged");
    assert.deepEqual(started(world), ["four", "two", "one"]);
    await world.pass(hour);
    assert.deepEqual(started(world), ["four", "two", "one"]);
    world.stop();
  });

  test(`objectVersionHistory: \`latest\` follows the vault, a version stays, ${generation}`, async () => {
    const latest = await verifier(generation, { objectVersion: "latest" });
    latest.start();
    latest.set("signing", "five");
    await latest.untilOutcome("kv", "converged");
    assert.deepEqual(started(latest), ["five", "four", "three"]);
    latest.stop();
    const fixed = await verifier(generation, { objectVersion: idOf("three") });
    fixed.start();
    fixed.set("signing", "five");
    await fixed.pass(hour);
    assert.deepEqual(started(fixed), ["three", "two", "one"]);
    assert.deepEqual([...fixed.steps("write"), ...fixed.steps("restart")], []);
    fixed.stop();
  });
}
