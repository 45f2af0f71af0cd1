/**
 * What most faults happen to: a class `kv` of object `db`, its Secret `app` (key `k`), and a workload `app` that mounts
 * the class and reads the key as PASSWORD. And what was really started there, to hold the bridge's words against.
 */

import assert from "node:assert/strict";
import { at, textAt } from "../../local/cluster/json.ts";
import type { KindName } from "../../local/cluster/kinds.ts";
import type { LocalCluster } from "../../local/cluster/cluster.ts";
import { nameOf } from "../../local/cluster/objects.ts";
import type { Bridge } from "../../shared/bridge.ts";
import { providerClass, workload } from "./manifests.ts";
import type { WorkloadSpec } from "./manifests.ts";
import { World } from "./world.ts";
import type { WorldOptions } from "./world-options.ts";

export interface OneApp {
  readonly world: World;
  readonly bridge: Bridge;
}

/** The version is older than the pods, and they have run for `agedMs` (11 minutes by default) when the bridge is installed. */
export async function oneApp(
  options: WorldOptions,
  shape: Partial<WorkloadSpec> = {},
  agedMs: number = 660_000,
): Promise<OneApp> {
  const world = new World(options);
  world.set("db", "old");
  await unheard(world, 660_000);
  applyApp(world, shape);
  await unheard(world, agedMs);
  const { bridge } = world.start();
  return { world, bridge };
}

/** Time passes and no bridge is there: events of that time reach nobody. */
export async function unheard(world: World, ms: number): Promise<void> {
  const nobody = world.queue.listen(async () => undefined);
  await world.pass(ms);
  nobody();
}

/** The class and the workload, in a namespace and cluster of choice. */
export function applyApp(world: World, shape: Partial<WorkloadSpec> = {}, cluster: LocalCluster = world.blue): void {
  const space = shape.namespace === undefined ? {} : { namespace: shape.namespace };
  cluster.apply(providerClass({ name: "kv", objects: ["db"], secrets: { app: { k: "db" } }, ...space }));
  cluster.apply(workload({ name: "app", mounts: ["kv"], env: { PASSWORD: ["app", "k"] }, ...shape }));
}

/** The timer, to its end. */
export async function reconcile({ world, bridge }: OneApp): Promise<void> {
  await world.clock.until(bridge.reconcile());
}

/** The timer, until the class has this outcome, by a chain's look too: every 15 minutes, at most `times` times. */
export async function reconcileUntil(app: OneApp, className: string, wanted: string, times: number = 8): Promise<void> {
  app.world.mark();
  for (let time = 0; time < times; time += 1) {
    await reconcile(app);
    if (app.world.outcome(className) === wanted) return;
    await app.world.pass(900_000);
  }
  assert.fail(`not within ${times} timers: ${className} ${wanted}\n${app.world.timeline()}`);
}

/** PASSWORD of the last start of every live container of the app. */
export function passwords(
  world: World,
  app: string = "app",
  namespace: string = "default",
): readonly (string | undefined)[] {
  return liveStarts(world, app, namespace).map((start) => start.env["PASSWORD"]);
}

/** How many containers of the app were ever started. */
export function started(world: World, app: string = "app"): number {
  return world.blue.starts.filter((start) => start.labels["app"] === app).length;
}

/** Names of the live pods of the app. */
export function pods(world: World, app: string = "app", namespace: string = "default"): readonly string[] {
  return world.blue.store
    .list("Pod", namespace, { labelSelector: `app=${app}` })
    .items.filter((pod) => textAt(pod, "metadata", "deletionTimestamp") === "")
    .map(nameOf);
}

/** The truth that `converged` promises: the Secret, and env and mounted file of every live pod. */
export function assertRuns(world: World, value: string, app: string = "app", namespace: string = "default"): void {
  assert.equal(world.blue.secretValue(namespace, "app", "k"), value, "the Secret");
  const starts = liveStarts(world, app, namespace);
  assert.ok(starts.length > 0, `no pod of ${app} runs`);
  for (const start of starts) {
    if ("PASSWORD" in start.env) assert.equal(start.env["PASSWORD"], value, `env of ${start.pod}`);
    for (const [path, content] of Object.entries(world.blue.mountedFiles(namespace, start.pod))) {
      if (path === "db") assert.equal(content, value, `mounted file of ${start.pod}`);
    }
  }
}

/** Nothing was written and nothing restarted since `before`. */
export function assertUntouched(world: World, before: { readonly starts: number; readonly steps: number }): void {
  assert.equal(world.blue.starts.length, before.starts, `containers were started\n${world.timeline()}`);
  assert.equal(stepCount(world), before.steps, world.timeline());
}

export function soFar(world: World): { readonly starts: number; readonly steps: number } {
  return { starts: world.blue.starts.length, steps: stepCount(world) };
}

/** The marker in the pod template of a workload. */
export function marker(
  world: World,
  kind: KindName = "Deployment",
  name: string = "app",
  namespace: string = "default",
): string | undefined {
  const text = at(
    world.blue.store.get(kind, namespace, name),
    "spec",
    "template",
    "metadata",
    "annotations",
    "rotation-bridge/versions",
  );
  return typeof text === "string" ? text : undefined;
}

function stepCount(world: World): number {
  return world.log.filter((line) => line.event === "step").length;
}

function liveStarts(world: World, app: string, namespace: string) {
  return world.blue.running(namespace).filter((start) => start.labels["app"] === app);
}
