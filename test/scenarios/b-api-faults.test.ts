/** B8: the API server fails, refuses or does not answer. What HTTP makes of it is tested with the adapter. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { RemoteProblem } from "../../shared/core/remote-problem.ts";
import type { RemoteProblemKind } from "../../shared/core/remote-problem.ts";
import { applyApp, assertRuns, assertUntouched, oneApp, reconcileUntil, soFar, unheard } from "./one-app.ts";
import type { Call, Hook } from "./remote-call.ts";
import { World, bothGenerations } from "./world.ts";

const hour = 3_600_000;

/** How an answer of the API server reaches the engine; a reset and a hang end in the adapter's time-outs and retries. */
const answers: readonly { readonly name: string; readonly kind: RemoteProblemKind; readonly status?: number }[] = [
  { name: "429", kind: "throttled", status: 429 },
  { name: "500", kind: "unavailable", status: 500 },
  { name: "503", kind: "unavailable", status: 503 },
  { name: "a reset", kind: "unavailable" },
  { name: "a hang", kind: "timeout" },
];

function problem(kind: RemoteProblemKind, call: Call, status?: number): RemoteProblem {
  return new RemoteProblem(kind, `Could not ${call.verb} ${call.kind} ${call.name}.`, status);
}

/** Throws for the calls that match, `times` times. */
function failing(
  matches: (call: Call) => boolean,
  kind: RemoteProblemKind,
  times: number = Number.POSITIVE_INFINITY,
): Hook {
  let left = times;
  return (call) => {
    if (call.target !== "cluster" || left <= 0 || !matches(call)) return;
    left -= 1;
    throw problem(kind, call);
  };
}

const reads = (call: Call) => call.verb !== "patch" && call.namespace === "default";
const writesSecret = (call: Call) => call.verb === "patch" && call.kind === "Secret";
const restarts = (call: Call) => call.verb === "patch" && call.kind === "Deployment";

