/** What really happened in a cluster: read from the cluster itself, never from the bridge's own words. */

import assert from "node:assert/strict";
import type { LocalCluster } from "../../local/cluster/cluster.ts";
import { at, canonical, textAt } from "../../local/cluster/json.ts";
import type { JsonObject } from "../../local/cluster/json.ts";
import { keyOf, nameOf } from "../../local/cluster/objects.ts";
import type { World } from "./world.ts";

const workloadKinds = ["Deployment", "StatefulSet", "DaemonSet"] as const;

type ContainerStart = LocalCluster["starts"][number];

export interface Witness {
  /** Times at which the pod template of a workload (`Deployment/app`) changed. */
  restarts(workload: string, namespace?: string): readonly number[];
  /** Workloads in the order in which their templates changed. */
  order(): readonly string[];
  /** How often a Secret was deleted. */
  lost(secret: string, namespace?: string): number;
  /** Distinct values that a key of a Secret has had, in order. */
  values(secret: string, key: string, namespace?: string): readonly string[];
}

/** Watches pod templates and Secrets of the cluster `blue` from now on. */
export function witness(world: World): Witness {
  const { store } = world.blue;
  const templates = new Map<string, string>();
  const changes: { readonly name: string; readonly namespace: string; readonly at: number }[] = [];
  const deleted: string[] = [];
  const data: { readonly secret: string; readonly object: JsonObject }[] = [];
  for (const kind of workloadKinds) {
    store.watch(kind, undefined, ({ object }) => {
      const key = `${kind}/${keyOf(object)}`;
      const template = canonical(at(object, "spec", "template") ?? null);
      if (templates.has(key) && templates.get(key) !== template) {
        const namespace = textAt(object, "metadata", "namespace");
        changes.push({ name: `${kind}/${nameOf(object)}`, namespace, at: world.clock.now() });
      }
      templates.set(key, template);
    });
  }
  store.watch("Secret", undefined, ({ type, object }) => {
    if (type === "DELETED") deleted.push(keyOf(object));
    else data.push({ secret: keyOf(object), object });
  });
  return {
    restarts: (workload, namespace = "default") =>
      changes.filter((change) => change.name === workload && change.namespace === namespace).map((change) => change.at),
    order: () => changes.map((change) => change.name),
    lost: (secret, namespace = "default") => deleted.filter((key) => key === `${namespace}/${secret}`).length,
    values: (secret, key, namespace = "default") => {
      const texts = data
        .filter((seen) => seen.secret === `${namespace}/${secret}`)
        .map((seen) => Buffer.from(textAt(seen.object, "data", key), "base64").toString());
      return texts.filter((text, index) => text !== texts[index - 1]);
    },
  };
}

/** Every container start of the pods with the label `app`, oldest first. */
export function startsOf(cluster: LocalCluster, app: string, namespace: string = "default"): readonly ContainerStart[] {
  return cluster.starts.filter((start) => start.namespace === namespace && start.labels["app"] === app);
}

export interface Wanted {
  /** Live pods; 1 where it is not given. */
  readonly pods?: number;
  readonly env?: Readonly<Record<string, string>>;
  /** By whole path, as the container saw it at its start. */
  readonly files?: Readonly<Record<string, string>>;
  /** By path in the mount, as the pod has it now. */
  readonly mounted?: Readonly<Record<string, string>>;
}

/** Every live pod with the label `app` was last started with these values and has these files now. */
export function assertRuns(cluster: LocalCluster, app: string, wanted: Wanted, namespace: string = "default"): void {
  const running = cluster.running(namespace).filter((start) => start.labels["app"] === app);
  assert.equal(running.length, wanted.pods ?? 1, `live pods of ${app}`);
  for (const start of running) {
    for (const [name, value] of Object.entries(wanted.env ?? {}))
      assert.equal(start.env[name], value, `${start.pod}: env ${name}`);
    for (const [path, text] of Object.entries(wanted.files ?? {}))
      assert.equal(start.files[path], text, `${start.pod}: ${path}`);
    const mounted = wanted.mounted === undefined ? {} : cluster.mountedFiles(namespace, start.pod);
    for (const [path, text] of Object.entries(wanted.mounted ?? {}))
      assert.equal(mounted[path], text, `${start.pod}: mounted ${path}`);
  }
}

/** Names of the live pods with the label `app`, oldest first. */
export function livePods(cluster: LocalCluster, app: string, namespace: string = "default"): readonly string[] {
  const pods = cluster.store.list("Pod", namespace).items;
  return pods
    .filter(
      (pod) => textAt(pod, "metadata", "labels", "app") === app && textAt(pod, "metadata", "deletionTimestamp") === "",
    )
    .sort((a, b) => (textAt(a, "metadata", "creationTimestamp") < textAt(b, "metadata", "creationTimestamp") ? -1 : 1))
    .map(nameOf);
}
