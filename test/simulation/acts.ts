/** Everything that chance can do to a world, each with its weight. An act is plain data, so that a run can be told and cut down. */

import { certificateActs } from "./certificates.ts";
import { classActs } from "./acts-class.ts";
import { personActs } from "./acts-person.ts";
import { secretActs } from "./acts-secret.ts";
import { clusterActs } from "./acts-cluster.ts";
import { remoteActs } from "./acts-remote.ts";
import { vaultActs } from "./acts-vault.ts";
import { storyActs } from "./story-acts.ts";
import type { Random } from "./random.ts";
import type { Shape } from "./shape.ts";
import type { Sim } from "./sim.ts";

export type Params = Readonly<Record<string, string | number>>;

export interface ActKind {
  readonly weight: number;
  /** Draws what it is done to; undefined where the shape has nothing of that kind. */
  readonly pick: (random: Random, shape: Shape) => Params | undefined;
  /** Whatever it meets (an object that is gone) is no reason to throw. */
  readonly run: (sim: Sim, params: Params) => void;
}

/** `at`: milliseconds from the start. */
export interface Act {
  readonly at: number;
  readonly kind: string;
  readonly params: Params;
}

export const actKinds: ReadonlyMap<string, ActKind> = new Map(
  [personActs, classActs, secretActs, clusterActs, remoteActs, vaultActs, certificateActs, storyActs].flatMap((kinds) =>
    Object.entries(kinds),
  ),
);

const minute = 60_000;

/** Between eight and thirty acts within eight minutes of the installation, new versions among them. */
export function actsOf(random: Random, shape: Shape): readonly Act[] {
  const from = minute / 2;
  const to = shape.installedAt + 8 * minute;
  const acts: Act[] = [];
  const add = (kind: string, at: number) => {
    const params = actKinds.get(kind)?.pick(random, shape);
    if (params !== undefined) acts.push({ at, kind, params });
  };
  const versions = random.int(2, 4);
  for (let count = 0; count < versions; count += 1) add("new-version", random.int(from, to));
  const weights = [...actKinds].map(([kind, { weight }]) => [kind, weight] as const);
  const others = random.int(6, 26);
  for (let count = 0; count < others; count += 1) {
    // Half of them meet a version on its way.
    const near = acts[random.int(0, acts.length - 1)]?.at ?? from;
    add(random.weighted(weights), random.chance(0.5) ? near + random.int(0, 30_000) : random.int(from, to));
  }
  return acts.sort((one, other) => one.at - other.at);
}

/** Runs it now. */
export function perform(sim: Sim, act: Act): void {
  sim.tally.add(`act ${act.kind}`);
  sim.note?.(`> ${act.kind} ${JSON.stringify(act.params)}`);
  actKinds.get(act.kind)?.run(sim, act.params);
}
