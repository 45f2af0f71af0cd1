/** One cluster with the workshop in it, and what a person sees who looks at it. */

import { at, isObject, listAt, numberAt, textAt } from "../cluster/json.ts";
import type { JsonObject } from "../cluster/json.ts";
import { compare, isDeleting, nameOf, uidOf } from "../cluster/objects.ts";
import { isReady } from "../cluster/pods.ts";
import type { LabCluster } from "./lab-cluster.ts";
import { deploymentName, replicas, secretName } from "./lab-manifests.ts";

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

export class Lab {
  readonly cluster: LabCluster;

  constructor(cluster: LabCluster) {
    this.cluster = cluster;
  }

  /** Oldest first. */
  pods(): readonly LabPod[] {
    return [...this.cluster.objects("Pod")].sort(compare).map((pod) => this.#seen(pod));
  }

  /** Pods that serve: neither starting nor ending. */
  readyPods(): readonly LabPod[] {
    return this.pods().filter(({ state }) => state === "Ready");
  }

  /** As many pods as asked for, all of them ready and of the newest template: what `kubectl rollout status` waits for. */
  rolledOut(): boolean {
    const deployment = this.deployment();
    const counts = ["replicas", "updatedReplicas", "availableReplicas"].map((key) =>
      numberAt(deployment, "status", key),
    );
    const observed = numberAt(deployment, "status", "observedGeneration");
    return counts.every((count) => count === replicas) && observed === numberAt(deployment, "metadata", "generation");
  }

  /** How often the Deployment's template changed since it was made. */
  restarts(): number {
    return (numberAt(this.deployment(), "metadata", "generation") ?? 1) - 1;
  }

  /** Container starts so far. */
  starts(): number {
    return this.cluster.starts().length;
  }

  secret(key: string): string | undefined {
    const value = at(this.syncedSecret(), "data", key);
    return typeof value === "string" ? Buffer.from(value, "base64").toString() : undefined;
  }

  syncedSecret(): JsonObject | undefined {
    return this.cluster.objects("Secret").find((secret) => nameOf(secret) === secretName);
  }

  deployment(): JsonObject | undefined {
    return this.cluster.objects("Deployment").find((deployment) => nameOf(deployment) === deploymentName);
  }

  #seen(pod: JsonObject): LabPod {
    const name = nameOf(pod);
    const start = this.cluster.starts().findLast(({ podUid }) => podUid === uidOf(pod));
    const state = isDeleting(pod) ? "ending" : isReady(pod) ? "Ready" : "starting";
    const mounted = this.cluster.mountedColour(name);
    return { name, colour: start?.colour, mounted, version: this.#mountedVersion(name), state };
  }

  #mountedVersion(pod: string): string | undefined {
    const status = this.cluster
      .objects("SecretProviderClassPodStatus")
      .find((item) => textAt(item, "status", "podName") === pod);
    const object = listAt(status, "status", "objects")
      .filter(isObject)
      .find(({ id }) => id === "secret/color");
    return object === undefined ? undefined : textAt(object, "version");
  }
}
