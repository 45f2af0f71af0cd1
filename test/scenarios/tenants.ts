/** A tenant's namespace `dev` beside vaults that hold more than it may have, and what must never be said. */

import assert from "node:assert/strict";
import { providerClass } from "./manifests.ts";
import type { ClassSpec } from "./manifests.ts";
import { applyApp, unheard } from "./one-app.ts";
import { World } from "./world.ts";

export const crownJewel = "crown-jewel-7f3a";

/** The namespace `dev` is a tenant's; `contoso` may flow everywhere, `other` to `prod` only. */
export const vaultsMap = [
  `  - { name: contoso, flowsTo: [{ cluster: "*", namespaces: ["*"] }] }`,
  `  - { name: other, flowsTo: [{ cluster: "*", namespaces: [prod] }] }`,
].join("\n");

export async function tenants(generation: "1.5" | "1.6"): Promise<World> {
  const world = new World({ generation, vaultsMap });
  world.set("db", "old");
  world.set("jewel", crownJewel);
  world.set("db", crownJewel, {}, "other");
  applyApp(world, { namespace: "dev" });
  await unheard(world, 660_000);
  return world;
}

export function devClass(spec: Partial<ClassSpec>): Record<string, unknown> {
  return providerClass({ name: "bad", namespace: "dev", objects: ["db"], ...spec });
}

/** Nothing that a log, a message or a marker holds is a value of a vault. */
export function assertNoLeak(world: World): void {
  const said = JSON.stringify([world.log, world.queue.sent, world.queue.bodies(), world.results]);
  assert.ok(!said.includes(crownJewel), "a value in a log line or a message");
  assert.ok(!said.includes(Buffer.from(crownJewel).toString("base64")), "a value in base64");
}
