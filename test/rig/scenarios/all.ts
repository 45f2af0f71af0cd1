/** Every scenario that runs on the rig. */

import { certificates } from "./a-tls.ts";
import { databases } from "./a-database.ts";
import { holders } from "./a-holder.ts";
import { walkthroughs } from "./a-walkthrough.ts";
import { workshops } from "./a-workshop.ts";
import { edits } from "./b-edits.ts";
import { events } from "./b-events.ts";
import { values } from "./b-values.ts";
import { crashes } from "./b-crashes.ts";
import { crashingValues } from "./b-crashing-value.ts";
import { oldMounts } from "./b-old-mounts.ts";
import { lostSecrets } from "./b-secret-lost.ts";
import { twoInstances } from "./b-two-instances.ts";
import type { Scenario } from "./scenario.ts";

export const scenarios: readonly Scenario[] = [
  ...walkthroughs,
  ...certificates,
  ...databases,
  ...holders,
  ...workshops,
  ...edits,
  ...events,
  ...values,
  ...crashes,
  ...twoInstances,
  ...oldMounts,
  ...lostSecrets,
  ...crashingValues,
];
