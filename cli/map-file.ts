/** The rotation map that a command works with. */

import { parseRotationMap } from "../shared/core/rotation-map.ts";
import { mapProblemText } from "../shared/core/rotation-map.ts";
import type { RotationMap } from "../shared/core/rotation-map/map-types.ts";
import { fileProblemsText } from "./file-problem.ts";
import { readText } from "./read-text.ts";

export const defaultMapFile = "rotation-map.yaml";

export type MapAnswer =
  | { readonly ok: true; readonly map: RotationMap }
  /** Lines for the terminal. */
  | { readonly ok: false; readonly problem: string };

export async function readMap(file: string): Promise<MapAnswer> {
  const read = await readText(file, "Name the rotation map with --map, or make one: rotation-bridge init.");
  if (!read.ok) return { ok: false, problem: fileProblemsText([read.problem]) };
  const parsed = parseRotationMap(read.text, file);
  if (!parsed.ok) return { ok: false, problem: `${parsed.problems.map(mapProblemText).join("\n")}\n` };
  return { ok: true, map: parsed.map };
}
