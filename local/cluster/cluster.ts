/**
 * A whole cluster in memory: API store, controllers, nodes with their kubelets and Secrets Store CSI drivers, and
 * optionally Stakater Reloader. Everything runs on the given clock; nothing leaves the process.
 */

import { defaultTiming } from "./cluster-options.ts";
import type { LocalClusterOptions } from "./cluster-options.ts";
import { startDaemonSets } from "./controllers/daemon-set.ts";
import { startDeployments } from "./controllers/deployment.ts";
import { startJobs } from "./controllers/job.ts";
import { startReplicaSets } from "./controllers/replica-set.ts";
import { startStatefulSets } from "./controllers/stateful-set.ts";
import { CsiDriver } from "./csi/driver.ts";
import { measuredTiming } from "./csi/driver-options.ts";
import type { Generation } from "./csi/sync-secret.ts";
import { installDriver } from "./driver-objects.ts";
import { startGarbageCollector } from "./garbage-collector.ts";
import { at, textAt } from "./json.ts";
import type { JsonObject } from "./json.ts";
import type { KindName } from "./kinds.ts";
import { applyObject, kindOf, parseManifest, rolloutUndo } from "./kubectl.ts";
import { Kubelets } from "./node/kubelets.ts";
import { Node } from "./node/node.ts";
import type { ContainerStart, NodeTiming } from "./node/node-services.ts";
import { SecretCache } from "./node/secret-cache.ts";
import { nameOf, namespaceOf, uidOf } from "./objects.ts";
import { startReloader } from "./reloader.ts";
import { Store } from "./store.ts";
import type { DeleteOptions } from "./store.ts";
import { Timers } from "./timers.ts";

export type { LocalClusterOptions } from "./cluster-options.ts";

type StartPredicate = (start: ContainerStart) => boolean;

export class LocalCluster {
  readonly name: string;
  readonly generation: Generation;
  readonly store: Store;
  /** May be changed while the cluster runs, for the starts that come after. */
  readonly timing: NodeTiming;
  readonly #timers: Timers;
  readonly #drivers: readonly CsiDriver[];
  readonly #kubelets: Kubelets;
  readonly #starts: ContainerStart[] = [];
  readonly #crashes = new Set<StartPredicate>();
  readonly #unschedulable = new Set<(pod: JsonObject) => boolean>();
  #touches = 0;

  constructor(options: LocalClusterOptions) {
    this.name = options.name;
    this.generation = options.generation;
    this.timing = { ...defaultTiming, ...options.timing };
    const timers = new Timers(options.clock);
    const history = options.watchHistory === undefined ? {} : { watchHistory: options.watchHistory };
    const store = new Store(options.clock, history);
    this.#timers = timers;
    this.store = store;
    const names = options.nodes ?? ["node-0", "node-1"];
    const timing = { ...measuredTiming, ...options.driverTiming };
    const { generation, vault, rotation, pollIntervalMs = 120_000 } = options;
    const polls = { pollIntervalMs: rotation === "on" ? pollIntervalMs : undefined };
    const machines = names.map((name, index) => {
      const node = new Node(name, timers);
      const phaseMs = index * 1700;
      return { node, driver: new CsiDriver({ store, timers, node, generation, vault, timing, phaseMs, ...polls }) };
    });
    this.#drivers = machines.map(({ driver }) => driver);
    const context = { store, timers, reactionMs: options.reactionMs ?? 20, nodes: () => names };
    startDeployments(context);
    startReplicaSets(context);
    startStatefulSets(context);
    startDaemonSets(context);
    startJobs(context);
    startGarbageCollector(store, timers, options.garbageMs ?? 50);
    const reloader = options.reloader ?? false;
    if (reloader !== false) startReloader(store, timers, reloader === true ? 1000 : reloader);
    const secrets = new SecretCache(store, timers, options.secretCacheMs ?? 0);
    const services = {
      store,
      timers,
      timing: this.timing,
      secrets,
      record: (start: ContainerStart) => {
        // The driver's own pods are of no interest to anybody.
        if (start.namespace !== "kube-system") this.#starts.push(start);
      },
      crashes: (start: ContainerStart) => [...this.#crashes].some((crash) => crash(start)),
    };
    this.#kubelets = new Kubelets(machines, services, (pod) => [...this.#unschedulable].some((rule) => rule(pod)));
    if (options.driverVisible ?? true) installDriver(store, generation, rotation, pollIntervalMs);
  }

  /** The cluster's time, in milliseconds since 1970. */
  now(): number {
    return this.#timers.now();
  }

  /** Every timer ends; what runs is left where it is. */
  stop(): void {
    this.#timers.stop();
  }

  /** `kubectl apply -f`: one object, a list of them, or YAML text. A missing namespace is made. */
  apply(manifest: unknown): readonly JsonObject[] {
    return parseManifest(manifest).map((object) => {
      const namespace = namespaceOf(object) || "default";
      if (kindOf(object) !== "Namespace" && this.store.find("Namespace", "", namespace) === undefined) {
        applyObject(this.store, { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } });
      }
      return applyObject(this.store, object);
    });
  }

