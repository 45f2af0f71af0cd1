/** A start that nothing proves: what waits for a word of a person's. */

import { workload } from "./manifests.ts";
import { applyApp } from "./one-app.ts";
import type { World } from "./world.ts";

const hour = 3_600_000;

/**
 * Somebody writes the Secret by hand and restarts: the bridge never wrote it, and the driver's entry is no clock, so
 * nobody can tell what `reader` was started with. No bridge may listen meanwhile.
 */
export async function unknownStart(world: World): Promise<void> {
  world.set("db", "old");
  applyApp(world);
  await world.pass(120_000);
  world.blue.apply(workload({ name: "reader", env: { PASSWORD: ["app", "k"] } }));
  await world.pass(hour);
  world.set("db", "new");
  await world.pass(60_000);
  world.blue.rolloutRestart("Deployment", "default", "reader");
  await world.pass(60_000);
  world.blue.patch("Secret", "default", "app", { data: { k: Buffer.from("new").toString("base64") } });
  world.blue.rolloutRestart("Deployment", "default", "app");
  await world.pass(hour);
}
