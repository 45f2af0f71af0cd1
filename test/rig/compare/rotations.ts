/** The versions of one namespace, one after the other, at random moments. */

import { setTimeout as sleep } from "node:timers/promises";
import { eventOf, newVersion, replicas, restart, className } from "./application.ts";
import type { Cell } from "./cells.ts";
import type { Field } from "./field.ts";
import { podsRight, type Round } from "./sample.ts";
import type { Settings } from "./settings.ts";

/** A round, whose end is known when the next begins. */
export interface Begun extends Omit<Round, "endedAt"> {
  readonly round: number;
  endedAt: number | undefined;
  /** Last word of the bridge; null for other ways. */
  outcome: string | null;
}

/** `settled` is told after each round. */
export async function rotateAll(
  field: Field,
  cell: Cell,
  space: string,
  settings: Settings,
  settled: (begun: Begun) => void,
): Promise<readonly Begun[]> {
  const all: Begun[] = [];
  for (let round = 1; round <= settings.rounds; round += 1) {
    await sleep((settings.quietSeconds + Math.random() * settings.randomSeconds) * 1000);
    const now = Date.now();
    const last = all.at(-1);
    if (last !== undefined) last.endedAt = now;
    const begun: Begun = { round, value: `db-${round}`, createdAt: now, endedAt: undefined, outcome: null };
    all.push(begun);
    await carry(field, cell, space, begun);
    await untilSettled(field, cell, space, begun, settings.patienceSeconds * 1000);
    if (cell.way === "bridge") begun.outcome = outcomeOf(field, space) ?? "none";
    settled(begun);
  }
  return all;
}

async function carry(field: Field, cell: Cell, space: string, { value }: Begun): Promise<void> {
  const version = newVersion(field.vault, space, value);
  if (cell.way === "bridge") await field.app?.deliver(eventOf(space, version));
  if (cell.way === "by-hand") await restart(field.rig, space);
}

async function untilSettled(field: Field, cell: Cell, space: string, begun: Begun, patienceMs: number): Promise<void> {
  const before = field.app?.said("outcome").length ?? 0;
  const settled = () => {
    const history = field.observer.history(space);
    if (cell.way === "by-hand") {
      const live = history.pods.filter(({ until }) => until === undefined);
      const started = new Set(history.starts.map(({ podUid }) => podUid));
      return live.length === replicas && live.every(({ uid, from }) => from > begun.createdAt && started.has(uid));
    }
    const right = podsRight(history, Date.now(), begun.value, replicas);
    return right && (cell.way !== "bridge" || outcomeOf(field, space, before) === "converged");
  };
  while (!settled() && Date.now() - begun.createdAt < patienceMs) {
    await field.check();
    await sleep(500);
  }
}

function outcomeOf(field: Field, space: string, from: number = 0): string | undefined {
  const last = field.app
    ?.said("outcome")
    .slice(from)
    .findLast((line) => line["target"] === `rig/${space}` && line["class"] === className);
  if (last === undefined) return undefined;
  const { outcome, reason } = last;
  return typeof reason === "string" ? `${String(outcome)}(${reason})` : String(outcome);
}