  /** `kubectl edit`: reads, changes, writes back. */
  edit(kind: KindName, namespace: string, name: string, change: (object: JsonObject) => JsonObject): JsonObject {
    const edited = change(this.store.get(kind, namespace, name));
    return this.store.update(kind, edited, { fieldManager: "kubectl-edit" });
  }

  /** `kubectl patch --type=merge`; `fieldManager` names who does it. */
  patch(
    kind: KindName,
    namespace: string,
    name: string,
    patch: JsonObject,
    fieldManager: string = "kubectl-patch",
  ): JsonObject {
    return this.store.mergePatch(kind, namespace, name, patch, { fieldManager });
  }

  delete(kind: KindName, namespace: string, name: string, options: DeleteOptions = {}): void {
    this.store.delete(kind, namespace, name, options);
  }

  rolloutUndo(kind: "Deployment" | "StatefulSet" | "DaemonSet", namespace: string, name: string): void {
    rolloutUndo(this.store, kind, namespace, name);
  }

  /** `kubectl rollout restart`. */
  rolloutRestart(kind: "Deployment" | "StatefulSet" | "DaemonSet", namespace: string, name: string): void {
    const restartedAt = new Date(this.#timers.now()).toISOString();
    const template = { metadata: { annotations: { "kubectl.kubernetes.io/restartedAt": restartedAt } } };
    this.patch(kind, namespace, name, { spec: { template } }, "kubectl-rollout");
  }

  scale(kind: "Deployment" | "StatefulSet", namespace: string, name: string, replicas: number): void {
    this.patch(kind, namespace, name, { spec: { replicas } }, "kubectl");
  }

  /** The driver's 5-minute look at this pod happens now. */
  tick(namespace: string, pod: string): void {
    const uid = uidOf(this.store.get("Pod", namespace, pod));
    for (const driver of this.#drivers) driver.tick(uid);
  }

  /** Annotates all pod statuses of this pod. */
  touch(namespace: string, pod: string): void {
    this.#touches += 1;
    for (const status of this.store.list("SecretProviderClassPodStatus", namespace).items) {
      if (textAt(status, "status", "podName") !== pod) continue;
      const metadata = { annotations: { touched: String(this.#touches) } };
      this.patch("SecretProviderClassPodStatus", namespace, nameOf(status), { metadata }, "kubectl-annotate");
    }
  }

  /** The driver's processes restart on all nodes. */
  restartDrivers(): void {
    for (const driver of this.#drivers) driver.restart();
  }

  /** Containers that start with what `predicate` accepts crash; the answer ends it. */
  crashWhen(predicate: StartPredicate): () => void {
    this.#crashes.add(predicate);
    return () => {
      this.#crashes.delete(predicate);
    };
  }

  /** Pods that `predicate` accepts find no node; the answer ends it. */
  unschedulableWhen(predicate: (pod: JsonObject) => boolean): () => void {
    this.#unschedulable.add(predicate);
    return () => {
      this.#unschedulable.delete(predicate);
    };
  }

  /** The pod's processes end by themselves, with success. */
  finish(namespace: string, pod: string): void {
    this.#kubelets.finish(this.store.get("Pod", namespace, pod));
  }

  loseNode(name: string): void {
    this.#kubelets.loseNode(name);
  }

  recoverNode(name: string): void {
    this.#kubelets.recoverNode(name);
  }

  /** Every container start so far, oldest first. */
  get starts(): readonly ContainerStart[] {
    return this.#starts;
  }

  startsOf(namespace: string, pod: string): readonly ContainerStart[] {
    return this.#starts.filter((start) => start.namespace === namespace && start.pod === pod);
  }

  /** The last start of every container whose pod is live now. */
  running(namespace: string): readonly ContainerStart[] {
    const live = this.store
      .list("Pod", namespace)
      .items.filter((pod) => textAt(pod, "metadata", "deletionTimestamp") === "");
    return live.flatMap((pod) => {
      const starts = this.#starts.filter((start) => start.podUid === uidOf(pod));
      const last = new Map(starts.map((start) => [start.container, start]));
      return [...last.values()];
    });
  }

  /** The mounted files of a pod as they are now (of one of its volumes, if it is named), by path in the mount. */
  mountedFiles(namespace: string, pod: string, volume?: string): Readonly<Record<string, string>> {
    const uid = uidOf(this.store.get("Pod", namespace, pod));
    const volumes = this.#drivers.flatMap((driver) => [...driver.filesOf(uid)]);
    const files = volumes.flatMap(([name, found]) => (volume === undefined || volume === name ? [...found] : []));
    return Object.fromEntries(files.map(([path, bytes]) => [path, new TextDecoder().decode(bytes)]));
  }

  /** Text of one key of a Secret; undefined where Secret or key is missing. */
  secretValue(namespace: string, name: string, key: string): string | undefined {
    const value = at(this.store.find("Secret", namespace, name), "data", key);
    return typeof value === "string" ? Buffer.from(value, "base64").toString() : undefined;
  }
}
