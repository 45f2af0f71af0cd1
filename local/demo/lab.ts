/** One cluster with the workshop in it, and what a person sees who looks at it. */

import type { LocalClock } from "../clock.ts";
import { LocalCluster } from "../cluster/cluster.ts";
import type { VaultRead } from "../cluster/csi/mounts.ts";
import type { Generation } from "../cluster/csi/sync-secret.ts";
import { isObject, listAt, numberAt, textAt } from "../cluster/json.ts";
import type { JsonObject } from "../cluster/json.ts";
import { compare, isDeleting, nameOf, uidOf } from "../cluster/objects.ts";
import { isReady } from "../cluster/pods.ts";
import { deploymentName, manifests, namespace, replicas, secretName } from "./lab-manifests.ts";

export interface LabPod {
  readonly name: string;
  /** The colour in its environment since its start; undefined before. */
  readonly colour: string | undefined;
  /** The colour in its mounted file. */
  readonly mounted: string | undefined;
  /** Version of `color` that it has mounted, by its SecretProviderClassPodStatus. */
  readonly version: string | undefined;
  readonly state: "starting" | "Ready" | "ending";
}

/** Shorter than in production, where images are pulled and probes take their time. */
export const podTiming = { startDelayMs: 300, readyAfterMs: 1000, stopDelayMs: 400 };

export class Lab {
  readonly cluster: LocalCluster;

  constructor(name: string, generation: Generation, clock: LocalClock, vault: VaultRead) {
    this.cluster = new LocalCluster({ clock, name, generation, rotation: "off", vault, timing: podTiming });
  }

  apply(): void {
    this.cluster.apply(manifests);
  }

  /** Oldest first. */
  pods(): readonly LabPod[] {
    return [...this.cluster.store.list("Pod", namespace).items].sort(compare).map((pod) => this.#seen(pod));
  }

  /** Pods that serve: neither starting nor ending. */
  readyPods(): readonly LabPod[] {
    return this.pods().filter(({ state }) => state === "Ready");
  }

  /** As many pods as asked for, all of them ready and of the newest template: what `kubectl rollout status` waits for. */
  rolledOut(): boolean {
    const deployment = this.#deployment();
    const counts = ["replicas", "updatedReplicas", "availableReplicas"].map((key) =>
      numberAt(deployment, "status", key),
    );
    const observed = numberAt(deployment, "status", "observedGeneration");
    return counts.every((count) => count === replicas) && observed === numberAt(deployment, "metadata", "generation");
  }

  /** How often the Deployment's template changed since it was made. */
  restarts(): number {
    return (numberAt(this.#deployment(), "metadata", "generation") ?? 1) - 1;
  }

  /** Container starts so far. */
  starts(): number {
    return this.cluster.starts.filter((start) => start.namespace === namespace).length;
  }

  secret(key: string): string | undefined {
    return this.cluster.secretValue(namespace, secretName, key);
  }

  #deployment(): JsonObject | undefined {
    return this.cluster.store.find("Deployment", namespace, deploymentName);
  }

  #seen(pod: JsonObject): LabPod {
    const name = nameOf(pod);
    const start = this.cluster.startsOf(namespace, name).findLast(({ podUid }) => podUid === uidOf(pod));
    const state = isDeleting(pod) ? "ending" : isReady(pod) ? "Ready" : "starting";
    const mounted = this.cluster.mountedFiles(namespace, name)["color"];
    return { name, colour: start?.env["PODINFO_UI_COLOR"], mounted, version: this.#mountedVersion(name), state };
  }

  #mountedVersion(pod: string): string | undefined {
    const status = this.cluster.store
      .list("SecretProviderClassPodStatus", namespace)
      .items.find((item) => textAt(item, "status", "podName") === pod);
    const object = listAt(status, "status", "objects")
      .filter(isObject)
      .find(({ id }) => id === "secret/color");
    return object === undefined ? undefined : textAt(object, "version");
  }
}
