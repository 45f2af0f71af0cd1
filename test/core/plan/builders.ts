/**
 * Observed data in the fewest words: one class per call of `classOf`, and around it the Secrets, workloads, pods and
 * pod statuses of a namespace in which everything is as it should be. Times are milliseconds since 1970.
 */

import { fieldManager, formatMarker } from "../../../shared/core/marker.ts";
import { emptyMemory } from "../../../shared/core/memory.ts";
import type {
  Driver,
  Observed,
  Pod,
  PodStatus,
  SecretRead,
  SecretWriter,
  SyncedSecret,
  Workload,
  WorkloadKind,
} from "../../../shared/core/observed.ts";
import type { PlanInput, VaultView } from "../../../shared/core/plan/plan-types.ts";
import { defaultTimeouts } from "../../../shared/core/policy.ts";
import type { TargetPolicy } from "../../../shared/core/policy.ts";
import type { ProviderClass } from "../../../shared/core/provider-class.ts";
import { SecretValue } from "../../../shared/core/secret-value.ts";
import { objectKey } from "../../../shared/core/vault-object.ts";
import type { ObjectVersion, VaultObject } from "../../../shared/core/vault-object.ts";

export const second = 1000;
export const minute = 60 * second;
export const hour = 60 * minute;
export const noon = Date.UTC(2026, 0, 1, 12);

export function secretObject(name: string): VaultObject {
  return { vault: "contoso", type: "secret", name };
}

/** The current version of the object `name`, with the value `<name>-value`. */
export function versionOf(name: string, createdOn: number): ObjectVersion {
  const value = SecretValue.fromText(`${name}-value`);
  return {
    version: `v-${name}`,
    createdOn,
    value,
    contentType: undefined,
    keyId: undefined,
    notBefore: undefined,
    expiresOn: undefined,
  };
}

/** `secrets`: Secret name -> key -> object name. */
export function classOf(
  name: string,
  objects: readonly string[],
  secrets: Readonly<Record<string, Readonly<Record<string, string>>>>,
): ProviderClass {
  return {
    namespace: "default",
    name,
    deleting: false,
    changedAt: 0,
    ignored: false,
    provider: "azure",
    content: {
      ok: true,
      vault: "contoso",
      objects: objects.map((object) => ({
        object: secretObject(object),
        id: `secret/${object}`,
        path: object,
        pin: undefined,
        encoding: "utf-8",
        format: "",
        history: 0,
        mode: 420,
      })),
      secretObjects: Object.entries(secrets).map(([secretName, data]) => ({
        secretName,
        type: "Opaque",
        data: Object.entries(data).map(([key, objectName]) => ({ key, objectName })),
        error: undefined,
      })),
    },
  };
}

export function writer(manager: string, at: number, ...keys: readonly string[]): SecretWriter {
  return { manager, at, keys: new Set(keys) };
}

export const ours = fieldManager;
export const drivers = "csi-secrets-store";

/** A synced Secret as the driver made it. */
export function syncedSecret(
  name: string,
  data: Readonly<Record<string, string>>,
  changes: Partial<SyncedSecret> = {},
): SyncedSecret {
  return {
    name,
    uid: `uid-${name}`,
    resourceVersion: "1",
    type: "Opaque",
    managed: true,
    immutable: false,
    deleting: false,
    createdAt: noon,
    data: new Map(Object.entries(data).map(([key, text]) => [key, SecretValue.fromText(text)])),
    writers: [writer(drivers, noon, ...Object.keys(data))],
    ...changes,
  };
}

export function envRead(secret: string, key?: string): SecretRead {
  return { secret, key, by: "env", optional: false };
}

/** A pod that runs and is ready since two seconds after its creation. */
export function pod(name: string, createdAt: number, changes: Partial<Pod> = {}): Pod {
  return {
    name,
    uid: `uid-${name}`,
    createdAt,
    deleting: false,
    phase: "Running",
    owner: undefined,
    uses: { mounts: [], reads: [] },
    started: true,
    ready: true,
    readyChangedAt: createdAt + 2 * second,
    lastStartedAt: createdAt + second,
    lastEndedAt: undefined,
    restarts: 0,
    revision: undefined,
    reloaderTraces: new Map(),
    troubles: [],
    ...changes,
  };
}

