/** Is a rollout over? */

import { at, isObject, textAt } from "../../../local/cluster/json.ts";
import type { Json } from "../../../local/cluster/json.ts";
import type { Scene } from "./scene.ts";

/** True if all pods of `Deployment/app` are of its newest template and available, and no other lives. */
export async function rolledOut(scene: Scene, reference: string, namespace: string): Promise<boolean> {
  const [kind = "", name = ""] = reference.split("/");
  if (kind !== "Deployment" && kind !== "StatefulSet" && kind !== "DaemonSet")
    throw new Error(`${reference} is no workload.`);
  const object = await scene.get(kind, name, namespace);
  const status = (field: string) => count(at(object, "status", field));
  if (count(at(object, "status", "observedGeneration")) !== count(at(object, "metadata", "generation"))) return false;
  const daemons = kind === "DaemonSet";
  const desired = daemons ? status("desiredNumberScheduled") : count(at(object, "spec", "replicas") ?? 1);
  const counts = daemons
    ? ["updatedNumberScheduled", "numberAvailable", "currentNumberScheduled"]
    : ["updatedReplicas", "availableReplicas", "replicas"];
  const pods = await scene.list("Pod", namespace);
  const mine = pods.filter((pod) => textAt(pod, "metadata", "labels", "app") === name);
  return isObject(object) && [...counts.map(status), mine.length].every((found) => found === desired);
}

function count(value: Json | undefined): number {
  return typeof value === "number" ? value : 0;
}
