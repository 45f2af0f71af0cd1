import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { newVersionEvent } from "../../local/key-vault/events.ts";
import { countsOf } from "./calls.ts";
import { assertAllRun, fleet } from "./fleet.ts";
import { untilQuiet } from "./fleet-laws.ts";

/** A number for each of 1,000 events: which version it is about, in which envelope, and how long after the one before. */
const events = fc.sample(fc.record({ version: fc.nat(2), cloud: fc.boolean(), afterMs: fc.nat(1_000) }), {
  numRuns: 1_000,
  seed: 17,
});

for (const [generation, rotation] of [
  ["1.5", "on"],
  ["1.6", "off"],
] as const) {
  test(`C3: 1,000 events with nothing new: no patch, no restart, rotation ${rotation}, driver ${generation}`, async () => {
    const all = await fleet(2, { generation, rotation });
    const { world, namespaces } = all;
    world.start();
    for (const value of ["one", "two"]) {
      world.set("db", value);
      await world.pass(10_000);
      await untilQuiet(world);
    }
    assertAllRun(all, "two");
    const versions = world.vault.versions("contoso", "db");
    assert.equal(versions.length, 3);
    const starts = world.blue.starts.length;
    const before = world.calls.length;
    for (const { version, cloud, afterMs } of events) {
      const named = versions[version];
      assert.ok(named !== undefined);
      world.queue.put(newVersionEvent("contoso", "db", named, cloud ? "cloud-events" : "event-grid"));
      await world.pass(afterMs);
    }
    await untilQuiet(world);
    const counts = countsOf(world.calls.slice(before));
    const written = Object.entries(counts).filter(([name]) => name.startsWith("patch"));
    assert.deepEqual(written, []);
    assert.equal(world.blue.starts.length, starts, "no container was started");
    assertAllRun(all, "two");
    // A look for each event, and one for the message that was handed over before it.
    assert.equal(counts["queue send"], events.length * namespaces.length);
    assert.ok((counts["list SecretProviderClass"] ?? 0) <= 2 * events.length * namespaces.length);
    assert.equal(counts["list ReplicaSet"], undefined, "revisions are for restarts");
    world.stop();
  });
}
