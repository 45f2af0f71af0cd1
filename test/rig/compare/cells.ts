/** The ways of carrying a new version that are compared, each on the drivers and rotation modes it is used with. */

import { type Mode, modeName } from "../scenarios/scenario.ts";

/**
 * `watcher`: the driver rotates, and a watcher restarts what reads the Secret when it changes (what Stakater Reloader
 * does; it is not Reloader). `by-hand`: somebody restarts when the version is there, and writes nothing. `idle`: nothing
 * ever changes; only the vault's requests are counted.
 */
export type Way = "watcher" | "by-hand" | "bridge" | "idle";

export interface Cell {
  /** As `watcher-156-on`: part of names of namespaces, vaults and queues. */
  readonly id: string;
  readonly way: Way;
  readonly mode: Mode;
}

const off156: Mode = { driver: "1.5.6", rotation: "off" };
const on156: Mode = { driver: "1.5.6", rotation: "on" };
const off161: Mode = { driver: "1.6.1", rotation: "off" };
const on161: Mode = { driver: "1.6.1", rotation: "on" };

const ways: readonly (readonly [Way, readonly Mode[]])[] = [
  ["watcher", [on156, on161]],
  ["by-hand", [off156, off161]],
  ["bridge", [off156, on156, off161, on161]],
  ["idle", [off156, on156, off161, on161]],
];

export const cells: readonly Cell[] = ways.flatMap(([way, modes]) =>
  modes.map((mode) => ({ id: `${way}-${modeName(mode).replaceAll(".", "")}`, way, mode })),
);

/** What a reader of a table must know of the way, in a few words. */
export const wayNames: Readonly<Record<Way, string>> = {
  watcher: "driver rotates, Secret watcher restarts (stand-in for Reloader)",
  "by-hand": "restart by hand, nothing written",
  bridge: "Rotation Bridge",
  idle: "nothing changes",
};

/** `1.6.1, rotation on`. */
export function modeWords({ driver, rotation }: Mode): string {
  return `${driver}, rotation ${rotation}`;
}
