/** One seed, from its beginning to its rest. */

import { type Act, actsOf, perform } from "./acts.ts";
import { withCertificate } from "./certificates.ts";
import { holdAtRest } from "./at-rest.ts";
import { Laws } from "./laws.ts";
import { Random } from "./random.ts";
import { type Shape, shapeOf } from "./shape.ts";
import { type BridgeCall, Sim } from "./sim.ts";
import { withStory } from "./stories.ts";
import type { Counts } from "./tally.ts";

export interface Script {
  readonly seed: number;
  readonly shape: Shape;
  readonly acts: readonly Act[];
  readonly story?: string;
}

export interface Run {
  /** Laws that did not hold, first things first. */
  readonly broken: readonly string[];
  readonly counts: Counts;
  /** Remote calls of all instances. */
  readonly steps: number;
}

/** One line of a trace, with the milliseconds since the world began. */
export type Note = (at: number, text: string) => void;

const minute = 60_000;
/** Nothing that was done lasts longer than five minutes; a message of an instance that died comes again after ten. */
const calmAfter = 11 * minute;
/** A round of the timer, and the waits of chains that back off. */
const restFor = 18 * minute;

export function scriptOf(seed: number): Script {
  const random = new Random(seed);
  const shape = shapeOf(random.fork());
  const acts = actsOf(random.fork(), shape);
  return { seed, ...withStory(seed, withCertificate(shape, acts, random.fork())) };
}

/** Plays the script to its end. Throws only for a defect of the simulation. */
export async function play(script: Script, note?: Note): Promise<Run> {
  const { seed, shape, acts, story } = script;
  const sim = new Sim(shape, new Random(seed ^ 0x5eed));
  const laws = new Laws(sim);
  sim.watcher = laws;
  if (story !== undefined) sim.tally.add(`story ${story}`);
  if (note !== undefined) sim.note = (text) => note(sim.elapsed, text);
  const last = Math.max(shape.installedAt, ...acts.map(({ at }) => at));
  const later = (at: number, run: () => void) => void sim.clock.after(at, run);
  later(shape.installedAt, () => {
    sim.note?.("the bridge is installed");
    sim.install();
  });
  for (const act of acts) later(act.at, () => perform(sim, act));
  later(last + 1, () => sim.calm());
  await sim.clock.advance(last + calmAfter);
  const calls = countCalls(sim, laws);
  // What somebody changed by hand is found when the next deep look is due, at the pass after that.
  await sim.clock.advance(restFor + sim.deepEveryMs);
  holdAtRest(sim, laws, calls);
  sim.stop();
  sim.tally.add("proofs of converged", laws.certain);
  return { broken: laws.broken, counts: sim.tally.counts(), steps: sim.steps };
}

/** Of each namespace, from now on. */
function countCalls(sim: Sim, laws: Laws): ReadonlyMap<string, number> {
  const calls = new Map<string, number>();
  const calling = (call: BridgeCall) => {
    calls.set(call.namespace, (calls.get(call.namespace) ?? 0) + 1);
    laws.calling(call);
  };
  sim.watcher = { said: (line) => laws.said(line), calling, called: (call) => laws.called(call) };
  return calls;
}
