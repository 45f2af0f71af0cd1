/** The pods of a world as its clusters have them: which are live, what they mount, what they read. */

import { isObject, listAt, textAt } from "../../local/cluster/json.ts";
import type { JsonObject } from "../../local/cluster/json.ts";
import type { Sim } from "./sim.ts";

export function livePods(sim: Sim, namespace: string): readonly JsonObject[] {
  return sim
    .clusterOf(namespace)
    .store.list("Pod", namespace)
    .items.filter(
      (pod) =>
        textAt(pod, "metadata", "deletionTimestamp") === "" &&
        !["Succeeded", "Failed"].includes(textAt(pod, "status", "phase")),
    );
}

interface ClassMount {
  readonly volume: string;
  readonly className: string;
}

export function mountsOf(pod: JsonObject): readonly ClassMount[] {
  return listAt(pod, "spec", "volumes").flatMap((volume) => {
    const className = textAt(volume, "csi", "volumeAttributes", "secretProviderClass");
    return className === "" ? [] : [{ volume: textAt(volume, "name"), className }];
  });
}

interface EnvRead {
  readonly secret: string;
  /** Undefined: all keys, as variables of their names. */
  readonly key: string | undefined;
  readonly variable: string | undefined;
}

export function readsOf(pod: JsonObject): readonly EnvRead[] {
  return listAt(pod, "spec", "containers").flatMap((container) => [
    ...listAt(isObject(container) ? container : {}, "env").flatMap((env) => {
      const secret = textAt(env, "valueFrom", "secretKeyRef", "name");
      return secret === ""
        ? []
        : [{ secret, key: textAt(env, "valueFrom", "secretKeyRef", "key"), variable: textAt(env, "name") }];
    }),
    ...listAt(isObject(container) ? container : {}, "envFrom").flatMap((from) => {
      const secret = textAt(from, "secretRef", "name");
      return secret === "" ? [] : [{ secret, key: undefined, variable: undefined }];
    }),
  ]);
}

/** The Secrets that it has as volumes. */
export function volumesOf(pod: JsonObject): readonly string[] {
  const names = listAt(pod, "spec", "volumes").map((volume) => textAt(volume, "secret", "secretName"));
  return names.filter((name) => name !== "");
}

/** The live pods of a workload: its labels are its name (test/scenarios/manifests.ts). */
export function podsOf(sim: Sim, namespace: string, kind: string, name: string): readonly JsonObject[] {
  return ownPods(livePods(sim, namespace), kind, name);
}

/** Those of the pods that are the workload's. */
export function ownPods(pods: readonly JsonObject[], kind: string, name: string): readonly JsonObject[] {
  const owners = kind === "Deployment" ? "ReplicaSet" : kind;
  return pods.filter((pod) => {
    const owner = listAt(pod, "metadata", "ownerReferences")[0];
    return textAt(pod, "metadata", "labels", "app") === name && textAt(owner, "kind") === owners;
  });
}

/** When it was created: whole seconds, in milliseconds. */
export function bornAt(pod: JsonObject): number {
  return Date.parse(textAt(pod, "metadata", "creationTimestamp"));
}
