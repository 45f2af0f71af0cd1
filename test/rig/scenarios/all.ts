/** Every scenario that runs on the rig. */

import { walkthroughs } from "./a-walkthrough.ts";
import { edits } from "./b-edits.ts";
import { events } from "./b-events.ts";
import { values } from "./b-values.ts";
import type { Scenario } from "./scenario.ts";

export const scenarios: readonly Scenario[] = [...walkthroughs, ...edits, ...events, ...values];
