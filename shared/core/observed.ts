/**
 * What the bridge sees in one namespace, in its own words: the product of parsing (core/kubernetes), the food of
 * `plan`. Times are milliseconds since 1970; Kubernetes gives whole seconds. Nothing here decides anything.
 */

import type { Cage } from "./kubernetes/cage.ts";
import type { ReloaderTraces } from "./kubernetes/reloader-traces.ts";
import type { ProviderClass } from "./provider-class.ts";
import type { SecretValue } from "./secret-value.ts";
import type { Target } from "./target.ts";

/** Everything read from the cluster for one target, at one moment. */
export interface Observed {
  readonly target: Target;
  /** When the last of it was read. */
  readonly at: number;
  readonly classes: readonly ProviderClass[];
  /** The synced Secrets that the classes name, by name. A name that is not here was not asked for. */
  readonly secrets: ReadonlyMap<string, SecretSeen>;
  readonly workloads: readonly Workload[];
  readonly pods: readonly Pod[];
  readonly podStatuses: readonly PodStatus[];
  /** ReplicaSets and ControllerRevisions: what `kubectl rollout undo` could go back to. Read only before a restart. */
  readonly revisions: readonly Revision[] | undefined;
  /** Markers of the workloads by uid, read after `revisions`. Read only before a restart is said to be undone. */
  readonly markersSince: ReadonlyMap<string, string | undefined> | undefined;
  readonly driver: Driver;
  /** Undefined where nobody needs to know. */
  readonly cage?: Cage | undefined;
}

export type SecretSeen =
  | { readonly kind: "present"; readonly secret: SyncedSecret }
  | { readonly kind: "missing" }
  | { readonly kind: "forbidden" };

export interface SyncedSecret {
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly type: string;
  /** Carries the label `secrets-store.csi.k8s.io/managed=true`. */
  readonly managed: boolean;
  readonly immutable: boolean;
  readonly deleting: boolean;
  readonly createdAt: number;
  readonly data: ReadonlyMap<string, SecretValue>;
  /** Who owns which data keys, from managedFields (`f:data`). */
  readonly writers: readonly SecretWriter[];
}

export interface SecretWriter {
  /** Field manager: `rotation-bridge` is ours, `csi-secrets-store` is the driver's. */
  readonly manager: string;
  readonly at: number;
  readonly keys: ReadonlySet<string>;
}

export type WorkloadKind = "Deployment" | "StatefulSet" | "DaemonSet";

export interface WorkloadRef {
  readonly kind: WorkloadKind;
  readonly name: string;
}

/** `Deployment/podinfo`: how a workload is named in maps, messages and logs. */
export function workloadKey(workload: WorkloadRef): string {
  return `${workload.kind}/${workload.name}`;
}

export interface Workload extends WorkloadRef {
  readonly uid: string;
  readonly resourceVersion: string;
  readonly generation: number;
  readonly observedGeneration: number;
  readonly deleting: boolean;
  readonly paused: boolean;
  /** What its pod template mounts and reads. */
  readonly uses: SecretUse;
  /** Text of the pod-template annotation `rotation-bridge/versions`, as found. */
  readonly marker: string | undefined;
  /** Annotation `rotation-bridge/ignore: "true"` on the workload or its pod template. */
  readonly ignored: boolean;
  /** Names that Stakater Reloader would restart it for; `all` for its auto annotation. */
  readonly reloader: ReloaderIntent | undefined;
  /** Time of the managedFields entry that owns Reloader's trace on the pod template, if there is one. */
  readonly reloaderTraceAt: number | undefined;
  /** Time of our own managedFields entry on the workload: when we last restarted it. */
  readonly restartedByUsAt: number | undefined;
  /** Replicas asked for; for a DaemonSet, nodes it should run on. */
  readonly desired: number;
  readonly rollout: RolloutStatus;
  readonly strategy: "rolling" | "recreate" | "on-delete";
  /** Pods that a rolling update may take away at a time before their successors are ready. Absent: not read. */
  readonly unavailableAtMost?: number;
  /** StatefulSet partition: ordinals below it are not updated. 0 elsewhere. */
  readonly partition: number;
  readonly minReadySeconds: number;
  readonly terminationGraceSeconds: number;
}

export type ReloaderIntent = { readonly all: true } | { readonly all: false; readonly secrets: ReadonlySet<string> };

