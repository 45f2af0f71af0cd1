/**
 * What can be read of the driver in the cluster. Everything here is optional for the bridge. Facts older than ten minutes
 * are read again beside the work, so that no rotation waits for them: the timer comes by more often than they expire.
 */

import { csiDriverName, driverDaemonSets, driverNamespace } from "../../core/kubernetes/names.ts";
import { parseDriver } from "../../core/kubernetes/parse-driver.ts";
import type { Driver } from "../../core/observed.ts";
import { RemoteProblem } from "../../core/remote-problem.ts";
import type { Clock } from "../../ports.ts";

export interface DriverSource {
  readCsiDriver(name: string): Promise<unknown>;
  readDaemonSet(namespace: string, name: string): Promise<unknown>;
}

/** From then on they are read again; from then on nobody goes by them any more. */
const freshMs = 600_000;
const usableMs = 1_800_000;

/** Throws a RemoteProblem only where the cluster does not answer; what is forbidden or not there is "unknown". */
export function createDriverFacts(source: DriverSource, clock: Clock): () => Promise<Driver> {
  let kept: { readonly driver: Driver; readonly at: number } | undefined;
  let reading: Promise<Driver> | undefined;

  async function read(): Promise<Driver> {
    const csiDriver = await ifReadable(source.readCsiDriver(csiDriverName));
    for (const name of driverDaemonSets) {
      const daemonSet = await ifReadable(source.readDaemonSet(driverNamespace, name));
      if (daemonSet !== undefined) return parseDriver(csiDriver, daemonSet);
    }
    return parseDriver(csiDriver, undefined);
  }

  async function readAndKeep(): Promise<Driver> {
    try {
      const driver = await read();
      kept = { driver, at: clock.now() };
      return driver;
    } finally {
      reading = undefined;
    }
  }

  return async () => {
    const age = kept === undefined ? Number.POSITIVE_INFINITY : clock.now() - kept.at;
    if (kept !== undefined && age < freshMs) return kept.driver;
    reading ??= readAndKeep();
    if (kept === undefined || age >= usableMs) return reading;
    // Whoever finds them too old to go by hears of the problem.
    reading.catch(() => undefined);
    return kept.driver;
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
