/**
 * What a rotation of one target costs in calls, as a law (docs/cost.md). A look that decides asks the vault; a poll of a
 * rollout does not. Polls are counted apart: how many there are is up to the pods.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { assertNothingAskedTwice, count, countsOf, readings } from "./calls.ts";
import type { Counts, Reading } from "./calls.ts";
import { objectName, smallWorld, untilProven } from "./small-world.ts";
import type { SmallWorld } from "./small-world.ts";
import { bothGenerations } from "./world.ts";
import type { World } from "./world.ts";

const minute = 60_000;
const lists = ["SecretProviderClass", "Deployment", "StatefulSet", "DaemonSet", "Pod", "SecretProviderClassPodStatus"];

/** *c* classes, *o* objects of them, *s* Secrets, *m* mounters and *r* readers of one namespace; `changed` of them. */
interface Sizes {
  readonly c: number;
  readonly o: number;
  /** Objects of classes that mount several: the first look reads them twice. */
  readonly together: number;
  readonly s: number;
  readonly m: number;
  readonly r: number;
}

function sizesOf({ classes, secretsPerClass, mountersPerClass, readersPerClass }: SmallWorld): Sizes {
  return {
    c: classes.length,
    o: new Set(classes.flat()).size,
    together: new Set(classes.filter((mounted) => mounted.length > 1).flat()).size,
    s: classes.length * secretsPerClass,
    m: classes.length * mountersPerClass,
    r: classes.length * readersPerClass,
  };
}

/** The law, where one object changes that every class mounts, and the event comes before the settle time is over. */
function wholeRotation(shape: SmallWorld, polls: number): Counts {
  const { o, together, s, m, r } = sizesOf(shape);
  const restarts = m > 0 && r > 0 ? 2 : 1;
  const decides = 1 + 1 + restarts + 1;
  const looks = decides + polls;
  const { kind = "Deployment" } = shape;
  return {
    index: 1,
    "queue send": 1,
    ...Object.fromEntries(lists.map((listed) => [`list ${listed}`, looks])),
    "get Secret": s * looks,
    [`list ${kind === "Deployment" ? "ReplicaSet" : "ControllerRevision"}`]: restarts,
    "vault current": o * decides + together,
    "vault version": 1,
    ...(r > 0 ? { "vault before": 1 } : {}),
    "patch Secret": s,
    [`patch ${kind}`]: m + r,
  };
}

/** The same, up to the moment in which the last Secret is patched. */
function untilWritten(shape: SmallWorld): Counts {
  const { o, together, s, r } = sizesOf(shape);
  return {
    index: 1,
    "queue send": 1,
    ...Object.fromEntries(lists.map((listed) => [`list ${listed}`, 2])),
    "get Secret": s * 2,
    "vault current": o * 2 + together,
    "vault version": 1,
    ...(r > 0 ? { "vault before": 1 } : {}),
    "patch Secret": s,
  };
}

function isPoll({ calls }: Reading): boolean {
  return !calls.some((call) => call.target === "vault" || call.verb === "patch");
}

const table: readonly (readonly [string, SmallWorld])[] = [
  ["one mounter", { classes: [[0]], secretsPerClass: 1, mountersPerClass: 1, readersPerClass: 0 }],
  ["a mounter and a reader", { classes: [[0]], secretsPerClass: 1, mountersPerClass: 1, readersPerClass: 1 }],
  ["3 mounters, 4 readers", { classes: [[0]], secretsPerClass: 1, mountersPerClass: 3, readersPerClass: 4 }],
  ["5 Secrets", { classes: [[0]], secretsPerClass: 5, mountersPerClass: 1, readersPerClass: 1 }],
  ["3 objects", { classes: [[0, 1, 2]], secretsPerClass: 2, mountersPerClass: 1, readersPerClass: 1 }],
  ["2 classes of one object", { classes: [[0], [0]], secretsPerClass: 2, mountersPerClass: 2, readersPerClass: 2 }],
  [
    "2 classes, one of 2 objects",
    { classes: [[0], [0, 1]], secretsPerClass: 1, mountersPerClass: 1, readersPerClass: 1 },
  ],
  [
    "StatefulSets",
    { classes: [[0]], secretsPerClass: 1, mountersPerClass: 2, readersPerClass: 1, kind: "StatefulSet" },
  ],
  ["DaemonSets", { classes: [[0]], secretsPerClass: 1, mountersPerClass: 1, readersPerClass: 1, kind: "DaemonSet" }],
];