/** The counts of `.status`, by meaning. A count that the kind does not have equals `desired`. */
export interface RolloutStatus {
  readonly total: number;
  readonly updated: number;
  readonly ready: number;
  readonly available: number;
  /** Deployment condition Progressing is False with ProgressDeadlineExceeded. */
  readonly deadlineExceeded: boolean;
  /** Deployment condition Progressing says NewReplicaSetAvailable: the rollout has been complete, whatever failed since. */
  readonly completed: boolean;
  /** Deployment condition ReplicaFailure (quota, admission): its reason, a word. */
  readonly replicaFailure: string | undefined;
  /** StatefulSet: status.currentRevision and status.updateRevision. */
  readonly currentRevision: string | undefined;
  readonly updateRevision: string | undefined;
}

/** What a pod template or a pod mounts and reads, over all its containers (init and sidecar containers too). */
export interface SecretUse {
  readonly mounts: readonly ClassMount[];
  readonly reads: readonly SecretRead[];
}

/** An inline CSI volume of the Secrets Store driver. */
export interface ClassMount {
  readonly className: string;
  /** volumeAttributes beyond `secretProviderClass`: they would override the class for this pod. */
  readonly otherAttributes: readonly string[];
}

export interface SecretRead {
  readonly secret: string;
  /** One key, or all of them (envFrom, a volume without items). */
  readonly key: string | undefined;
  /** `volume` is refreshed by the kubelet; `env` and `subPath` only by a new container. */
  readonly by: "env" | "volume" | "subPath";
  readonly optional: boolean;
}

export interface Pod {
  readonly name: string;
  readonly uid: string;
  readonly createdAt: number;
  readonly deleting: boolean;
  readonly phase: string;
  /** The controller that owns it: a workload, or whatever else made it (`Job`, `Node`, ...). Absent for a bare pod. */
  readonly owner: { readonly kind: string; readonly name: string; readonly uid: string } | undefined;
  readonly uses: SecretUse;
  /** A container of it (init containers too) has started at least once, so env has been resolved. */
  readonly started: boolean;
  readonly ready: boolean;
  /** When its Ready condition last changed. */
  readonly readyChangedAt: number | undefined;
  /** When the last of its running containers started: its env was resolved a moment before. */
  readonly lastStartedAt: number | undefined;
  /** When its last container ended, if one did. */
  readonly lastEndedAt: number | undefined;
  /** How often the container that was restarted most often was. */
  readonly restarts: number;
  /** Labels pod-template-hash or controller-revision-hash. */
  readonly revision: string | undefined;
  /** For which Secrets, and what they held, Stakater Reloader made the template that it was created from. */
  readonly reloaderTraces: ReloaderTraces;
  /** Why its containers wait or failed, in Kubernetes' words: `CrashLoopBackOff`, `ImagePullBackOff`, `Unschedulable`. No free text. */
  readonly troubles: readonly string[];
}

/** A live pod counts. One that ends or has ended neither holds a mount nor reads anything again. */
export function isLive(pod: Pod): boolean {
  return !pod.deleting && pod.phase !== "Succeeded" && pod.phase !== "Failed";
}

/** A SecretProviderClassPodStatus: what one pod has mounted of one class. */
export interface PodStatus {
  readonly name: string;
  /** From the owner reference: a StatefulSet pod's new status has the old one's name (docs/facts.md). */
  readonly podUid: string | undefined;
  readonly podName: string;
  readonly className: string;
  readonly createdAt: number;
  /** When the bridge last touched it, for the driver to make a Secret that was missing. */
  readonly touchedAt?: number | undefined;
  /** id (`secret/name`, spelled as in the class) -> version. */
  readonly versions: ReadonlyMap<string, string>;
}

export interface Revision {
  readonly kind: "ReplicaSet" | "ControllerRevision";
  readonly name: string;
  readonly uid: string;
  /** uid of the workload that owns it. */
  readonly ownerUid: string | undefined;
  /** Text of the marker in its pod template. */
  readonly marker: string | undefined;
  /** When it was last made the current one, or scaled. */
  readonly changedAt?: number | undefined;
}

/** The driver of a cluster. What is not known counts as the harder case: 1.6, rotation off. */
export interface Driver {
  readonly generation: "1.5" | "1.6" | "unknown";
  readonly rotation: "on" | "off" | "unknown";
  readonly pollIntervalMs: number;
}
