/** Which driver does the cluster run, does it rotate by itself, and does the map say the same? */

import type { Driver } from "../observed.ts";
import { ok, problem, warning } from "./check.ts";
import type { Check } from "./check.ts";

export interface DriverFacts {
  /** As the cluster's own objects tell it. */
  readonly read: Driver;
  /** As the map fixes it. */
  readonly mapped: Partial<Driver>;
}

const map = "clusters[].driver in the map";

export function checkDriver({ read, mapped }: DriverFacts): readonly Check[] {
  return [generation(read, mapped), rotation(read, mapped)];
}

function generation(read: Driver, mapped: Partial<Driver>): Check {
  const known = read.generation === "unknown" ? undefined : read.generation;
  if (mapped.generation !== undefined && known !== undefined && mapped.generation !== known)
    return problem(
      `The driver is of generation ${known}, and the map says ${mapped.generation}.`,
      `The map's word is believed: correct or remove generation of ${map}.`,
    );
  const said = known ?? mapped.generation;
  if (said === undefined || said === "unknown")
    return warning(
      "The driver's generation is not known, so it counts as 1.6, the harder case.",
      `Grant what \`rotation-bridge rbac\` prints for kube-system, or say generation of ${map}.`,
    );
  return ok(`The Secrets Store CSI driver is of generation ${said}${known === undefined ? ", by the map" : ""}.`);
}

function rotation(read: Driver, mapped: Partial<Driver>): Check {
  const known = read.rotation === "unknown" ? undefined : read.rotation;
  if (mapped.rotation !== undefined && known !== undefined && mapped.rotation !== known)
    return problem(
      `The driver's own rotation is ${known}, and the map says ${mapped.rotation}.`,
      `The map's word is believed: correct or remove rotation of ${map}.`,
    );
  const said = known ?? mapped.rotation;
  if (said === undefined || said === "unknown")
    return warning(
      "Whether the driver rotates by itself is not known, so it counts as off, the harder case.",
      `Grant what \`rotation-bridge rbac\` prints for kube-system, or say rotation of ${map}.`,
    );
  const every = (mapped.pollIntervalMs ?? read.pollIntervalMs) / 1000;
  return said === "on"
    ? ok(`Its own rotation is on, every ${every} s; the bridge goes ahead of it.`)
    : ok("Its own rotation is off: without the bridge nothing would renew the Secrets.");
}
