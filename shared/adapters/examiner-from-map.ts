/** What `doctor` asks a cluster beyond the port, by the same way in. Apart from from-map.ts, so that the app lacks it. */

import type { MappedCluster } from "../core/rotation-map/map-types.ts";
import { createCredential } from "./credential.ts";
import { accessOf } from "./from-map.ts";
import type { FromMapOptions } from "./from-map.ts";
import { createExaminer } from "./kubernetes/examiner.ts";
import type { Examiner } from "./kubernetes/examiner.ts";

/** With the caller's own sign-in. Throws as `systemsFromMap`'s clusters do at their first use. */
export async function examinerFromMap(
  cluster: MappedCluster,
  options: Pick<FromMapOptions, "folder" | "clock" | "kubeconfig">,
): Promise<Examiner> {
  const access = await accessOf(cluster.access, createCredential(), options);
  return createExaminer({ ...access, clock: options.clock });
}
