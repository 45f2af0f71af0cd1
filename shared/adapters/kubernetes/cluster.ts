/**
 * One Kubernetes cluster behind the Cluster port. Loaded late by the app: @kubernetes/client-node, which only this
 * folder imports, costs some 150 ms.
 */

import { parsePodStatus } from "../../core/kubernetes/parse-pod-status.ts";
import { parsePod } from "../../core/kubernetes/parse-pod.ts";
import { parseRevision } from "../../core/kubernetes/parse-revision.ts";
import { parseSecret } from "../../core/kubernetes/parse-secret.ts";
import { parseWorkload } from "../../core/kubernetes/parse-workload.ts";
import { markerAnnotation, touchAnnotation } from "../../core/marker.ts";
import { kubernetesNamePattern } from "../../core/names.ts";
import type { Revision, WorkloadKind } from "../../core/observed.ts";
import { parseProviderClass } from "../../core/parse-provider-class.ts";
import { RemoteProblem } from "../../core/remote-problem.ts";
import type { SecretValue } from "../../core/secret-value.ts";
import type { Clock, Cluster } from "../../ports.ts";
import type { KubernetesAddress } from "./address.ts";
import { createApi } from "./api.ts";
import { createCageFacts } from "./cage-facts.ts";
import { createCaller } from "./caller.ts";
import { createClassIndex } from "./class-index.ts";
import { connect } from "./connection.ts";
import { createDriverFacts } from "./driver-facts.ts";
import { defaultLimits } from "./retry.ts";
import type { RetryLimits } from "./retry.ts";
import type { TokenSource } from "./token.ts";

export interface KubernetesOptions extends KubernetesAddress {
  /** Asked before every request. Absent only with a client certificate, or for a stand-in that asks for no token. */
  readonly token?: TokenSource | undefined;
  readonly clock: Clock;
  /** Namespaces whose classes the index holds; absent: all, which needs a cluster-wide list of classes. */
  readonly indexNamespaces?: readonly string[] | undefined;
  readonly limits?: Partial<RetryLimits> | undefined;
  /** Objects in a page of a list. Default 500. */
  readonly pageSize?: number | undefined;
  /** So many classes are listed at each use of the index; more of them are watched. Default 500. */
  readonly listUpTo?: number | undefined;
  /** How long a watch of the index must be silent to count as caught up, in milliseconds. Default 100. */
  readonly quietMs?: number | undefined;
}

export interface KubernetesCluster extends Cluster {
  /** Ends all connections; what still runs fails. */
  close(): Promise<void>;
}

/** Throws at once, with a sentence for a person, if the address breaks the rules of address.ts. */
export function createKubernetesCluster(options: KubernetesOptions): KubernetesCluster {
  const { clock, token } = options;
  const connection = connect(options);
  const caller = createCaller({ connection, token, clock, limits: { ...defaultLimits, ...options.limits } });
  const api = createApi(connection, caller, { pageSize: options.pageSize ?? 500, quietMs: options.quietMs ?? 100 });
  const scopes: readonly (string | undefined)[] = options.indexNamespaces ?? [undefined];
  const indexes = scopes.map((namespace) => createClassIndex(api.classes(namespace), options.listUpTo ?? 500));
  const driver = createDriverFacts(api, clock);
  const cage = createCageFacts(api, clock);

  return {
    index: async () => (await Promise.all(indexes.map((index) => emptyIfMissing(index())))).flat(),
    classes: async (namespace) => {
      const list = api.classes(namespace).list();
      return (await emptyIfMissing(list.then(({ items }) => items))).map(parseProviderClass);
    },
    workloads: async (namespace) => {
      const lists = workloadKinds.map(async (kind) =>
        (await api.listApps(kind, namespace)).map((raw) => parseWorkload(kind, raw)),
      );
      return (await Promise.all(lists)).flat();
    },
    pods: async (namespace) => (await api.listPods(namespace)).map(parsePod),
    podStatuses: async (namespace) => (await emptyIfMissing(api.listPodStatuses(namespace))).map(parsePodStatus),
    revisions: async (namespace, kinds = revisionKinds) => {
      const lists = kinds.map(async (kind) =>
        (await api.listApps(kind, namespace)).map((raw) => parseRevision(kind, raw)),
      );
      return (await Promise.all(lists)).flat();
    },
    // A name comes from a tenant's class. The client would turn `.` into a list of all Secrets of the namespace.
    secret: async (namespace, name) =>
      kubernetesNamePattern.test(name)
        ? undefinedIfMissing(api.readSecret(namespace, name).then(parseSecret))
        : undefined,
    driver,
    cage,
    writeSecret: async (namespace, name, data, resourceVersion) =>
      parseSecret(await api.patchSecret(namespace, name, { metadata: { resourceVersion }, data: base64(data) })),
    restart: async (namespace, { kind, name }, marker, resourceVersion) => {
      const template = { metadata: { annotations: { [markerAnnotation]: marker } } };
      const body = { metadata: { resourceVersion }, spec: { template } };
      return parseWorkload(kind, await api.patchWorkload(kind, namespace, name, body));
    },
    touchPodStatus: async (namespace, name, at) => {
      const annotations = { [touchAnnotation]: new Date(at).toISOString() };
      await api.patchPodStatus(namespace, name, { metadata: { annotations } });
    },
    close: () => connection.close(),
  };
}

const workloadKinds: readonly WorkloadKind[] = ["Deployment", "StatefulSet", "DaemonSet"];
const revisionKinds: readonly Revision["kind"][] = ["ReplicaSet", "ControllerRevision"];

function base64(data: ReadonlyMap<string, SecretValue>): Readonly<Record<string, string>> {
  return Object.fromEntries([...data].map(([key, value]) => [key, Buffer.from(value.reveal()).toString("base64")]));
}

async function undefinedIfMissing<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof RemoteProblem && error.kind === "not-found") return undefined;
    throw error;
  }
}

/** 404 for a list means that the cluster does not know the kind: the driver is not installed there. */
async function emptyIfMissing<T>(reading: Promise<readonly T[]>): Promise<readonly T[]> {
  return (await undefinedIfMissing(reading)) ?? [];
}
