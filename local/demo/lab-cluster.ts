/** What the demo needs of a cluster with the workshop in it, whoever brings it: `local-clusters.ts`, or a real one. */

import type { JsonObject } from "../cluster/json.ts";
import type { VaultStore } from "../key-vault/vault-store.ts";

export type LabKind = "Deployment" | "Pod" | "Secret" | "SecretProviderClassPodStatus";

export interface LabChange {
  readonly type: "ADDED" | "MODIFIED" | "DELETED";
  readonly object: JsonObject;
}

export interface LabCluster {
  /** The driver's version, as people call it. */
  readonly driver: string;
  /** Where the bridge finds its API server, and the bearer token it shows there. */
  readonly server: string;
  readonly token: string;
  /** PEM that the server's certificate is checked with, where it has one. */
  readonly ca?: string;
  /** Commands for a person who wants to look at it; `tokenFile` holds the token. */
  readonly lookAround: (tokenFile: string) => readonly string[];
  /** Objects of the workshop's namespace as they are now. */
  objects(kind: LabKind): readonly JsonObject[];
  /** Tells of every change from now on; `objects` knows it already. */
  watch(kind: LabKind, tell: (change: LabChange) => void): void;
  /** Container starts of the workshop so far, the oldest first. */
  starts(): readonly LabStart[];
  /** What the pod has in its mounted file `color`. */
  mountedColour(pod: string): string | undefined;
  /** `kubectl rollout restart` of the workshop. */
  restart(): Promise<void>;
  /** May be called twice. */
  stop(): Promise<void>;
}

export interface LabStart {
  readonly podUid: string;
  /** `color` in the container's environment. */
  readonly colour: string | undefined;
}

export interface ClusterOrder {
  readonly name: string;
  /** One of {@link LabClusters.drivers}. */
  readonly driver: string;
  /** The vault that its driver reads. */
  readonly vault: VaultStore;
  /** For what takes long. */
  readonly progress: (line: string) => void;
  /** Starting ends early with it; so does the demo with what is told to `fail` later on. */
  readonly signal: AbortSignal;
  readonly fail: (problem: Error) => void;
}

/** Clusters of one sort. */
export interface LabClusters {
  /** The first is that of the bridge's cluster where nobody says another. */
  readonly drivers: readonly [string, ...string[]];
  /** That of the cluster without the bridge. */
  readonly driverByHand: string;
  /** What there is on this machine now, and how it differs from production; a line each. */
  readonly introduction: (driver: string) => readonly string[];
  readonly differences: string;
  /** Resolves once the workshop is applied. Throws a `DemoProblem` for what a person can mend, and leaves nothing. */
  start(order: ClusterOrder): Promise<LabCluster>;
}
