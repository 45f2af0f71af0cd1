/**
 * `npm run demo`: the product's main job, end to end and in real time on this machine. A secret changes in the vault;
 * the built app carries it into the cluster; then the same change without the bridge. See README.md.
 */

import { localClusters } from "./demo/local-clusters.ts";
import { demo } from "./demo/main.ts";

process.exitCode = await demo(process.argv.slice(2), localClusters);
