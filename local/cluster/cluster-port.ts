/**
 * The Cluster port on a local cluster, in this process: for simulations in virtual time. Each call awaits a hook
 * before it reads or writes and another one before it answers, where a test injects faults, counts calls, or kills
 * the run (also between a write and its answer).
 */

import { cageName, judgeCage } from "../../shared/core/kubernetes/cage.ts";
import { problemKind } from "../../shared/core/kubernetes/api-status.ts";
import { parseDriver } from "../../shared/core/kubernetes/parse-driver.ts";
import { parsePodStatus } from "../../shared/core/kubernetes/parse-pod-status.ts";
import { parsePod } from "../../shared/core/kubernetes/parse-pod.ts";
import { parseRevision } from "../../shared/core/kubernetes/parse-revision.ts";
import { parseSecret } from "../../shared/core/kubernetes/parse-secret.ts";
import { parseWorkload } from "../../shared/core/kubernetes/parse-workload.ts";
import { fieldManager, markerAnnotation } from "../../shared/core/marker.ts";
import { RemoteProblem } from "../../shared/core/remote-problem.ts";
import type { Cluster } from "../../shared/ports.ts";
import { isApiError } from "./api-error.ts";
import type { ApiError } from "./api-error.ts";
import type { LocalCluster } from "./cluster.ts";
import { encoded } from "./csi/sync-secret.ts";
import { defaultUser } from "./http-reviews.ts";
import type { JsonObject } from "./json.ts";
import type { KindName } from "./kinds.ts";
import { once } from "./once.ts";
import { providerClassOf } from "./provider-classes.ts";

export interface PortCall {
  readonly verb: "get" | "list" | "patch";
  readonly kind: KindName;
  /** Empty for the whole cluster. */
  readonly namespace: string;
  /** Empty for a list. */
  readonly name: string;
}

export interface PortHooks {
  /** Runs before the call touches the cluster. What it throws, the call throws; an ApiError as its RemoteProblem. */
  readonly before?: (call: PortCall) => void | Promise<void>;
  /** Runs after the call took effect and before it answers. */
  readonly after?: (call: PortCall) => void | Promise<void>;
  /** The namespaces whose classes `index` shows; all by default. */
  readonly namespaces?: readonly string[];
}

export function clusterPort(cluster: LocalCluster, hooks: PortHooks = {}): Cluster {
  const { store } = cluster;
  const options = { fieldManager };

  async function call<T>(
    verb: PortCall["verb"],
    kind: KindName,
    namespace: string,
    name: string,
    run: () => T,
  ): Promise<T> {
    const described = { verb, kind, namespace, name };
    await Promise.resolve();
    try {
      await hooks.before?.(described);
      const answer = run();
      await hooks.after?.(described);
      return answer;
    } catch (error) {
      throw isApiError(error) ? remoteProblem(error, described) : error;
    }
  }

  const list = <T>(kind: KindName, namespace: string, parse: (raw: JsonObject) => T): Promise<readonly T[]> =>
    call("list", kind, namespace, "", () =>
      store.list(kind, namespace === "" ? undefined : namespace).items.map(parse),
    );

  const patched = <T>(
    kind: KindName,
    namespace: string,
    name: string,
    patch: JsonObject,
    parse: (raw: JsonObject) => T,
  ) => call("patch", kind, namespace, name, () => parse(store.mergePatch(kind, namespace, name, patch, options)));

  const found = (kind: KindName, namespace: string, name: string): Promise<JsonObject | undefined> =>
    call("get", kind, namespace, name, () => store.find(kind, namespace, name));

  return {
    index: async () => {
      if (hooks.namespaces === undefined) return list("SecretProviderClass", "", parsers.class);
      const lists = hooks.namespaces.map((namespace) => list("SecretProviderClass", namespace, parsers.class));
      return (await Promise.all(lists)).flat();
    },
    classes: (namespace) => list("SecretProviderClass", namespace, parsers.class),
    workloads: async (namespace) => [
      ...(await list("Deployment", namespace, workloadParsers.Deployment)),
      ...(await list("StatefulSet", namespace, workloadParsers.StatefulSet)),
      ...(await list("DaemonSet", namespace, workloadParsers.DaemonSet)),
    ],
    pods: (namespace) => list("Pod", namespace, parsers.pod),
    podStatuses: (namespace) => list("SecretProviderClassPodStatus", namespace, parsers.podStatus),
    revisions: async (namespace, kinds = ["ReplicaSet", "ControllerRevision"]) => [
      ...(kinds.includes("ReplicaSet") ? await list("ReplicaSet", namespace, parsers.replicaSet) : []),
      ...(kinds.includes("ControllerRevision")
        ? await list("ControllerRevision", namespace, parsers.controllerRevision)
        : []),
    ],
    secret: async (namespace, name) => {
      const raw = await found("Secret", namespace, name);
      return raw === undefined ? undefined : parsers.secret(raw);
    },
    driver: async () => {
      const csiDriver = await found("CSIDriver", "", "secrets-store.csi.k8s.io");
      return parsers.driver(csiDriver ?? absent)(
        (await found("DaemonSet", "kube-system", "aks-secrets-store-csi-driver")) ?? absent,
      );
    },
    cage: async () =>
      judgeCage({
        policy: await found("ValidatingAdmissionPolicy", "", cageName),
        binding: await found("ValidatingAdmissionPolicyBinding", "", cageName),
        user: defaultUser,
      }),
    writeSecret: (namespace, name, data, resourceVersion) =>
      patched("Secret", namespace, name, { metadata: { resourceVersion }, data: encoded(data) }, parsers.secret),
    restart: (namespace, { kind, name }, marker, resourceVersion) => {
      const template = { metadata: { annotations: { [markerAnnotation]: marker } } };
      const patch = { metadata: { resourceVersion }, spec: { template } };
      return patched(kind, namespace, name, patch, workloadParsers[kind]);
    },
    touchPodStatus: async (namespace, name, at) => {
      const annotations = { "rotation-bridge/touched-at": new Date(at).toISOString() };
      await patched("SecretProviderClassPodStatus", namespace, name, { metadata: { annotations } }, parsers.podStatus);
    },
  };
}

/** In the place of an object that is not there; it says nothing. */
const absent: JsonObject = {};

const workloadParsers = {
  Deployment: once((raw) => parseWorkload("Deployment", raw)),
  StatefulSet: once((raw) => parseWorkload("StatefulSet", raw)),
  DaemonSet: once((raw) => parseWorkload("DaemonSet", raw)),
};

const parsers = {
  class: providerClassOf,
  secret: once(parseSecret),
  pod: once(parsePod),
  podStatus: once(parsePodStatus),
  driver: once((csiDriver) => once((daemonSet) => parseDriver(csiDriver, daemonSet))),
  replicaSet: once((raw) => parseRevision("ReplicaSet", raw)),
  controllerRevision: once((raw) => parseRevision("ControllerRevision", raw)),
};

function remoteProblem(error: ApiError, { verb, kind, namespace, name }: PortCall): RemoteProblem {
  const what = `${verb} ${kind} ${[namespace, name].filter((part) => part !== "").join("/")}`.trim();
  return new RemoteProblem(
    problemKind(error.status, error.message),
    `Could not ${what}: the API answered ${error.status}.`,
    error.status,
  );
}
