/** What an acceptance scenario on the rig is, and the modes of the driver in which it runs. */

import type { DriverVersion } from "../go-build.ts";
import type { Scene } from "./scene.ts";

export interface Mode {
  readonly driver: DriverVersion;
  readonly rotation: "off" | "on";
}

export const modes: readonly Mode[] = [
  { driver: "1.5.6", rotation: "off" },
  { driver: "1.5.6", rotation: "on" },
  { driver: "1.6.1", rotation: "off" },
  { driver: "1.6.1", rotation: "on" },
];

/** `1.6.1-off`. */
export function modeName({ driver, rotation }: Mode): string {
  return `${driver}-${rotation}`;
}

export interface Scenario {
  /** The scenario's number in the acceptance list, as `B12d`. */
  readonly id: string;
  /** What happens and what must come of it, in a few words; tells scenarios of one number apart. */
  readonly title: string;
  /** Modes in which it means something; all where left out. */
  readonly in?: (mode: Mode) => boolean;
  /** Its namespace; one of its own where left out. Further ones: `scene.space`. */
  readonly namespace?: string;
  /** Lines of YAML at the top of the map. With them, or with `own`, it has an app of its own. */
  readonly map?: string;
  /** An app of its own, by way of a front that can step in, and with a table of chains of its own. */
  readonly own?: boolean;
  readonly env?: Readonly<Record<string, string>>;
  /** How soon the queue gives a failed message again, where the app's own 30 s are too long to wait. */
  readonly failedAgainAfter?: string;
  /** Seconds that it takes about: the longest begin first. */
  readonly seconds?: number;
  readonly run: (scene: Scene) => Promise<void>;
}
