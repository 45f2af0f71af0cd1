/**
 * The outside world in our words. Adapters and the stand-ins of local/ implement these; the product knows nothing
 * else. Every call ends by itself within its adapter's time-out and throws a RemoteProblem when it fails.
 */

import type { ByHand } from "./core/by-hand.ts";
import type { Cage } from "./core/kubernetes/cage.ts";
import type { Driver, Pod, PodStatus, Revision, SyncedSecret, Workload, WorkloadRef } from "./core/observed.ts";
import type { ProviderClass } from "./core/provider-class.ts";
import type { SecretValue } from "./core/secret-value.ts";
import type {
  ListedAnswer,
  ObjectType,
  ObjectVersion,
  VaultAnswer,
  VaultObject,
  VersionAnswer,
  VersionListAnswer,
} from "./core/vault-object.ts";
import type { Scope, TargetMessage } from "./core/message.ts";
import type { Target } from "./core/target.ts";

/** Time and chance. Simulations step it; nothing in shared/ asks the system for either. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  sleep(ms: number): Promise<void>;
  /** A fresh id, for chains. */
  id(): string;
}

/** All vaults that the map names. Asking for another one is a programmer's error: check the map first. */
export interface Vault {
  /** What is current, or, with `pin`, that version. Never cached. Problems are answers; it throws only for a defect. */
  current(object: VaultObject, pin?: string): Promise<VaultAnswer>;
  /** What the vault says of one version id. May be cached: a version's date and bytes never change. */
  version(object: VaultObject, version: string): Promise<VersionAnswer>;
  /** All versions, disabled ones too, as the vault lists them now. Never cached. */
  versions(object: VaultObject): Promise<VersionListAnswer>;
  /** The version created before this one, with its value; undefined if there is none or it can't be read. */
  before(object: VaultObject, version: string): Promise<ObjectVersion | undefined>;
  /**
   * When the current versions of these objects were created: from the vault's list of all its objects of the type, one
   * request for 25 of them, at most `atMostRequests`. Names in lower case. Never cached; gives no value.
   */
  listed(vault: string, type: ObjectType, names: ReadonlySet<string>, atMostRequests: number): Promise<ListedAnswer>;
}

/** One cluster. Namespaced lists are read whole, in pages. */
export interface Cluster {
  /** Where to look: all classes of the cluster (of the mapped namespaces). May be an index that is caught up before use. */
  index(): Promise<readonly ProviderClass[]>;
  classes(namespace: string): Promise<readonly ProviderClass[]>;
  workloads(namespace: string): Promise<readonly Workload[]>;
  pods(namespace: string): Promise<readonly Pod[]>;
  podStatuses(namespace: string): Promise<readonly PodStatus[]>;
  /** `kinds`: both where it is left out. */
  revisions(namespace: string, kinds?: readonly Revision["kind"][]): Promise<readonly Revision[]>;
  secret(namespace: string, name: string): Promise<SyncedSecret | undefined>;
  /** What can be read of the driver (CSIDriver object, DaemonSet); "unknown" where it can't. */
  driver(): Promise<Driver>;
  /** Does the cage stand around the identity that signs in? A yes may be some minutes old. */
  cage(): Promise<Cage>;
  /**
   * Merge patch of `data` keys, field manager `rotation-bridge`, locked by resourceVersion. Never creates (404 is
   * `not-found`), never touches anything but the given keys. Answers with the Secret as it is now.
   */
  writeSecret(
    namespace: string,
    name: string,
    data: ReadonlyMap<string, SecretValue>,
    resourceVersion: string,
  ): Promise<SyncedSecret>;
  /** Merge patch of the pod-template annotation `rotation-bridge/versions`, locked by resourceVersion. */
  restart(namespace: string, workload: WorkloadRef, marker: string, resourceVersion: string): Promise<Workload>;
  /** Annotates a pod status, so that the driver reconciles that pod at once (docs/facts.md). */
  touchPodStatus(namespace: string, name: string, at: number): Promise<void>;
}

/** The queue `rotations`. Delays are whole seconds; the adapter rounds up. */
export interface WorkQueue {
  send(message: TargetMessage, delayMs: number): Promise<void>;
}

/**
 * Which chain of messages goes on for a target, and what it looks after. Losing it costs work, never correctness:
 * `chain` answers undefined when it knows nothing, and nobody stops then. It never throws.
 *
 * And what one run saw that nothing in the cluster tells any later one: restarts whose pods may have started while old
 * bytes were in the Secret. It outlives a crash, and chains that replace each other.
 */
export interface History {
  chain(target: Target): Promise<ChainRecord | undefined>;
  keepChain(target: Target, record: ChainRecord): Promise<void>;
  /** The chain has ended; a newer one that has taken its place stays. */
  endChain(target: Target, chain: string): Promise<void>;
  /** `Memory.reverted` as any run has noted it; empty when nothing is known. */
  reverted(target: Target): Promise<readonly string[]>;
  /** Takes the place of what was known. */
  keepReverted(target: Target, restarts: readonly string[]): Promise<void>;
}

export interface ChainRecord {
  readonly chain: string;
  readonly scope: Scope;
  /** See `TargetMessage.byHand`. */
  readonly byHand?: ByHand;
}

/** One JSON object a line. Fields hold names, versions, reasons and counts; never a value, never an SDK's error. */
export interface Log {
  info(event: string, fields: LogFields): void;
  warn(event: string, fields: LogFields): void;
  error(event: string, fields: LogFields): void;
}

export type LogFields = Readonly<Record<string, string | number | boolean | undefined | readonly string[]>>;
