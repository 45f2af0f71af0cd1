/** How the status report names a pod and whose it is. */

import type { Pod } from "../observed.ts";
import type { Look } from "../plan/look.ts";
import type { PodVersions } from "./status-report-types.ts";

export function podOf(pod: Pod, look: Look): Pick<PodVersions, "pod" | "owner" | "ready"> {
  const workload = look.found.workloads.find(({ pods }) => pods.includes(pod));
  const other = pod.owner === undefined ? undefined : `${pod.owner.kind}/${pod.owner.name}`;
  const owner = workload?.key ?? other;
  return { pod: pod.name, ...(owner === undefined ? {} : { owner }), ready: pod.ready };
}
