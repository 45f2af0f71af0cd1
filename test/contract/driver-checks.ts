/** What the cases of the driver's contract share: an application to play with, and waiting. */

import assert from "node:assert/strict";
import { at, listAt, textAt } from "../../local/cluster/json.ts";
import type { JsonObject } from "../../local/cluster/json.ts";
import { workloadKey } from "../../shared/core/observed.ts";
import type { SyncedSecret, Workload, WorkloadKind, WorkloadRef } from "../../shared/core/observed.ts";
import { RemoteProblem } from "../../shared/core/remote-problem.ts";
import { SecretValue } from "../../shared/core/secret-value.ts";
import { providerClass, workload } from "../scenarios/manifests.ts";
import type { WorkloadSpec } from "../scenarios/manifests.ts";
import { textOf } from "./cluster-checks.ts";
import type { DriverSubject, Start } from "./driver-subject.ts";

/** How long a case waits for something that must not happen. The driver reacts within half a second. */
export const quietMs = 3000;

export interface AppSpec extends Partial<WorkloadSpec> {
  readonly objects?: readonly string[];
  /** Key -> object, of Secret `app`. */
  readonly data?: Readonly<Record<string, string>>;
  /** Further Secrets: name -> key -> object. */
  readonly others?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** Class `app` that syncs Secret `app`, and a workload `web` of two pods that mounts it and reads its key `color` as C. */
export async function install(subject: DriverSubject, spec: AppSpec = {}): Promise<WorkloadRef> {
  const { namespace, held } = subject;
  const { objects = ["color"], data = { color: "color" }, others, kind = "Deployment", ...rest } = spec;
  await held.put("SecretProviderClass", classOf(subject, objects, { app: data, ...others }));
  const env = { C: ["app", "color"] } as const;
  const defaults = { name: "web", replicas: 2, mounts: ["app"], env };
  await held.put(kind, workload({ ...defaults, ...rest, kind, namespace }));
  return { kind, name: "web" };
}

export function classOf(
  { namespace, vault }: DriverSubject,
  objects: readonly string[],
  secrets: Readonly<Record<string, Readonly<Record<string, string>>>>,
): JsonObject & { readonly spec: JsonObject } {
  const { spec, ...object } = providerClass({ name: "app", namespace, vault: vault.name, objects, secrets });
  const json = { ...object, spec };
  assert.ok(isClass(json));
  return json;
}

function isClass(value: object): value is JsonObject & { readonly spec: JsonObject } {
  return "spec" in value && typeof value.spec === "object";
}

/** `install`, and waits until it runs and the driver has done all it does by itself. */
export async function running(subject: DriverSubject, spec: AppSpec = {}): Promise<WorkloadRef> {
  const ref = await install(subject, spec);
  await settled(subject, ref);
  await until(subject, "the Secret's owners", async () => {
    const secret = await subject.held.find("Secret", subject.namespace, "app");
    return listAt(secret, "metadata", "ownerReferences").length > 0;
  });
  return ref;
}

/** All pods of the workload are of its newest template and available, and no other is there. */
export async function settled(subject: DriverSubject, ref: WorkloadRef): Promise<void> {
  await until(subject, `the rollout of ${workloadKey(ref)}`, async () => {
    const { desired, rollout, observedGeneration, generation } = await found(subject, ref);
    const { total, updated, ready, available, currentRevision, updateRevision } = rollout;
    const pods = await subject.cluster.pods(subject.namespace);
    return (
      observedGeneration === generation &&
      desired > 0 &&
      [total, updated, ready, available, pods.length].every((count) => count === desired) &&
      currentRevision === updateRevision
    );
  });
}

export async function found(subject: DriverSubject, ref: WorkloadRef): Promise<Workload> {
  const workloads = await subject.cluster.workloads(subject.namespace);
  const one = workloads.find(({ kind, name }) => kind === ref.kind && name === ref.name);
  assert.ok(one, workloadKey(ref));
  return one;
}

/** The bridge's own restart. */
export async function restart(subject: DriverSubject, ref: WorkloadRef, marker: string): Promise<void> {
  await until(subject, "a restart", async () => {
    const { resourceVersion } = await found(subject, ref);
    await subject.cluster.restart(subject.namespace, ref, marker, resourceVersion);
    return true;
  });
}

export async function secretOf({ cluster, namespace }: DriverSubject, name: string = "app"): Promise<SyncedSecret> {
  const secret = await cluster.secret(namespace, name);
  assert.ok(secret, `Secret ${name}`);
  return secret;
}

/** Text of a key of Secret `app`; undefined where the Secret or the key is not there. */
export async function valueOf({ cluster, namespace }: DriverSubject, key: string, name: string = "app") {
  return textOf((await cluster.secret(namespace, name))?.data.get(key));
}

/** The bridge's own write of Secret `app`: with a lock, so again where the driver was faster. */
export async function write(subject: DriverSubject, data: Readonly<Record<string, string>>): Promise<SyncedSecret> {
  const values = new Map(Object.entries(data).map(([key, value]) => [key, SecretValue.fromText(value)]));
  for (;;) {
    const { resourceVersion } = await secretOf(subject);
    try {
      return await subject.cluster.writeSecret(subject.namespace, "app", values, resourceVersion);
    } catch (error) {
      if (!(error instanceof RemoteProblem && error.kind === "conflict")) throw error;
    }
  }
}

/** Touches every pod status, as the bridge does. */
export async function touchAll(subject: DriverSubject): Promise<void> {
  const { cluster, namespace } = subject;
  for (const { name } of await cluster.podStatuses(namespace)) {
    await cluster.touchPodStatus(namespace, name, subject.now());
  }
}

/** Keys by manager. */
export function writersOf(secret: SyncedSecret): Readonly<Record<string, readonly string[]>> {
  const entries = secret.writers.map(({ manager, keys }) => [manager, [...keys].sort()] as const);
  return Object.fromEntries(entries.filter(([, keys]) => keys.length > 0));
}

/** The last start of each container whose pod is there. */
export async function liveStarts(subject: DriverSubject): Promise<readonly Start[]> {
  const pods = new Set((await subject.cluster.pods(subject.namespace)).map(({ uid }) => uid));
  const last = new Map((await subject.starts()).map((start) => [start.podUid, start]));
  return [...last.values()].filter(({ podUid }) => pods.has(podUid));
}

/** Looks every 50 ms, for a minute; an error of the looking counts as no. */
export async function until(subject: DriverSubject, what: string, holds: () => Promise<boolean>): Promise<void> {
  const end = subject.now() + 60_000;
  let last: unknown;
  while (subject.now() < end) {
    try {
      if (await holds()) return;
    } catch (error) {
      last = error;
    }
    await subject.pass(50);
  }
  throw new Error(`Waited in vain for ${what}.`, { cause: last });
}

export function metadataText(object: JsonObject | undefined, key: string): string {
  return textAt(object, "metadata", key);
}

export function dataOf(object: JsonObject | undefined): unknown {
  return at(object, "data");
}

export const kinds: readonly WorkloadKind[] = ["Deployment", "StatefulSet", "DaemonSet"];
