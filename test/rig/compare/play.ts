/** Plays all cells of one mode side by side, and says what came of it. */

import { setTimeout as sleep } from "node:timers/promises";
import { modeName } from "../scenarios/scenario.ts";
import { objects, replicas } from "./application.ts";
import type { Cell } from "./cells.ts";
import { type Field, spacesOf } from "./field.ts";
import type { Sample, VaultRequests } from "./results.ts";
import { type Begun, rotateAll } from "./rotations.ts";
import { outcomeOf } from "./sample.ts";
import type { Settings } from "./settings.ts";

export interface Played {
  readonly samples: readonly Sample[];
  readonly steady: VaultRequests["steady"];
  readonly looks: VaultRequests["looks"];
}

/** `begun` is when the run began; `settled` hears of each version, before its time is over. */
export async function play(
  field: Field,
  settings: Settings,
  begun: number,
  settled: (cell: Cell, sample: Sample) => void,
): Promise<Played> {
  const from = Date.now() + settings.quietSeconds * 1000;
  const own = settings.cells.filter((cell) => modeName(cell.mode) === modeName(field.mode));
  const spaces = own
    .filter(({ way }) => way !== "idle")
    .flatMap((cell) => spacesOf(cell, settings).map((space, index) => ({ cell, space, namespace: index + 1 })));
  const [played] = await Promise.all([
    Promise.all(
      spaces.map(async (place) => {
        const all = await rotateAll(field, place.cell, place.space, settings, (round) =>
          settled(place.cell, sampleOf(field, place, round, begun)),
        );
        return { place, all };
      }),
    ),
    shiftPolls(field, settings),
    // Without versions of its own, a mode's idle cell is counted for a while all the same.
    sleep(settings.quietSeconds * 2000),
  ]);
  await field.observer.refresh();
  await field.check();
  const until = Date.now();
  const steady = own
    .filter(({ way }) => way === "idle")
    .flatMap((cell) => spacesOf(cell, settings))
    .map((space) => ({
      mode: field.mode,
      pods: replicas,
      objects: objects.length,
      minutes: (until - from) / 60_000,
      requests: field.vaults.get(space)?.asked(from, until).driver ?? 0,
    }));
  const guarded = own.filter(({ way }) => way === "bridge").flatMap((cell) => spacesOf(cell, settings));
  const samples = played.flatMap(({ place, all }) => all.map((round) => sampleOf(field, place, round, begun)));
  return { samples, steady, looks: await lookOnce(field, guarded) };
}

/** Nodes of a real cluster start at any time. The rig's drivers start together, and driver 1.5 polls by its own start. */
async function shiftPolls(field: Field, settings: Settings): Promise<void> {
  if (field.mode.rotation === "off" || field.mode.driver !== "1.5.6") return;
  await sleep(Math.random() * Math.min(settings.randomSeconds, settings.quietSeconds - 20) * 1000);
  await field.rig.restartDriver("node2");
}

/** The timer, once. */
async function lookOnce(field: Field, spaces: readonly string[]): Promise<VaultRequests["looks"]> {
  if (field.app === undefined) return [];
  const from = Date.now();
  await field.app.timer();
  const until = Date.now();
  const requests = spaces.map((space) => field.vaults.get(space)?.asked(from, until).bridge ?? 0);
  const count = requests.reduce((sum, one) => sum + one, 0);
  return [{ mode: field.mode, namespaces: spaces.length, objects: spaces.length * objects.length, requests: count }];
}

interface Place {
  readonly cell: Cell;
  readonly space: string;
  readonly namespace: number;
}

function sampleOf(field: Field, { cell, space, namespace }: Place, round: Begun, begun: number): Sample {
  const endedAt = round.endedAt ?? Date.now();
  const outcome = outcomeOf(field.observer.history(space), { ...round, endedAt }, replicas);
  return {
    cell: cell.id,
    way: cell.way,
    mode: cell.mode,
    namespace,
    round: round.round,
    createdAt: Math.round((round.createdAt - begun) / 100) / 10,
    watchedMs: endedAt - round.createdAt,
    secretMs: outcome.secretMs ?? null,
    podsMs: outcome.podsMs ?? null,
    reverts: outcome.reverts,
    starts: outcome.starts,
    wrongStarts: outcome.wrongStarts,
    outcome: round.outcome,
    vault: field.vaults.get(space)?.asked(round.createdAt, endedAt) ?? { driver: 0, bridge: 0 },
  };
}
