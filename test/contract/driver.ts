/**
 * What the bridge relies on in a cluster with the Secrets Store CSI driver, rotation off and on. The same cases run on
 * the stand-in in virtual time and on the rig with the real driver, kubelets and controllers.
 */

import { test } from "node:test";
import { mountCases } from "./driver-mounts.ts";
import { rolloutCases } from "./driver-rollouts.ts";
import { refreshCases } from "./driver-refreshes.ts";
import { secretCases } from "./driver-secrets.ts";
import { statusCases } from "./driver-statuses.ts";
import { strategyCases } from "./driver-strategies.ts";
import type { DriverCase, DriverSubject, Rotation } from "./driver-subject.ts";
import { tickCases } from "./driver-ticks.ts";

export function driverContract(name: string, rotation: Rotation, start: () => Promise<DriverSubject>): void {
  const given: DriverCase = (what, run, only = rotation) => {
    if (only !== rotation) return;
    test(`${name}: ${what}`, async () => {
      const subject = await start();
      try {
        await run(subject);
      } finally {
        await subject.end();
      }
    });
  };
  // First, as it takes 5 minutes on the rig.
  tickCases(given);
  refreshCases(given);
  secretCases(given);
  statusCases(given);
  mountCases(given);
  rolloutCases(given);
  strategyCases(given);
}
