/** Pods of a scenario's workloads, and what their containers started with. */

import { textAt } from "../../../local/cluster/json.ts";
import type { Rig } from "../rig.ts";
import type { Scene } from "./scene.ts";

export type ScenePods = Pick<Scene, "starts" | "live" | "pods">;

export function scenePods(rig: Rig, list: Scene["list"], namespace: string): ScenePods {
  const livePods = async (workload: string, space: string) => {
    const pods = await list("Pod", space);
    return pods
      .filter((pod) => isOf(textAt(pod, "metadata", "name"), workload))
      .filter((pod) => textAt(pod, "metadata", "deletionTimestamp") === "")
      .filter((pod) => !["Succeeded", "Failed"].includes(textAt(pod, "status", "phase")));
  };

  const pods: ScenePods = {
    starts: async (reference, space = namespace) =>
      (await rig.starts()).filter((start) => start.namespace === space && isOf(start.pod, reference)),
    live: async (reference, space = namespace) => {
      const live = await livePods(reference, space);
      const uids = new Set(live.map((pod) => textAt(pod, "metadata", "uid")));
      const starts = (await pods.starts(reference, space)).filter(({ podUid }) => uids.has(podUid));
      return [...new Map(starts.map((start) => [start.podUid, start])).values()];
    },
    pods: async (reference, space = namespace) =>
      (await livePods(reference, space)).map((pod) => textAt(pod, "metadata", "name")),
  };
  return pods;
}

/** `app` has the pods `app-0` and `app-5d9c-x7`; a bare pod has its own name. */
function isOf(pod: string, workloadName: string): boolean {
  return pod === workloadName || new RegExp(`^${workloadName}(-[a-z0-9]{4,10})?-[a-z0-9]{1,6}$`).test(pod);
}