export interface WorkloadWish {
  readonly kind: WorkloadKind;
  readonly name: string;
  readonly pods: number;
  readonly mounts: readonly string[];
  readonly reads: readonly SecretRead[];
  /** When its pods were created. */
  readonly startedAt: number;
  /** Versions that its marker names; none: it carries no marker. */
  readonly marked: readonly { readonly name: string; readonly createdOn: number }[];
}

/** A workload whose rollout is complete, and its pods. */
export function workloadWithPods(wish: WorkloadWish): { readonly workload: Workload; readonly pods: readonly Pod[] } {
  const uses = { mounts: wish.mounts.map((className) => ({ className, otherAttributes: [] })), reads: wish.reads };
  const entries = new Map(
    wish.marked.map(({ name, createdOn }) => [objectKey(secretObject(name)), { version: `v-${name}`, createdOn }]),
  );
  const count = wish.pods;
  const workload: Workload = {
    kind: wish.kind,
    name: wish.name,
    uid: `uid-${wish.name}`,
    resourceVersion: "1",
    generation: 2,
    observedGeneration: 2,
    deleting: false,
    paused: false,
    uses,
    marker: entries.size === 0 ? undefined : formatMarker({ entries, attempt: 1 }),
    ignored: false,
    reloader: undefined,
    reloaderTraceAt: undefined,
    restartedByUsAt: entries.size === 0 ? undefined : wish.startedAt,
    desired: count,
    rollout: {
      total: count,
      updated: count,
      ready: count,
      available: count,
      deadlineExceeded: false,
      completed: true,
      replicaFailure: undefined,
      currentRevision: wish.kind === "StatefulSet" ? "r1" : undefined,
      updateRevision: wish.kind === "StatefulSet" ? "r1" : undefined,
    },
    strategy: "rolling",
    partition: 0,
    minReadySeconds: 0,
    terminationGraceSeconds: 30,
  };
  const deployment = wish.kind === "Deployment";
  const owner = {
    kind: deployment ? "ReplicaSet" : wish.kind,
    name: deployment ? `${wish.name}-r1` : wish.name,
    uid: `uid-owner-${wish.name}`,
  };
  const pods = Array.from({ length: count }, (_, index) =>
    pod(`${wish.name}-${index}`, wish.startedAt, { owner, uses, revision: "r1" }),
  );
  return { workload, pods };
}

/** What a pod shows to have mounted of a class: the current version of each object. */
export function podStatus(of: Pod, className: string, objects: readonly string[]): PodStatus {
  return {
    name: `${of.name}-default-${className}`,
    podUid: of.uid,
    podName: of.name,
    className,
    createdAt: of.createdAt,
    versions: new Map(objects.map((object) => [`secret/${object}`, `v-${object}`])),
  };
}

export function driverOf(generation: Driver["generation"], rotation: Driver["rotation"]): Driver {
  return { generation, rotation, pollIntervalMs: 2 * minute };
}

export function policyOf(changes: Partial<TargetPolicy> = {}): TargetPolicy {
  return {
    mode: "act",
    writesStopped: false,
    needsCage: false,
    vaults: new Set(["contoso"]),
    settleMs: 2000,
    settleAtMostMs: 10_000,
    newObjects: "wait",
    assumeMountable: new Set(),
    replaceUnproven: new Set(),
    restart: "auto",
    restartByWorkload: new Map(),
    driver: {},
    discovery: true,
    links: [],
    timeouts: defaultTimeouts,
    ...changes,
  };
}

/** The vault answers each of these objects with its current version; nothing is known of versions before. */
export function vaultView(objects: ReadonlyMap<string, number>): VaultView {
  const answers = new Map(
    [...objects].map(([name, createdOn]) => [
      objectKey(secretObject(name)),
      { ok: true, current: versionOf(name, createdOn) } as const,
    ]),
  );
  return { answers, lists: new Map(), versions: new Map(), before: new Map(), earlier: new Map() };
}

export function planInput(observed: Observed, vault: VaultView, changes: Partial<PlanInput> = {}): PlanInput {
  return {
    observed,
    vault,
    policy: policyOf(),
    scope: "all",
    memory: emptyMemory,
    problems: new Map(),
    now: observed.at,
    ...changes,
  };
}
