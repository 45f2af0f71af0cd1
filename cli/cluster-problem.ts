/** Why the classes of a cluster could not be read, for a person. */

import { RemoteProblem } from "../shared/core/remote-problem.ts";
import type { FileProblem } from "./file-problem.ts";

export function clusterProblem(cluster: string, error: unknown, mend: string): FileProblem {
  // Errors of ours are plain; what anything else says stays here.
  const ours = error instanceof RemoteProblem || (error instanceof Error && error.constructor === Error);
  const problem = ours ? error.message : "Its classes cannot be read.";
  return { file: `cluster ${cluster}`, path: "", problem, mend };
}
