import assert from "node:assert/strict";
import { test } from "node:test";
import { encodeMessage } from "../../shared/core/parse-message.ts";
import { emptyMemory } from "../../shared/core/memory.ts";
import type { Fault } from "../../local/cluster/http-faults.ts";
import type { FrontRequest } from "../../local/cluster/http-front.ts";
import type { App } from "./app.ts";
import { vaultName } from "./names.ts";
import { startStage, type StageCluster } from "./stage.ts";
import { assertRotated, assertUntouched, eventOf, setUp, type Walkthrough } from "./walkthrough.ts";

const stage = await startStage();
test.after(() => stage.close());
const { blue, green } = stage;

/** Takes what the tests below rotate through its queue or its webhook. */
const soon = { ROTATION_TIME_BUDGET: "10s" };
const [main, timed, mortal, lost, poisoned] = await Promise.all([
  stage.startApp({ name: "main", namespaces: ["a1-*", "b8-*"] }),
  stage.startApp({ name: "timed", namespaces: ["b2"] }),
  stage.startApp({ name: "mortal", namespaces: ["b4-mortal"], env: soon }),
  stage.startApp({ name: "lost", namespaces: ["b4-lost"], env: soon }),
  stage.startApp({ name: "poisoned", namespaces: ["poison"], failedAgainAfter: "00:00:01" }),
]);

const newVersion = (object: string) => stage.vault.setSecret(vaultName, object, `new-${object}`);

function converged(app: App, { cluster, namespace }: Walkthrough, atMostMs?: number): Promise<void> {
  const target = `${cluster.name}/${namespace}`;
  return app.until(`${target} converged`, () => app.outcome(target, "kv") === "converged", atMostMs);
}

/** Lets `times` requests of a namespace that match go wrong. */
function breaks(
  cluster: StageCluster,
  namespace: string,
  fault: Fault,
  times: number,
  matches: (request: FrontRequest) => boolean,
): void {
  let left = times;
  cluster.faults.push((request) => {
    if (left <= 0 || request.route.namespace !== namespace || !matches(request)) return undefined;
    left -= 1;
    return fault;
  });
}

