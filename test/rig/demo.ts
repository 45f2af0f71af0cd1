/** `npm run demo -- --rig`: the demo of `local/demo` against the real control plane, kubelets and drivers of the rig. */

import { demo } from "../../local/demo/main.ts";
import { rigClusters } from "./lab-clusters.ts";

process.exitCode = await demo(
  process.argv.slice(2).filter((word) => word !== "--rig"),
  rigClusters,
);