for (const generation of bothGenerations) {
  for (const [name, shape] of table) {
    test(`calls of one rotation: ${name}, driver ${generation}`, async () => {
      const world = await smallWorld(shape, { generation });
      world.start();
      world.set(objectName(0), "new");
      await untilProven(world, shape.classes.length);
      const polls = readings(world.calls).filter(isPoll).length;
      assert.deepEqual(countsOf(world.calls), wholeRotation(shape, polls), "until proven");
      const last = world.calls.findLastIndex((call) => call.verb === "patch" && call.kind === "Secret");
      assert.deepEqual(countsOf(world.calls.slice(0, last + 1)), untilWritten(shape), "until written");
      assertNothingAskedTwice(world);
      await nothingNew(world, shape);
      world.stop();
    });
  }
}

/** The event once more, when all is proven: one look, and one of the message that was handed over before it. */
async function nothingNew(world: World, shape: SmallWorld): Promise<void> {
  await world.pass(10 * minute);
  const before = world.calls.length;
  const version = world.vault.versions("contoso", objectName(0)).at(-1);
  assert.ok(version !== undefined);
  world.queue.put(world.event(objectName(0), version));
  await world.pass(10 * minute);
  const { o, together, s } = sizesOf(shape);
  const wanted = {
    index: 1,
    "queue send": 1,
    ...Object.fromEntries(lists.map((listed) => [`list ${listed}`, 2])),
    "get Secret": s * 2,
    "vault current": (o + together) * 2,
  };
  assert.deepEqual(countsOf(world.calls.slice(before)), wanted, "the event again");
}

const shapes: fc.Arbitrary<SmallWorld> = fc.record({
  classes: fc.array(fc.uniqueArray(fc.nat(2), { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 3 }),
  secretsPerClass: fc.integer({ min: 1, max: 2 }),
  mountersPerClass: fc.integer({ min: 1, max: 2 }),
  readersPerClass: fc.nat(2),
  kind: fc.constantFrom("Deployment", "StatefulSet", "DaemonSet"),
});

const days = fc.record({
  generation: fc.constantFrom(...bothGenerations),
  rotation: fc.constantFrom("on" as const, "off" as const),
  /** Which objects change, and when each event comes, in milliseconds after its version. */
  changes: fc.uniqueArray(fc.record({ object: fc.nat(2), eventsMs: fc.array(fc.nat(20_000), { maxLength: 3 }) }), {
    selector: ({ object }) => object,
    minLength: 1,
    maxLength: 3,
  }),
});

test("calls of any rotation stay within the law, whatever changes and however often it is said", async () => {
  await fc.assert(
    fc.asyncProperty(shapes, days, async (shape, { generation, rotation, changes }) => {
      const world = await smallWorld(shape, { generation, rotation, eventDelayMs: undefined });
      world.start();
      const objects = new Set(shape.classes.flat());
      let events = 0;
      for (const { object, eventsMs } of changes.filter((change) => objects.has(change.object))) {
        const version = world.set(objectName(object), "new");
        for (const delay of [300, ...eventsMs]) {
          events += 1;
          world.clock.after(delay, () => world.queue.put(world.event(objectName(object), version)));
        }
      }
      await world.pass(5 * minute);
      assertWithinLaw(world, shape, events);
      world.stop();
    }),
    { numRuns: 15, seed: 11, endOnFailure: true },
  );
});

function assertWithinLaw(world: World, shape: SmallWorld, events: number): void {
  const { o, together, s, m, r } = sizesOf(shape);
  const all = readings(world.calls);
  const said = JSON.stringify(countsOf(world.calls));
  for (const listed of lists)
    assert.equal(count(world.calls, `list ${listed}`), all.length, `list ${listed} once a look: ${said}`);
  const secrets = count(world.calls, "get Secret");
  assert.ok(secrets <= s * all.length, `Secrets: ${said}`);
  const changing = all.filter(({ calls }) => calls.some((call) => call.verb === "patch"));
  const restarting = changing.filter(({ calls }) =>
    calls.some((call) => call.verb === "patch" && call.kind !== "Secret"),
  );
  const revisions = count(world.calls, "list ReplicaSet") + count(world.calls, "list ControllerRevision");
  assert.equal(revisions, restarting.length, `revisions once a look that restarts: ${said}`);
  const kind = shape.kind ?? "Deployment";
  assert.ok(count(world.calls, `patch ${kind}`) <= m + r, `each workload is restarted once: ${said}`);
  assert.ok(count(world.calls, "patch Secret") <= s, `each Secret is written once: ${said}`);
  // Each event begins a look or makes a run that it meets look once more, and at the end; so does the message handed over.
  const decides = all.filter((reading) => !isPoll(reading)).length;
  assert.ok(decides <= changing.length + 3 * events, `looks that decide: ${said}`);
  assert.ok(count(world.calls, "vault current") <= (o + together) * decides, `the vault: ${said}`);
  assert.ok(count(world.calls, "vault version") <= o * events, `versions by id: ${said}`);
  assert.ok(count(world.calls, "vault before") <= o * events, `versions before: ${said}`);
  assert.equal(count(world.calls, "queue send"), events, `one message an event and target: ${said}`);
  assertNothingAskedTwice(world);
}
