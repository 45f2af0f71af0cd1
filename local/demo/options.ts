/** What the demo's command line says. */

import { parseArgs } from "node:util";
import { DemoProblem } from "./problem.ts";

export interface DemoOptions {
  /** The driver of the cluster that the bridge looks after. */
  readonly driver: string;
  /** Leave everything up after the rotation, until ctrl-C. */
  readonly keep: boolean;
  readonly help: boolean;
}

export const usage = `npm run demo -- [--driver 1.5|1.6] [--keep]
npm run demo -- --rig [--driver 1.6.1|1.5.6] [--keep]

  --rig      real API servers, kubelets and drivers instead of the local cluster (needs Linux, root and Go)
  --driver   the Secrets Store CSI driver in the bridge's cluster (default 1.5, with --rig 1.6.1)
  --keep     leave everything up afterwards, to set secrets and look around; ctrl-C ends it
`;

/** The first of `drivers` is the default. Throws a {@link DemoProblem} that names the right words for what it does not know. */
export function parseDemoOptions(args: readonly string[], drivers: readonly [string, ...string[]]): DemoOptions {
  const right = drivers.map((one) => `--driver ${one}`);
  const { driver = drivers[0], keep, help } = parsed(args, right);
  if (!drivers.includes(driver)) {
    throw new DemoProblem(`There is no driver ${driver} here.`, `Use ${right.join(" or ")}.`);
  }
  return { driver, keep: keep ?? false, help: help ?? false };
}

function parsed(args: readonly string[], right: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: { driver: { type: "string" }, keep: { type: "boolean" }, help: { type: "boolean", short: "h" } },
    }).values;
  } catch (error) {
    const message = error instanceof Error ? (error.message.split("\n")[0] ?? "") : "";
    throw new DemoProblem(message, `Use ${right.join(", ")} or --keep, after \`npm run demo --\`.`);
  }
}
