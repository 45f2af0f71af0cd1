/** A namespace of classes, mounters and readers in numbers, for laws about how many calls a rotation costs. */

import { providerClass, workload } from "./manifests.ts";
import type { ClassSpec } from "./manifests.ts";
import { unheard } from "./one-app.ts";
import { setBefore } from "./set-ups.ts";
import { World } from "./world.ts";
import type { WorldOptions } from "./world-options.ts";

export interface SmallWorld {
  /** Objects that each class mounts, as numbers: `[[0], [0, 1]]` are two classes that share an object. */
  readonly classes: readonly (readonly number[])[];
  /** Secrets of each class; every one holds all objects of its class. */
  readonly secretsPerClass: number;
  /** Workloads that mount each class. */
  readonly mountersPerClass: number;
  /** Workloads that read the first Secret of each class by env. */
  readonly readersPerClass: number;
  readonly kind?: "Deployment" | "StatefulSet" | "DaemonSet";
}

export interface SmallCounts {
  readonly objects: number;
  readonly secrets: number;
  readonly mounters: number;
  readonly readers: number;
}

export function objectName(index: number): string {
  return `object-${index}`;
}

export function className(index: number): string {
  return `class-${index}`;
}

/** Everything runs, and is eleven minutes old, when the bridge comes. */
export async function smallWorld(shape: SmallWorld, options: WorldOptions): Promise<World> {
  const world = new World(options);
  const objects = new Set(shape.classes.flat());
  for (const index of objects) setBefore(world, objectName(index), "old");
  const classes = shape.classes.map((mounted, index) => classSpec(mounted, index, shape.secretsPerClass));
  for (const spec of classes) {
    world.blue.apply(providerClass(spec));
    for (let mounter = 0; mounter < shape.mountersPerClass; mounter += 1)
      world.blue.apply(workload({ ...kindOf(shape), name: `mounter-${spec.name}-${mounter}`, mounts: [spec.name] }));
  }
  await unheard(world, 60_000);
  for (const spec of classes) {
    const secret = `secret-${spec.name}-0`;
    for (let reader = 0; reader < shape.readersPerClass; reader += 1)
      world.blue.apply(workload({ ...kindOf(shape), name: `reader-${spec.name}-${reader}`, envFrom: [secret] }));
  }
  await unheard(world, 660_000);
  return world;
}

function classSpec(mounted: readonly number[], index: number, secrets: number): ClassSpec {
  const name = className(index);
  const data = Object.fromEntries(mounted.map((object) => [`key-${object}`, objectName(object)]));
  const named = Array.from({ length: secrets }, (_, secret) => [`secret-${name}-${secret}`, data] as const);
  return { name, objects: mounted.map(objectName), secrets: Object.fromEntries(named) };
}

function kindOf({ kind }: SmallWorld) {
  return kind === undefined ? {} : { kind };
}

/** Lets time pass until the queue has given its last message back and every class is converged. */
export async function untilProven(world: World, classes: number): Promise<void> {
  await world.until("every class is converged", () =>
    Array.from({ length: classes }, (_, index) => world.outcome(className(index))).every(
      (said) => said === "converged",
    ),
  );
}