test("the packed app, in real time", { concurrency: true }, async (t) => {
  for (const [cluster, driver] of [[blue, "1.5"] as const, [green, "1.6"] as const]) {
    for (const [schema, way] of [
      ["event-grid", "queue"],
      ["cloud-events", "queue"],
      ["event-grid", "webhook"],
      ["cloud-events", "webhook"],
    ] as const) {
      t.test(
        `A1: an event in the ${schema} envelope by the ${way} rotates the walkthrough, driver ${driver}`,
        async () => {
          const id = `${way}-${schema}-${cluster.name}`;
          const spec: Walkthrough = { cluster, namespace: `a1-${id}`, object: `Secret-${id}`, oldValue: "old" };
          await setUp(stage, spec);
          const event = eventOf(spec.object, newVersion(spec.object), schema);
          if (way === "queue") await main.deliver(event);
          else assert.equal((await main.post(event)).status, 202);
          await converged(main, spec);
          assertRotated(spec, `new-${spec.object}`);
        },
      );
    }
  }

  t.test("B2: the timer finds a version without an event", async () => {
    const specs = [blue, green].map((cluster) => ({
      cluster,
      namespace: "b2",
      object: "Unannounced",
      oldValue: "old",
    }));
    await Promise.all(specs.map((spec) => setUp(stage, spec)));
    newVersion("Unannounced");
    await timed.timer();
    for (const spec of specs) {
      await converged(timed, spec);
      assertRotated(spec, "new-Unannounced");
    }
  });

  const faults: readonly (readonly [string, Fault])[] = [
    ["429 with Retry-After", { kind: "status", status: 429, retryAfter: "1" }],
    ["500", { kind: "status", status: 500 }],
    ["503", { kind: "status", status: 503 }],
    ["a reset", { kind: "reset" }],
    ["no answer", { kind: "hang" }],
    ["a reset after the work was done", { kind: "lost" }],
  ];
  for (const [index, [name, fault]] of faults.entries()) {
    t.test(`B8: an API server whose answers are ${name} at first is asked again`, async () => {
      const spec = {
        cluster: index % 2 === 0 ? blue : green,
        namespace: `b8-${index}`,
        object: `Faulty-${index}`,
        oldValue: "old",
      };
      await setUp(stage, spec);
      const of = (verb: FrontRequest["verb"], kind: string) => (request: FrontRequest) =>
        request.verb === verb && request.route.kind.kind === kind;
      // A hang ends after six seconds: one is enough.
      const hangs = fault.kind === "hang";
      const calls = [of("patch", "Secret"), of("list", "Pod"), of("get", "Secret"), of("patch", "Deployment")];
      for (const matches of hangs ? calls.slice(0, 1) : calls) {
        breaks(spec.cluster, spec.namespace, fault, hangs ? 1 : 2, matches);
      }
      await main.deliver(eventOf(spec.object, newVersion(spec.object)));
      await converged(main, spec);
      assertRotated(spec, `new-${spec.object}`);
    });
  }

  for (const status of [401, 403]) {
    t.test(`B8: a cluster that answers ${status} is refused, and the other one converges`, async () => {
      const both = [blue, green].map((cluster) => ({
        cluster,
        namespace: `b8-denied-${status}`,
        object: `Denied-${status}`,
        oldValue: "old",
      }));
      const [allowed, denied] = both;
      assert.ok(allowed !== undefined && denied !== undefined);
      await Promise.all(both.map((spec) => setUp(stage, spec)));
      breaks(green, denied.namespace, { kind: "status", status }, Number.POSITIVE_INFINITY, () => true);
      await main.deliver(eventOf(denied.object, newVersion(denied.object)));
      const target = `green/${denied.namespace}`;
      await main.until("the refusal", () => main.outcome(target, "*") === "refused(no-rbac)");
      await converged(main, allowed);
      assertRotated(allowed, `new-${allowed.object}`);
      assertUntouched(denied);
    });
  }

  // Of a killed worker the host gives the message again after 30 s; of a lost instance, after 10 minutes.
  for (const [app, name, what, end] of [
    [mortal, "mortal", "the worker was killed", () => mortal.host().killWorker()],
    [lost, "lost", "the instance was lost", () => lost.restart()],
  ] as const) {
    t.test(`B4: after ${what} in the middle, the message that was handed over goes on`, async () => {
      const namespace = `b4-${name}`;
      const specs = [blue, green].map((cluster) => ({ cluster, namespace, object: namespace, oldValue: "old" }));
      await Promise.all(specs.map((spec) => setUp(stage, spec)));
      let ending: Promise<void> | undefined;
      for (const { faults } of [blue, green]) {
        faults.push(({ verb, route }) => {
          // The patch takes effect; who sent it never hears of it.
          if (verb === "patch" && route.kind.kind === "Deployment" && route.namespace === namespace) ending ??= end();
          return undefined;
        });
      }
      await app.deliver(eventOf(namespace, newVersion(namespace)));
      for (const spec of specs) {
        await converged(app, spec);
        assertRotated(spec, `new-${namespace}`);
      }
      assert.notEqual(ending, undefined);
      await ending;
    });
  }

  t.test("a message that cannot be handed over ends in the poison queue, which names what was given up", async () => {
    const spec = { cluster: blue, namespace: "poison", object: "Undelivered", oldValue: "old" };
    await setUp(stage, spec);
    newVersion("Undelivered");
    const target = { cluster: "blue", namespace: "poison" };
    const message = { kind: "target", v: 1, target, chain: "chain", scope: "all", memory: emptyMemory } as const;
    stage.queueFront.fault = (method, path) =>
      method === "POST" && path.endsWith("/poisoned/messages") ? 503 : undefined;
    await poisoned.deliver(JSON.parse(encodeMessage(message)));
    await poisoned.until("the poison function", () => poisoned.said("given-up").length > 0);
    assert.deepEqual(
      poisoned.said("given-up").map(({ level, about }) => [level, about]),
      [["error", ["blue/poison"]]],
    );
    assertUntouched(spec);
    stage.queueFront.fault = undefined;
    await poisoned.deliver({ no: "event" });
    await poisoned.until("the next message", () => poisoned.said("message-ignored").length > 0);
    const queues = [poisoned.queue, poisoned.poison];
    await poisoned.until("empty queues", async () => {
      const left = await Promise.all(queues.map((queue) => queue.getProperties()));
      return left.every(({ approximateMessagesCount }) => approximateMessagesCount === 0);
    });
    assert.doesNotMatch(poisoned.lines.map((line) => line.message).join("\n"), /another one is started/);
  });
});
