/**
 * Stories: a few things that people do one after another, in three of ten worlds, with the classes and workloads
 * that they need. Chance alone puts them together once in thousands of worlds. They are drawn apart from everything
 * else, so that the other worlds, and all other acts, stay as they are.
 */

import type { Act } from "./acts.ts";
import { Random } from "./random.ts";
import { type Scene, second, type Story } from "./scene.ts";
import type { Shape } from "./shape.ts";
import { newObjects, pinnedAndFollowed, turnedKey } from "./stories-class.ts";
import { beforeTheBridge, byHand } from "./stories-person.ts";
import { madeAnew, oddVault, partsOfTwo } from "./stories-vault.ts";

const share = 0.3;
/** Under it no seed that was kept before there were stories has one. */
const salt = 0xcc_bbcf;

const stories: readonly (readonly [Story, number])[] = [
  [turnedKey, 4],
  [newObjects, 8],
  [byHand, 4],
  [beforeTheBridge, 3],
  [pinnedAndFollowed, 5],
  [oddVault, 5],
  [madeAnew, 3],
  [partsOfTwo, 5],
];

/** All that 3,000 seeds must tell. */
export const storyNames: readonly string[] = stories.map(([{ name }]) => name);

interface World {
  readonly shape: Shape;
  readonly acts: readonly Act[];
  /** Its name. */
  readonly story?: string;
}

/** Adds a story to some worlds. */
export function withStory(seed: number, { shape, acts }: World): World {
  const random = new Random(seed ^ salt);
  if (!random.chance(share)) return { shape, acts };
  const story = random.weighted(stories);
  const space = shape.spaces.find(({ mapped, flows }) => mapped && flows);
  if (space === undefined) return { shape, acts };
  let at = shape.installedAt + random.int(10, 300) * second;
  const more: Act[] = [];
  const next: Scene["next"] = (from, to, kind, params = {}) => {
    at += random.int(from * second, to * second);
    more.push({ at, kind, params: { namespace: space.namespace, ...params } });
  };
  const from = (start: number) => {
    at = start;
  };
  const told = story({ shape, space, random, from, next });
  // Such a world is no larger than the others: it has no other namespace, and fewer of the other acts.
  const others = acts.filter(({ params: { namespace = space.namespace } }) => namespace === space.namespace);
  return {
    shape: { ...shape, ...told.shape, spaces: [told.space] },
    acts: [...others.filter(() => random.chance(0.8)), ...more].sort((one, other) => one.at - other.at),
    story: story.name,
  };
}
