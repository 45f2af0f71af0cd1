/** What the map itself says that a person should know before looking further. */

import { mayAct } from "../rbac-rules.ts";
import type { RotationMap } from "../rotation-map/map-types.ts";
import { listed, ok, warning } from "./check.ts";
import type { Check } from "./check.ts";

/** `file`: its name for the sentence. */
export function checkMap(map: RotationMap, file: string): readonly Check[] {
  const vaults = map.vaults.map(({ name }) => name);
  const acting = map.clusters.filter((cluster) => mayAct(map, cluster)).map(({ name }) => name);
  const observed = map.clusters.map(({ name }) => name).filter((name) => !acting.includes(name));
  const modes = [
    ...(acting.length === 0 ? [] : [`may act in ${listed(acting)}`]),
    ...(observed.length === 0 ? [] : [`only observes ${listed(observed)}`]),
  ];
  return [
    ok(`${file} is valid. Vaults: ${listed(vaults)}. By it the bridge ${modes.join(", and ")}.`),
    ...(map.writes === "stopped"
      ? [
          warning(
            "It says writes: stopped, so nothing is written anywhere.",
            "Remove it when the reason for the stop is gone.",
          ),
        ]
      : []),
  ];
}
