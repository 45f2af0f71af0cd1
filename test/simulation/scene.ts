/** What a story (stories.ts) is told with. */

import type { WorkloadSpec } from "../scenarios/manifests.ts";
import type { Params } from "./acts.ts";
import { objectNames } from "./names.ts";
import type { Random } from "./random.ts";
import type { Shape } from "./shape.ts";
import type { OddClassSpec, Space } from "./space.ts";

export const second = 1000;
export const minute = 60_000;

export interface Scene {
  readonly shape: Shape;
  readonly space: Space;
  readonly random: Random;
  /** What follows begins at this time, in milliseconds from the world's start. */
  readonly from: (at: number) => void;
  /** Adds an act, so many seconds after the one that was added before. */
  readonly next: (from: number, to: number, kind: string, params?: Params) => void;
}

/** The world with what the story needs. */
export interface Told {
  readonly space: Space;
  readonly shape?: Partial<Shape>;
}

export type Story = (scene: Scene) => Told;

/** The space with a class and what uses it. */
export function withMore(space: Space, made: OddClassSpec, workloads: readonly WorkloadSpec[]): Space {
  return { ...space, classes: [...space.classes, made], workloads: [...space.workloads, ...workloads] };
}

/** One of the first class. */
export function objectOf(space: Space, random: Random): string {
  const names = space.classes[0]?.objects.filter((one) => typeof one === "string") ?? [];
  return random.pick(names.length > 0 ? names : objectNames);
}
