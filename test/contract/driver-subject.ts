/** What the driver's contract runs on: the stand-in in virtual time, or the rig with the real driver. */

import type { Cluster } from "../../shared/ports.ts";
import type { Holdings } from "./cluster-checks.ts";

/** A cluster with two nodes, controllers and the driver. Each case has a namespace and a vault of its own. */
export interface DriverSubject {
  /** `1.5` is 1.5.6, `1.6` is 1.6.1. */
  readonly generation: "1.5" | "1.6";
  /** On: `rotationPace` says how often. */
  readonly rotation: Rotation;
  readonly namespace: string;
  /** As the bridge sees it. */
  readonly cluster: Cluster;
  readonly held: Holdings;
  readonly vault: TestVault;
  /** What containers of the namespace started with, oldest first. About half a second passes between mount and start. */
  starts(): Promise<readonly Start[]>;
  /** Reasons of the events of the namespace. */
  eventReasons(): Promise<ReadonlySet<string>>;
  /** From now on, containers that start with this value in C crash at once. */
  crash(value: string): Promise<void>;
  now(): number;
  pass(ms: number): Promise<void>;
  end(): Promise<void>;
}

export type Rotation = "off" | "on";

/** With rotation on: the driver's poll interval, and the least time between two syncs of a pod by its kubelet. */
export const rotationPace = { pollSeconds: 10, syncSeconds: 5 } as const;

export interface TestVault {
  readonly name: string;
  /** A new version; answers with its id. */
  set(object: string, value: string): string;
  /** Mounts fail while the current version is disabled. */
  disable(object: string): void;
  enable(object: string): void;
  /** How often the driver has read from it: once per object and mount. */
  reads(): number;
}

export interface Start {
  readonly pod: string;
  readonly podUid: string;
  readonly env: Readonly<Record<string, string>>;
  /** By whole path in the container. */
  readonly files: Readonly<Record<string, string>>;
}

/** `only`: the rotation that the case is about; both where it is left out. */
export type DriverCase = (what: string, run: (subject: DriverSubject) => Promise<void>, only?: Rotation) => void;
