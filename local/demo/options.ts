/** What the demo's command line says. */

import { parseArgs } from "node:util";
import type { Generation } from "../cluster/csi/sync-secret.ts";
import { DemoProblem } from "./problem.ts";

export interface DemoOptions {
  /** The driver generation of the cluster that the bridge looks after. */
  readonly driver: Generation;
  /** Leave everything up after the rotation, until ctrl-C. */
  readonly keep: boolean;
  readonly help: boolean;
}

export const usage = `npm run demo -- [--driver 1.5|1.6] [--keep]

  --driver   generation of the Secrets Store CSI driver in the bridge's cluster (default 1.5)
  --keep     leave everything up afterwards, to set secrets and look around; ctrl-C ends it
`;

/** Throws a {@link DemoProblem} that names the right words for what it does not know. */
export function parseDemoOptions(args: readonly string[]): DemoOptions {
  const { driver = "1.5", keep, help } = parsed(args);
  if (driver !== "1.5" && driver !== "1.6") {
    throw new DemoProblem(`There is no driver generation ${driver} here.`, "Use --driver 1.5 or --driver 1.6.");
  }
  return { driver, keep: keep ?? false, help: help ?? false };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: { driver: { type: "string" }, keep: { type: "boolean" }, help: { type: "boolean", short: "h" } },
    }).values;
  } catch (error) {
    const message = error instanceof Error ? (error.message.split("\n")[0] ?? "") : "";
    throw new DemoProblem(message, "Use --driver 1.5, --driver 1.6 or --keep, after `npm run demo --`.");
  }
}
