/** Key Vault requests of each way: what was counted, and what it comes to with more pods. Pure. */

import { modeName } from "../scenarios/scenario.ts";
import type { Mode } from "../scenarios/scenario.ts";
import { cells, modeWords, wayNames } from "./cells.ts";
import { markdownTable } from "./markdown-table.ts";
import type { VaultRequests } from "./results.ts";
import { spreadOf } from "./statistics.ts";

import { bridgeAnHour, driverAnHour, mountsOfRotation, rateOf } from "./vault-law.ts";

const podCounts = [10, 100, 1000] as const;
const objects = 3;

export function vaultTables(found: VaultRequests): readonly string[] {
  return [
    "### Key Vault requests, counted",
    "",
    ...counted(found),
    "",
    `### Key Vault requests, calculated for ${objects} objects`,
    "",
    ...calculated(found),
  ];
}

function counted({ steady, looks, rotations }: VaultRequests): readonly string[] {
  const driverRows = steady.map((one) => [
    `driver ${modeWords(one.mode)}: nothing changes`,
    `${one.pods} pods x ${one.objects} objects, ${one.minutes.toFixed(1)} min`,
    String(one.requests),
    `${rateOf(one).toFixed(1)} an hour for each pod and object`,
  ]);
  const lookRows = looks.map((one) => [
    `bridge's timer, driver ${modeWords(one.mode)}: nothing changes`,
    `one look at ${one.namespaces} namespaces with ${one.objects} objects`,
    String(one.requests),
    `${(one.requests / one.objects).toFixed(2)} for each object and look`,
  ]);
  const rotationRows = cells.flatMap(({ way, mode }) => {
    const own = rotations.filter((one) => one.way === way && modeName(one.mode) === modeName(mode));
    if (own.length === 0) return [];
    const [driver, bridge] = [spreadOf(own.map((one) => one.driver)), spreadOf(own.map((one) => one.bridge))];
    return [
      [
        `one rotation: ${wayNames[way]}, driver ${modeWords(mode)}`,
        `${own.length} rotations of 1 object`,
        `driver ${driver.p50} (${driver.min} to ${driver.max}), bridge ${bridge.p50} (${bridge.min} to ${bridge.max})`,
        "p50 (min to max)",
      ],
    ];
  });
  return markdownTable(["what", "of what", "requests", "comes to"], [...driverRows, ...lookRows, ...rotationRows]);
}

function calculated(found: VaultRequests): readonly string[] {
  const rows = cells
    .filter(({ way }) => way !== "idle")
    .flatMap(({ way, mode }) => {
      const steady = found.steady.find((one) => modeName(one.mode) === modeName(mode));
      if (steady === undefined) return [];
      const own = way === "bridge" ? bridgeParts(found, mode) : { anHour: 0, rotation: 0 };
      if (own === undefined) return [];
      const anHour = podCounts.map((pods) => driverAnHour(rateOf(steady), pods, objects) + own.anHour);
      const rotation = podCounts.map((pods) => mountsOfRotation(pods, objects) + own.rotation);
      return [[wayNames[way], modeWords(mode), ...anHour.map(whole), ...rotation.map(whole)]];
    });
  const head = [
    ...podCounts.map((pods) => `an hour, ${pods} pods (calculated)`),
    ...podCounts.map((pods) => `more for each rotation, ${pods} pods (calculated)`),
  ];
  return markdownTable(["way", "driver", ...head], rows);
}

/** What the bridge adds; its own reads for one rotation are counted where no driver polls, and the same elsewhere. */
function bridgeParts({ looks, rotations }: VaultRequests, mode: Mode) {
  const look = looks.find((one) => modeName(one.mode) === modeName(mode));
  const reads = rotations.filter(({ way }) => way === "bridge").map(({ bridge }) => bridge);
  if (look === undefined || reads.length === 0) return undefined;
  return { anHour: bridgeAnHour(look, objects), rotation: spreadOf(reads).p50 };
}

function whole(count: number): string {
  return Math.round(count).toLocaleString("en-GB");
}