for (const generation of bothGenerations) {
  for (const { name, kind } of answers) {
    test(`B8: reads that end in ${name} for ten minutes are tried again, driver ${generation}`, async () => {
      const { world } = await oneApp({ generation });
      const before = soFar(world);
      world.before = failing(reads, kind);
      world.set("db", "new");
      await world.untilOutcome("*", "waiting(cluster-unreachable)");
      await world.pass(600_000);
      assertUntouched(world, before);
      world.before = () => undefined;
      await world.untilOutcome("kv", "converged", "blue/default", hour);
      assertRuns(world, "new");
      assert.equal(world.steps("restart").length, 1);
      world.stop();
    });

    test(`B8: patches that end in ${name} at first are tried again, driver ${generation}`, async () => {
      const { world } = await oneApp({ generation });
      const failSecret = failing(writesSecret, kind, 3);
      const failRestart = failing(restarts, kind, 3);
      world.before = async (call) => {
        await failSecret(call);
        await failRestart(call);
      };
      world.set("db", "new");
      await world.untilOutcome("kv", "converged", "blue/default", hour);
      assertRuns(world, "new");
      assert.deepEqual(world.steps("restart"), ["restart Deployment/app"]);
      world.stop();
    });

    test(`B8: a patch that took effect although it ended in ${name} is not made again, driver ${generation}`, async () => {
      const { world } = await oneApp({ generation });
      const failSecret = failing(writesSecret, kind, 1);
      const failRestart = failing(restarts, kind, 1);
      world.after = async (call) => {
        await failSecret(call);
        await failRestart(call);
      };
      const starts = world.blue.starts.length;
      world.set("db", "new");
      await world.untilOutcome("kv", "converged", "blue/default", hour);
      assertRuns(world, "new");
      assert.equal(world.blue.starts.length, starts + 1, "one container was started");
      assert.equal(world.calls.filter(writesSecret).length, 1);
      assert.equal(world.calls.filter(restarts).length, 1);
      world.stop();
    });
  }

  for (const kind of ["unauthorized", "forbidden"] as const) {
    test(`B8: reads that are ${kind} are refused and name what is missing, driver ${generation}`, async () => {
      const { world } = await oneApp({ generation });
      const before = soFar(world);
      world.before = failing((call) => reads(call) && call.kind === "Pod", kind);
      world.set("db", "new");
      await world.untilOutcome("*", "refused(no-rbac)");
      assert.match(world.about("*").join(), /list Pod/);
      await world.pass(hour);
      assertUntouched(world, before);
      assert.equal(world.queue.size, 1, "one message looks again, less and less often");
      world.before = () => undefined;
      await world.untilOutcome("kv", "converged", undefined, 2 * hour);
      assertRuns(world, "new");
      world.stop();
    });
  }

  test(`B8: a Secret that may not be read refuses its class by name, driver ${generation}`, async () => {
    const { world } = await oneApp({ generation });
    const before = soFar(world);
    world.before = failing((call) => call.verb === "get" && call.kind === "Secret", "forbidden");
    world.set("db", "new");
    await world.untilOutcome("kv", "refused(no-rbac)");
    assert.deepEqual(world.about("kv"), ["Secret/app", "get secrets/app"]);
    await world.pass(hour);
    assertUntouched(world, before);
    world.stop();
  });

  const denied = [
    { kind: "unauthorized", outcome: "refused(no-rbac)" },
    { kind: "forbidden", outcome: "refused(no-rbac)" },
    { kind: "rejected", outcome: "failed(patch-rejected)" },
  ] as const;
  for (const { kind, outcome } of denied) {
    test(`B8: a write of the Secret that is ${kind} restarts nothing and says so, driver ${generation}`, async () => {
      const { world } = await oneApp({ generation });
      const before = soFar(world);
      world.before = failing(writesSecret, kind);
      world.set("db", "new");
      await world.untilOutcome("kv", outcome);
      assert.match(world.about("kv").join(), /^Secret\/app,Could not patch Secret app/);
      await world.pass(hour);
      assertUntouched(world, before);
      assertRuns(world, "old");
      assert.equal(world.queue.size, 0);
      assert.ok(world.calls.filter(writesSecret).length <= 2, "it is not tried for ever");
      world.stop();
    });

    test(`B8: a restart that is ${kind} says so and is not tried for ever, driver ${generation}`, async () => {
      const app = await oneApp({ generation });
      const { world } = app;
      const { starts } = soFar(world);
      world.before = failing(restarts, kind);
      world.set("db", "new");
      await world.untilOutcome("kv", outcome);
      assert.match(world.about("kv").join(), /^Deployment\/app,Could not patch Deployment app/);
      await world.pass(hour);
      assert.equal(world.blue.starts.length, starts);
      assert.ok(world.calls.filter(restarts).length <= 2);
      world.before = () => undefined;
      await reconcileUntil(app, "kv", "converged");
      assertRuns(world, "new");
      world.stop();
    });
  }

  test(`B8: conflicts are read again and decided anew, driver ${generation}`, async () => {
    const { world } = await oneApp({ generation });
    const failSecret = failing(writesSecret, "conflict", 5);
    const failRestart = failing(restarts, "conflict", 5);
    world.before = async (call) => {
      await failSecret(call);
      await failRestart(call);
    };
    world.set("db", "new");
    await world.untilOutcome("kv", "converged", "blue/default", 120_000);
    assertRuns(world, "new");
    assert.equal(world.steps("restart").length, 1);
    world.stop();
  });

  test(`B8: conflicts without end wait, less and less often, driver ${generation}`, async () => {
    const { world } = await oneApp({ generation });
    world.before = failing(writesSecret, "conflict");
    world.set("db", "new");
    await world.untilOutcome("*", "waiting(conflict)");
    const { length } = world.calls;
    await world.pass(2 * hour);
    assert.ok(world.calls.length - length < 6000, `${world.calls.length - length} calls`);
    world.before = () => undefined;
    await world.untilOutcome("kv", "converged", "blue/default", 2 * hour);
    assertRuns(world, "new");
    world.stop();
  });

  test(`B8: a workload that is gone when it is patched is planned without, driver ${generation}`, async () => {
    const { world } = await oneApp({ generation });
    world.before = (call) => {
      if (restarts(call)) world.blue.delete("Deployment", "default", "app");
    };
    world.set("db", "new");
    await world.untilOutcome("kv", "converged");
    assert.deepEqual(world.blue.running("default"), []);
    world.stop();
  });

  test(`B8: namespaces and clusters that answer go on, driver ${generation}`, async () => {
    const world = new World({ generation, clusters: ["green"] });
    const green = world.clusters.get("green");
    assert.ok(green);
    world.set("db", "old");
    applyApp(world);
    applyApp(world, { namespace: "shop" });
    applyApp(world, {}, green);
    await unheard(world, 660_000);
    world.start();
    world.before = failing(
      (call) =>
        (call.cluster === "blue" && call.namespace === "default") || (call.cluster === "green" && call.verb === "list"),
      "timeout",
    );
    world.set("db", "new");
    await world.untilOutcome("kv", "converged", "blue/shop");
    assertRuns(world, "new", "app", "shop");
    assert.equal(world.outcome("*"), "waiting(cluster-unreachable)");
    await world.pass(600_000);
    world.before = () => undefined;
    await world.untilOutcome("kv", "converged", "blue/default", hour);
    await world.untilOutcome("kv", "converged", "green/default", hour);
    assertRuns(world, "new");
    assert.equal(green.secretValue("default", "app", "k"), "new");
    assert.deepEqual(
      green.running("default").map((start) => start.env["PASSWORD"]),
      ["new"],
    );
    world.stop();
  });
}
