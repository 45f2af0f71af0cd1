/** What can be read of the driver in the cluster, kept for ten minutes. Everything here is optional for the bridge. */

import { csiDriverName, driverDaemonSets, driverNamespace } from "../../core/kubernetes/names.ts";
import { parseDriver } from "../../core/kubernetes/parse-driver.ts";
import type { Driver } from "../../core/observed.ts";
import { RemoteProblem } from "../../core/remote-problem.ts";
import type { Clock } from "../../ports.ts";

export interface DriverSource {
  readCsiDriver(name: string): Promise<unknown>;
  readDaemonSet(namespace: string, name: string): Promise<unknown>;
}

const keepMs = 600_000;

/** Throws a RemoteProblem only where the cluster does not answer; what is forbidden or not there is "unknown". */
export function createDriverFacts(source: DriverSource, clock: Clock): () => Promise<Driver> {
  let kept: { readonly driver: Driver; readonly until: number } | undefined;

  async function read(): Promise<Driver> {
    const csiDriver = await ifReadable(source.readCsiDriver(csiDriverName));
    for (const name of driverDaemonSets) {
      const daemonSet = await ifReadable(source.readDaemonSet(driverNamespace, name));
      if (daemonSet !== undefined) return parseDriver(csiDriver, daemonSet);
    }
    return parseDriver(csiDriver, undefined);
  }

  return async () => {
    if (kept !== undefined && clock.now() < kept.until) return kept.driver;
    const driver = await read();
    kept = { driver, until: clock.now() + keepMs };
    return driver;
  };
}

async function ifReadable(reading: Promise<unknown>): Promise<unknown> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof RemoteProblem && (error.kind === "not-found" || error.kind === "forbidden")) return undefined;
    throw error;
  }
}
