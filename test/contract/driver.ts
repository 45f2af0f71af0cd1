/**
 * What the bridge relies on in a cluster with the Secrets Store CSI driver, rotation off. The same cases run on the
 * stand-in in virtual time and on the rig with the real driver, kubelets and controllers.
 */

import { test } from "node:test";
import type { DriverCase, DriverSubject } from "./driver-checks.ts";
import { mountCases } from "./driver-mounts.ts";
import { rolloutCases } from "./driver-rollouts.ts";
import { secretCases } from "./driver-secrets.ts";
import { statusCases } from "./driver-statuses.ts";
import { strategyCases } from "./driver-strategies.ts";

export function driverContract(name: string, start: () => Promise<DriverSubject>): void {
  const given: DriverCase = (what, run) => {
    test(`${name}: ${what}`, async () => {
      const subject = await start();
      try {
        await run(subject);
      } finally {
        await subject.end();
      }
    });
  };
  secretCases(given);
  statusCases(given);
  mountCases(given);
  rolloutCases(given);
  strategyCases(given);
}
