/** The clusters as they are now, to be drawn in place on a terminal. */

import type { Lab } from "./lab.ts";
import { secretName } from "./lab-manifests.ts";
import type { Screen } from "./screen.ts";
import { shortVersion } from "./watch-lab.ts";

export interface Shown {
  readonly title: string;
  readonly lab: Lab;
}

/** Draws these clusters from now on, at every change of theirs. */
export function showPicture(screen: Screen, shown: readonly Shown[]): void {
  if (!screen.live) return;
  screen.picture(() => ["", ...shown.flatMap((one) => pictureOf(screen, one)), ""]);
  for (const { lab } of shown) {
    for (const kind of ["Pod", "Secret"] as const) lab.cluster.watch(kind, () => screen.refresh());
  }
}

function pictureOf({ paint }: Screen, { title, lab }: Shown): readonly string[] {
  const pods = lab.pods().map(({ name, colour, version, state }) => {
    const mounted = version === undefined ? "" : `mounts ${shortVersion(version)}`;
    return `   ${paint.colour(colour)}${" ".repeat(9 - (colour ?? "-").length)}${name.padEnd(30)} ${state.padEnd(9)} ${paint.dim(mounted)}`;
  });
  return [`  ${paint.bold(title)}, Secret ${secretName}: color ${paint.colour(lab.secret("color"))}`, ...pods];
}
