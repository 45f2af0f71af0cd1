/** Every scenario that runs on the rig. */

import { walkthroughs } from "./a-walkthrough.ts";
import type { Scenario } from "./scenario.ts";

export const scenarios: readonly Scenario[] = [...walkthroughs];
