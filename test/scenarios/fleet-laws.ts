/** What must hold of a fleet when something is new, and when nothing is. */

import assert from "node:assert/strict";
import type { StoredVersion } from "../../local/key-vault/stored-version.ts";
import { count, readings } from "./calls.ts";
import { assertAllRun } from "./fleet.ts";
import type { Fleet } from "./fleet.ts";
import type { World } from "./world.ts";

const minute = 60_000;

/** The messages that were handed over have come, and nothing is on its way any more. */
export async function untilQuiet(world: World, atMostMs: number = 15 * minute): Promise<void> {
  await world.until("the queue is empty", () => world.queue.size === 0, atMostMs, 5_000);
}

function patches(world: World): number {
  return world.calls.filter((call) => call.verb === "patch").length;
}

/** One new version, until its event is worked through; then everything is proven, after one write and restart each. */
export async function rotate(all: Fleet): Promise<StoredVersion> {
  const { world, namespaces } = all;
  const size = namespaces.length;
  const started = world.blue.starts.length;
  const at = world.clock.now();
  let writtenAt = 0;
  world.after = ({ verb, kind }) => {
    if (verb === "patch" && kind === "Secret") writtenAt = world.clock.now();
  };
  const version = world.set("db", "new");
  await world.until("the event is worked through", () => world.results.length > 0, 4 * minute, 1_000);
  const [result] = world.results;
  assert.equal(result?.targets.filter(({ outcome }) => outcome === "converged").length, size);
  assertAllRun(all, "new");
  // 2 s of settling; nobody's Secret waits for another one's pods.
  assert.ok(writtenAt - at < 6_000, `the last Secret was written after ${writtenAt - at} ms`);
  assert.equal(count(world.calls, "patch Secret"), size, "each Secret is written once");
  assert.equal(count(world.calls, "patch Deployment"), 2 * size, "each workload is restarted once");
  assert.equal(world.blue.starts.length, started + 2 * size, "each container is started once");
  assert.equal(count(world.calls, "queue send"), size, "one message a target");
  return version;
}

/** Whatever says that there is something new although there is not: nothing is written, nothing restarted. */
export async function sameAgain({ world, namespaces }: Fleet, say: () => Promise<void>): Promise<void> {
  await untilQuiet(world);
  const before = { starts: world.blue.starts.length, patches: patches(world), calls: world.calls.length };
  await say();
  await untilQuiet(world);
  assert.equal(patches(world), before.patches, "nothing is written");
  assert.equal(world.blue.starts.length, before.starts, "nothing is started");
  // However many say it at the same time: a run that is met looks once more, and each message handed over once.
  const looks = readings(world.calls.slice(before.calls)).length;
  const events = count(world.calls.slice(before.calls), "index");
  assert.ok(looks <= (2 + events) * namespaces.length, `${looks} looks for ${events} events`);
}
